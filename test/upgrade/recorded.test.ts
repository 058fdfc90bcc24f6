import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { clientFor, type TestDatabase } from '../support/postgres.js';
import { makeSandbox, type Sandbox } from '../support/sandbox.js';
import { layRecording, readRecording, recordings, type Recording } from './recording.js';
import { ADMIN_KEY } from './release.js';
import { factsOf, PROPOSALS, REPO, type Ask } from './story.js';

const MIGRATIONS = new URL('../../drizzle/migrations/', import.meta.url);

let gateway: TestGateway;
let sandbox: Sandbox;

afterEach(async () => {
  await gateway.close();
  await sandbox.remove();
});

describe('data that an earlier release left', () => {
  it.each(recordings())('at schema %s is told by this one as it was, is sound, and goes on', { timeout: 60_000 }, async (name) => {
    const recording = readRecording(name);
    sandbox = makeSandbox();
    const lay = ({ connection }: TestDatabase, data: string): Promise<void> => layRecording(recording, { shown: 'the recording', dedicated: () => clientFor(connection, 1) }, data);
    gateway = await startGateway({ laid: { adminKey: ADMIN_KEY, lay } });
    const ask: Ask = (query, variables, key) => gateway.data(query, variables, key);
    expect(await factsOf(ask)).toEqual(recording.facts);
    expect(await eventsAfter(recording.cursor)).toEqual([]);
    await isSound();
    await goesOn(recording);
    await expect.poll(() => eventsAfter(recording.cursor)).toEqual(['BRANCH_MOVED', 'BRANCH_MOVED', 'BRANCH_MOVED', 'PROPOSAL_REVIEWED', 'BRANCH_MOVED', 'PROPOSAL_MERGED']);
    await isSound();
  });

  it('is kept of every schema that a release could leave', () => {
    const numbers = readdirSync(MIGRATIONS).filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, 4));
    // The first two came together.
    expect(recordings()).toEqual(numbers.slice(1));
  });
});

/** The kinds of all events after a cursor. */
async function eventsAfter(cursor: string): Promise<string[]> {
  const { events } = await gateway.data('query ($after: String!) { events(after: $after, first: 100) { edges { node { kind } } } }', { after: cursor });
  return events.edges.map(({ node }: Json) => node.kind);
}

/** The doctor has nothing to say, and neither has git about what it would clone. */
async function isSound(): Promise<void> {
  const findings: string[] = [];
  await gateway.app.examine(({ message }) => findings.push(message));
  expect(findings).toEqual([]);
  const repo = await gateway.app.storage.reader().repoByName(REPO);
  if (repo === null) throw new TypeError('the repository is gone');
  const bare = join(sandbox.directory, `${readdirSync(sandbox.directory).length}.git`);
  await gateway.app.exportRepo(repo, bare);
  expect(execFileSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
}

/** The keys of then work, a timeline goes on through undo and redo, and a proposal is approved and merged. */
async function goesOn({ secrets: { agent, reviewer }, facts }: Recording): Promise<void> {
  const step = async (key: string, name: string, selected: string, input: Record<string, unknown>): Promise<Json> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const { [name]: payload } = await gateway.data(`mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename ... on ${type}Success { ${selected} } ... on Problem { code message } } }`, { input: { repo: REPO, ...input } }, key);
    expect(payload).toMatchObject({ __typename: `${type}Success` });
    return payload;
  };
  const branch = 'session/undone';
  const { checkpoint } = await step(agent, 'createCheckpoint', 'checkpoint { number parent { number } }', { branch, message: 'Go on', changes: [{ write: { path: 'notes/5.txt', text: 'five\n' } }] });
  // Where the release knew undo and redo, two of four were undone and one redone, and the fourth is abandoned now.
  const { node: of } = facts.repo.branches.edges.find(({ node }: Json) => node.name === branch);
  const { node: current } = of.checkpoints.edges.find(({ node }: Json) => node.state === 'CURRENT');
  expect(checkpoint).toEqual({ number: 5, parent: { number: current.number } });
  expect(await step(agent, 'undo', 'branch { checkpoint { number } }', { branch })).toMatchObject({ branch: { checkpoint: { number: current.number } } });
  expect(await step(agent, 'redo', 'branch { checkpoint { number } }', { branch })).toMatchObject({ branch: { checkpoint: { number: 5 } } });
  const { repo } = await gateway.data('query ($repo: String!, $number: Int!) { repo(name: $repo) { proposal(number: $number) { head { oid } } } }', { repo: REPO, number: PROPOSALS.open });
  const head = repo.proposal.head.oid;
  await step(reviewer, 'reviewProposal', 'proposal { state }', { number: PROPOSALS.open, head, verdict: 'APPROVE' });
  expect(await step(reviewer, 'mergeProposal', 'proposal { state }', { number: PROPOSALS.open, expectedHead: head })).toMatchObject({ proposal: { state: 'MERGED' } });
}
