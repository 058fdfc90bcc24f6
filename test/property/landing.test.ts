import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCommit } from '../../src/git/objects/commit.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { receiptOf } from '../support/operations.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';
import { filesOf } from '../support/verbs.js';

/** Proposals that want to land; can be set from outside, where the soak asks for more. */
const PROPOSALS = Number(process.env['WEIR_TEST_RUNS'] ?? 20);
/** How many of them each agent brings: 10 agents with 2, or 50 with 5. */
const EACH = PROPOSALS >= 100 ? 5 : 2;
const REPO = 'landing';

let two: TwoGateways;
beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());

interface Waiting {
  readonly agent: number;
  readonly path: string;
  readonly number: number;
  readonly head: string;
}

/** An approved proposal that adds a file of its own. */
async function propose(agent: number, nth: number): Promise<Waiting> {
  const by = two.by(`agent${agent}`, agent);
  const source = `work/${agent}-${nth}`;
  const path = `src/${agent % 7}/${agent}-${nth}.txt`;
  receiptOf(await createBranch(by, { repo: REPO, name: source }));
  receiptOf(await createCheckpoint(by, { repo: REPO, branch: source, message: 'Work', changes: [{ write: { path, text: `${agent} ${nth}\n` } }] }));
  const { proposalId } = receiptOf(await openProposal(by, { repo: REPO, source, title: source }));
  const proposal = await two.by('owner', agent).reader.proposal(proposalId);
  if (proposal === null) throw new TypeError('a proposal that was just opened is not there');
  const { number, head } = proposal;
  receiptOf(await reviewProposal(two.by('reviewer', agent), { repo: REPO, number, verdict: 'APPROVE', head }));
  return { agent, path, number, head };
}

/** The commits of a branch from its head to its first, by first parents. */
async function firstParents(repoId: number, head: string): Promise<{ readonly oid: string; readonly parents: readonly string[] }[]> {
  const line: { readonly oid: string; readonly parents: readonly string[] }[] = [];
  for (let oid: string | undefined = head; oid !== undefined; oid = line.at(-1)?.parents[0]) {
    line.push({ oid, parents: (await readCommit(two.store(0, repoId), oid)).parents });
  }
  return line;
}

it('lands every proposal that agents race into one branch through two gateways, each merge on the one before', async () => {
  const repoId = await two.makeRepo(REPO);
  const agents = Array.from({ length: PROPOSALS / EACH }, (_, agent) => agent);
  const start = (await two.by('owner', 0).reader.branchByName(repoId, 'main'))?.head ?? '';
  const waiting: Waiting[][] = [];
  for (const agent of agents) {
    const own: Waiting[] = [];
    for (let nth = 0; nth < EACH; nth++) own.push(await propose(agent, nth));
    waiting.push(own);
  }

  const began = performance.now();
  const slowest = { milliseconds: 0, passedBy: 0 };
  let done = 0;
  // Every agent asks for its next merge when it was told of the last, now through the one gateway and now through the other.
  const land = async (own: readonly Waiting[]): Promise<string[]> => {
    const landed: string[] = [];
    for (const [nth, { agent, number, head }] of own.entries()) {
      const asked = { at: performance.now(), done };
      const receipt = receiptOf(await mergeProposal(two.by(`merger${agent}`, agent + nth), { repo: REPO, number, expectedHead: head }));
      slowest.milliseconds = Math.max(slowest.milliseconds, performance.now() - asked.at);
      slowest.passedBy = Math.max(slowest.passedBy, done++ - asked.done);
      expect(receipt.outcome).toBe('MERGED');
      landed.push(head);
    }
    return landed;
  };
  const heads = (await Promise.all(waiting.map(land))).flat();
  const seconds = (performance.now() - began) / 1000;
  if (PROPOSALS >= 100) process.stdout.write(`${heads.length} proposals landed in ${seconds.toFixed(1)} s, ${(heads.length / seconds).toFixed(1)} a second; the slowest waited ${Math.round(slowest.milliseconds)} ms, the mean ${Math.round((1000 * seconds * agents.length) / heads.length)} ms; nobody was passed by more than ${slowest.passedBy}\n`);
  // In line behind everybody else, once in each of the two gateways; and a few come before the line forms.
  expect(slowest.passedBy).toBeLessThanOrEqual(3 * agents.length);

  const fresh = await two.fresh();
  try {
    const main = (await fresh.storage.reader().branchByName(repoId, 'main'))?.head ?? '';
    const line = await firstParents(repoId, main);
    const merges = line.filter(({ parents }) => parents.length === 2);
    expect(line.map(({ oid }) => oid)[PROPOSALS]).toBe(start);
    expect(merges.map(({ parents }) => parents[1]).sort()).toEqual([...heads].sort());
    const query = { stream: repoId, repoGlobs: ['**'], server: false, kinds: ['MERGE_PROPOSAL' as const], actor: null, keyId: null, branchName: null, proposalId: null, runId: null, since: null, until: null, afterSeq: 0 };
    const logged = await fresh.storage.reader().operations(query, { count: PROPOSALS + 1, after: null, backward: false });
    const moves = logged.edges.flatMap(({ node }) => node.refs.filter(({ branchName }) => branchName === 'main'));
    expect(moves.map(({ after }) => after)).toEqual(merges.map(({ oid }) => oid).reverse());
    expect(moves.map(({ before }) => before)).toEqual([start, ...moves.slice(0, -1).map(({ after }) => after)]);
    const files = Object.keys(await filesOf(fresh.storage.objects.open(repoId), main));
    expect(files.sort()).toEqual(['README.md', ...waiting.flat().map(({ path }) => path)].sort());
    const repo = await fresh.storage.reader().repo(repoId);
    if (repo === null) throw new TypeError('the repository is gone');
    const path = join(two.directory, 'landed.git');
    await fresh.exportRepo(repo, path);
    expect(execFileSync('git', ['-C', path, 'fsck', '--full', '--strict', '--no-progress', '--no-dangling'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
    expect(execFileSync('git', ['-C', path, 'rev-list', '--count', '--first-parent', 'main'], { encoding: 'utf8' }).trim()).toBe(String(PROPOSALS + 1));
    expect(await fresh.storage.verifyLog(repoId)).toMatchObject({ ok: true });
  } finally {
    await fresh.close();
  }
}, 30_000 + PROPOSALS * 1_000);
