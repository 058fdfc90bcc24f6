import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { historyBundle } from '../support/history-bundle.js';

const AGENTS = 20;
const CHECKPOINTS = 3;

let gateway: TestGateway;
let url: string;
let scratch: string;

beforeAll(async () => {
  gateway = await startGateway();
  url = (await gateway.listen()).url;
  scratch = mkdtempSync(join(tmpdir(), 'weir-main-job-'));
});
afterAll(async () => {
  await gateway.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** One operation over the network, by plain fetch. */
async function ask(key: string, query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
  const { data, errors }: Json = await response.json();
  if (errors !== undefined) throw new TypeError(JSON.stringify(errors));
  return data;
}

/** A mutation that must succeed. */
async function done(key: string, verb: string, selection: string, input: Record<string, unknown>): Promise<Json> {
  const type = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  const data = await ask(key, `mutation ($input: ${type}Input!) { ${verb}(input: $input) { __typename ... on ${type}Success { ${selection} } ... on Problem { code message hint } } }`, { input });
  if (data[verb].__typename !== `${type}Success`) throw new TypeError(JSON.stringify(data[verb]));
  return data[verb];
}

function git(repository: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

async function importExpress(): Promise<void> {
  const { app } = gateway;
  const key = await app.storage.reader().apiKeys({ count: 1, after: null, backward: false });
  const admin = key.edges[0]?.node;
  if (admin === undefined) throw new TypeError('there is no admin key');
  const outcome = await importRepo(
    { gateway: app.gateway, reader: app.storage.reader(), requestId: 'import', signal: new AbortController().signal, viewer: { key: admin, actor: 'admin', onBehalfOf: null } },
    { name: 'express', source: await app.openImport(historyBundle('express')) },
  );
  if (!outcome.ok) throw new TypeError(outcome.problem.message);
}

/** One agent's work: a branch of its own, its checkpoints, a proposal. Answers the proposal's number and head. */
async function work(key: string, agent: number): Promise<{ readonly number: number; readonly head: string }> {
  const branch = `session/${agent}`;
  await done(key, 'createBranch', 'branch { headOid }', { repo: 'express', name: branch, runId: `run-${agent}`, sessionId: String(agent) });
  for (let step = 1; step <= CHECKPOINTS; step++) {
    const changes = [{ write: { path: `agents/${agent}/step-${step}.txt`, text: `agent ${agent}, step ${step}\n` } }];
    const { checkpoint } = await done(key, 'createCheckpoint', 'checkpoint { number } branch { headOid version }', { repo: 'express', branch, message: `Step ${step} of agent ${agent}`, prompt: `do step ${step}`, changes });
    expect(checkpoint.number).toBe(step);
  }
  const { proposal } = await done(key, 'openProposal', 'proposal { number state head { oid } diff { stats { files additions deletions } } }', { repo: 'express', source: branch, title: `Work of agent ${agent}` });
  expect(proposal).toMatchObject({ state: 'OPEN', diff: { stats: { files: CHECKPOINTS, additions: CHECKPOINTS, deletions: 0 } } });
  return { number: proposal.number, head: proposal.head.oid };
}

const OPENED = 'subscription ($after: String) { proposalOpened(repo: "express", after: $after) { cursor proposal { number title } } }';
const CHANGED = 'subscription ($after: String) { proposalChanged(repo: "express", after: $after) { __typename cursor proposal { number } } }';

/** The first `count` events of a subscription, by the field that carries them. */
async function take(stream: AsyncIterableIterator<Json>, field: string, count: number): Promise<Json[]> {
  const events: Json[] = [];
  for await (const { data } of stream) {
    events.push(data[field]);
    if (events.length === count) break;
  }
  return events;
}

describe('the main job on a real repository', () => {
  it('takes 20 agents’ work from session branches over proposals and reviews into the default branch', async () => {
    await importExpress();
    const agents = await Promise.all(Array.from({ length: AGENTS }, (_, n) => gateway.createKey({ name: `agent-${n}`, actor: `agent-${n}`, scopes: ['READ', 'WRITE', 'PROPOSE'], repos: ['express'], branches: ['session/**'] })));
    const reviewer = await gateway.createKey({ name: 'ada', actor: 'ada', scopes: ['READ', 'REVIEW', 'MERGE'], repos: ['express'] });

    // The cursor first, then the streams: what happens in between is not lost.
    const { eventCursor } = await ask(reviewer, '{ eventCursor }');
    const sse = createSseClient({ url: `${url}/graphql`, headers: { authorization: `Bearer ${reviewer}` } });
    const ws = createWsClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${reviewer}` } });
    const seen = take(sse.iterate({ query: OPENED, variables: { after: eventCursor } }), 'proposalOpened', AGENTS);
    const changes = take(ws.iterate({ query: CHANGED, variables: { after: eventCursor } }), 'proposalChanged', AGENTS * 3);

    const proposals = await Promise.all(agents.map((key, agent) => work(key, agent)));
    const opened = await seen;
    expect(opened.map((event) => event.proposal.number)).toEqual(Array.from({ length: AGENTS }, (_, n) => n + 1));

    const commits = await Promise.all(
      proposals.map(async ({ number, head }) => {
        const { proposal } = await done(reviewer, 'reviewProposal', 'proposal { state }', { repo: 'express', number, verdict: 'APPROVE', head });
        expect(proposal.state).toBe('APPROVED');
        const merged = await done(reviewer, 'mergeProposal', 'outcome commit { oid } proposal { state }', { repo: 'express', number, expectedHead: head });
        expect(merged).toMatchObject({ outcome: 'MERGED', proposal: { state: 'MERGED' } });
        return String(merged.commit.oid);
      }),
    );
    expect(new Set(commits).size).toBe(AGENTS);
    const kinds = await changes;
    for (const { number } of proposals) {
      expect(kinds.filter((event) => event.proposal.number === number).map((event) => event.__typename)).toEqual(['ProposalOpened', 'ProposalReviewed', 'ProposalMerged']);
    }
    sse.dispose();
    await ws.dispose();
  }, 120_000);

  it('leaves a history that real git reads as the API tells it', async () => {
    const repo = await gateway.app.storage.reader().repoByName('express');
    if (repo === null) throw new TypeError('express is gone');
    const bare = join(scratch, 'express.git');
    await gateway.app.exportRepo(repo, bare);
    const { status, stdout, stderr } = spawnSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
    expect([status, `${stdout}${stderr}`.replaceAll(/^notice:.*\n/gmu, '')]).toEqual([0, '']);

    const data = await ask(gateway.adminKey, '{ repo(name: "express") { defaultBranch { headOid version } commits(first: 100) { nodes { oid headline parents { oid } trailers { key value } } } } }');
    const { nodes } = data.repo.commits;
    const log = git(bare, 'log', '-n100', '--format=%H %P|%s', 'master').trim().split('\n');
    expect(nodes.map((commit: Json) => `${[commit.oid, ...commit.parents.map((parent: Json) => parent.oid)].join(' ')}|${commit.headline}`)).toEqual(log);
    expect(data.repo.defaultBranch).toEqual({ headOid: git(bare, 'rev-parse', 'master').trim(), version: 1 + AGENTS });

    const files = git(bare, 'ls-tree', '-r', '--name-only', 'master', 'agents').trim().split('\n');
    expect(files).toHaveLength(AGENTS * CHECKPOINTS);
    for (let agent = 0; agent < AGENTS; agent++) {
      const trailers = git(bare, 'log', '-1', '--format=%(trailers:only,unfold)', `session/${agent}`).trim().split('\n');
      expect(trailers).toEqual([`Weir-Run: run-${agent}`, `Weir-Session: ${agent}`, `Weir-Actor: agent-${agent}`, `Weir-Checkpoint: ${CHECKPOINTS}@session/${agent}`]);
    }
  }, 60_000);

  it('finds everything whole afterwards', async () => {
    const findings: string[] = [];
    const examined = await gateway.app.examine(({ message }) => findings.push(message));
    expect(findings).toEqual([]);
    expect(examined.operations).toBeGreaterThan(AGENTS * (1 + CHECKPOINTS + 1 + 2));
  }, 60_000);
});
