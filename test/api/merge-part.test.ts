import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { AcceptInput, MergeProposalInput } from '../../src/operations/inputs.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { mergeCode } from '../../src/operations/reading/comparing/merge-code.js';
import { readConflicts } from '../../src/operations/reading/comparing/read-conflicts.js';
import { directDiff, readDiffFile, readDiffStats } from '../../src/operations/reading/comparing/read-diff.js';
import type { DiffOptionsInput, DiffSpec } from '../../src/operations/reading/comparing/diff-spec.js';
import { hunkId, readHunks } from '../../src/operations/reading/comparing/read-hunks.js';
import { previewDiff } from '../../src/operations/reading/comparing/read-merge-preview.js';
import { readNode } from '../../src/operations/reading/read-node.js';
import { proposalPreview } from '../../src/operations/reading/proposal/read-proposal.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { ProposalRecord } from '../../src/domain/proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;
let count = 0;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const LINES = Array.from({ length: 30 }, (_, at) => `line ${at + 1}\n`);
const text = (changed: Readonly<Record<number, string>> = {}): string => LINES.map((line, at) => (changed[at + 1] === undefined ? line : `${changed[at + 1]}\n`)).join('');
const PAGE = { count: 100, after: null, backward: false } as const;

interface Made {
  readonly repo: string;
  readonly repoId: number;
  readonly proposalId: number;
  readonly head: string;
}

/** An approved proposal: three hunks in `a`, one in `b`, a new `c`, `old` moved to `new` with two hunks, `gone` deleted. */
async function proposed(): Promise<Made> {
  const repo = `part-${count++}`;
  const files = [{ path: 'a', text: text() }, { path: 'b', text: text() }, { path: 'old', text: text() }, { path: 'gone', text: 'gone\n' }];
  const { repoId } = receiptOf(await createRepo(world.as('owner'), { name: repo, files }));
  receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1' }));
  await world.write('agent', repo, 'session/1',
    { write: { path: 'a', text: text({ 2: 'A two', 15: 'A fifteen', 29: 'A twenty-nine' }) } }, { write: { path: 'b', text: text({ 15: 'B fifteen' }) } },
    { write: { path: 'c', text: 'new\n' } }, { delete: { path: 'old' } }, { write: { path: 'new', text: text({ 3: 'N three', 28: 'N twenty-eight' }), mode: 'EXECUTABLE' } }, { delete: { path: 'gone' } });
  const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
  return approve({ repo, repoId, proposalId, head: await world.head(repoId, 'session/1') });
}

async function approve(made: Made): Promise<Made> {
  receiptOf(await reviewProposal(world.as('reviewer'), { repo: made.repo, number: 1, verdict: 'APPROVE', head: made.head }));
  return made;
}

function merge(made: Made, more: Partial<MergeProposalInput>, key = {}): ReturnType<typeof mergeProposal> {
  return mergeProposal(world.as('reviewer', key), { repo: made.repo, number: 1, expectedHead: made.head, ...more });
}

/** What a proposal shows. */
function proposalDiff(proposal: ProposalRecord, options: DiffOptionsInput): DiffSpec {
  return directDiff(proposal.repoId, proposal.base, proposal.head, options);
}

/** The ids of the hunks of a file in a diff of the proposal. */
async function hunksOf(proposal: ProposalRecord, path: string, options: DiffOptionsInput = {}): Promise<string[]> {
  const request = world.as('reviewer');
  const file = await readDiffFile(request, proposalDiff(proposal, options), path);
  if (file === null) throw new TypeError(`${path} has not changed`);
  return (await readHunks(request, file, PAGE)).edges.map(({ node }) => hunkId(node));
}

async function taking(made: Made, path: string, ...indexes: number[]): Promise<AcceptInput> {
  const ids = await hunksOf(await world.proposal(made.proposalId), path);
  return { path, hunks: indexes.map((index) => ids[index] ?? '') };
}

async function main(made: Made): Promise<Record<string, string>> {
  return world.files(made.repoId, await world.head(made.repoId, 'main'));
}

async function declined(made: Made): Promise<readonly unknown[]> {
  return (await world.app.storage.reader().declined(made.proposalId)).map(({ path, hunks, reason }) => [path, hunks?.length ?? null, reason]);
}

describe('merging a part of a proposal', () => {
  it('brings the chosen files and hunks into the target as one commit on its head, and declines the rest with the reason', async () => {
    const made = await proposed();
    const before = await world.head(made.repoId, 'main');
    const receipt = receiptOf(await merge(made, { only: [await taking(made, 'a', 0, 2), { path: 'c' }], declineReason: 'not needed' }));
    expect(receipt).toMatchObject({ outcome: 'MERGED', commit: await world.head(made.repoId, 'main') });
    expect((await world.commit(made.repoId, receipt.commit ?? '')).parents).toEqual([before]);
    expect(await main(made)).toEqual({ a: text({ 2: 'A two', 29: 'A twenty-nine' }), b: text(), c: 'new\n', old: text(), gone: 'gone\n' });
    expect(await world.proposal(made.proposalId)).toMatchObject({ state: 'MERGED', mergeCommit: receipt.commit, closedBy: 'reviewer', head: made.head, base: before });
    expect(await declined(made)).toEqual([['a', 1, 'not needed'], ['b', null, 'not needed'], ['gone', null, 'not needed'], ['new', null, 'not needed']]);
    const [first] = await world.app.storage.reader().declined(made.proposalId);
    expect(first?.hunks).toEqual((await hunksOf(await world.proposal(made.proposalId), 'a')).slice(1, 2));
    expect(await world.operation(receipt.operation)).toMatchObject({ kind: 'MERGE_PROPOSAL', events: [{ kind: 'BRANCH_MOVED' }, { kind: 'PROPOSAL_MERGED', commit: receipt.commit }] });
    expect(await world.count((sql) => sql`select count(*) from landing where repo_id = ${made.repoId}`)).toBe(1);
    await world.expectWholeLog(made.repoId);
  });

  it('goes beside what the target has done meanwhile', async () => {
    const made = await proposed();
    await world.put('owner', made.repo, 'main', 'a', text({ 15: 'ours' }));
    receiptOf(await merge(made, { only: [await taking(made, 'a', 0)] }));
    expect((await main(made))['a']).toBe(text({ 2: 'A two', 15: 'ours' }));
  });

  it('brings the rename and the mode of a file along with any of its hunks', async () => {
    const made = await proposed();
    receiptOf(await merge(made, { only: [await taking(made, 'new', 1)] }));
    expect(await main(made)).toMatchObject({ new: text({ 28: 'N twenty-eight' }) });
    expect(await main(made)).not.toHaveProperty('old');
    const diff = directDiff(made.repoId, await world.head(made.repoId, 'main'), made.head, {});
    const { change } = (await readDiffFile(world.as('reviewer'), diff, 'new')) ?? {};
    expect(change).toMatchObject({ status: 'MODIFIED', oldMode: 0o100755, newMode: 0o100755 });
  });

  it('takes the halves of a rename one by one where the diff showed them so', async () => {
    const made = await proposed();
    const added = await hunksOf(await world.proposal(made.proposalId), 'new', { renames: false });
    receiptOf(await merge(made, { only: [{ path: 'new', hunks: added }] }));
    expect(Object.keys(await main(made)).sort()).toEqual(['a', 'b', 'gone', 'new', 'old']);
    expect(await declined(made)).toContainEqual(['old', null, null]);
  });

  it('takes hunks of a diff with another context, and says the rest in hunks of that diff', async () => {
    const made = await proposed();
    const [first = ''] = await hunksOf(await world.proposal(made.proposalId), 'a', { context: 0 });
    receiptOf(await merge(made, { only: [{ path: 'a', hunks: [first] }] }));
    expect((await main(made))['a']).toBe(text({ 2: 'A two' }));
    const [{ hunks } = { hunks: [] }] = await world.app.storage.reader().declined(made.proposalId);
    expect(hunks).toEqual((await hunksOf(await world.proposal(made.proposalId), 'a', { context: 0 })).slice(1));
  });

  it('merges everything, by the strategy and with ancestry, where everything is chosen', async () => {
    const made = await proposed();
    const all: AcceptInput[] = [await taking(made, 'a', 0, 1, 2), await taking(made, 'b', 0), { path: 'c' }, { path: 'old' }, { path: 'gone' }];
    const receipt = receiptOf(await merge(made, { only: all, rest: 'KEEP_OPEN', strategy: 'FAST_FORWARD_ONLY' }));
    expect(receipt).toMatchObject({ outcome: 'FAST_FORWARD', commit: made.head });
    expect(await world.proposal(made.proposalId)).toMatchObject({ state: 'MERGED' });
    expect(await declined(made)).toEqual([]);
  });

  it('is done once when the call is repeated', async () => {
    const made = await proposed();
    const input = { only: [{ path: 'c' }], idempotencyKey: made.repo };
    const first = receiptOf(await merge(made, input));
    expect(await world.withoutTrace(() => merge(made, input))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('the rest of a proposal that stays open', () => {
  it('is all that its diff shows, with changes requested, and the next checkpoint of the agent merges cleanly on it', async () => {
    const made = await proposed();
    const receipt = receiptOf(await merge(made, { only: [await taking(made, 'a', 0, 2), { path: 'b' }, { path: 'new' }], rest: 'KEEP_OPEN', declineReason: 'tests, please' }));
    const open = await world.proposal(made.proposalId);
    expect(open).toMatchObject({ state: 'CHANGES_REQUESTED', head: made.head, mergeCommit: null, closedAt: null });
    expect(await declined(made)).toEqual([]);
    const { edges } = await world.app.storage.reader().reviews(made.proposalId, PAGE);
    expect(edges.at(-1)?.node).toMatchObject({ verdict: 'REQUEST_CHANGES', body: 'tests, please', actor: 'reviewer', headOid: made.head });
    expect(await world.operation(receipt.operation)).toMatchObject({ events: [{ kind: 'BRANCH_MOVED' }, { kind: 'PROPOSAL_REVIEWED', reviewId: edges.at(-1)?.node.id }] });
    expect(await readDiffStats(world.as('reviewer'), proposalDiff(open, {}))).toEqual({ files: 3, additions: 2, deletions: 2 });
    expect((await world.branch(made.repoId, 'session/1')).mergedAt).toBeNull();
    expect(problemOf(await merge(made, {})).code).toBe('RULES_UNMET');

    await world.put('owner', made.repo, 'main', 'b', text({ 15: 'B fifteen, ours' }));
    await world.put('agent', made.repo, 'session/1', 'tests', 'tests\n');
    const head = await world.head(made.repoId, 'session/1');
    const revised = await world.proposal(made.proposalId);
    expect(revised).toMatchObject({ state: 'OPEN', head, base: open.base });
    expect(await readDiffStats(world.as('reviewer'), proposalDiff(revised, {}))).toMatchObject({ files: 4 });
    const done = receiptOf(await merge(await approve({ ...made, head }), {}));
    expect(done.outcome).toBe('MERGED');
    expect(await main(made)).toEqual({ a: text({ 2: 'A two', 15: 'A fifteen', 29: 'A twenty-nine' }), b: text({ 15: 'B fifteen, ours' }), c: 'new\n', new: text({ 3: 'N three', 28: 'N twenty-eight' }), tests: 'tests\n' });
    await world.expectWholeLog(made.repoId);
  });

  it('can be accepted part by part, and comes in the end to the very tree that was proposed', async () => {
    const made = await proposed();
    for (const path of ['a', 'new']) {
      receiptOf(await merge(made, { only: [await taking(made, path, 0)], rest: 'KEEP_OPEN' }));
      await approve(made);
    }
    expect(await hunksOf(await world.proposal(made.proposalId), 'a')).toHaveLength(2);
    expect(receiptOf(await merge(made, { strategy: 'SQUASH' })).outcome).toBe('MERGED');
    const [target, source] = await Promise.all(['main', 'session/1'].map(async (name) => world.commit(made.repoId, await world.head(made.repoId, name))));
    expect(target?.tree).toBe(source?.tree);
  });

  it('is refreshed from the target without meeting the accepted part again', async () => {
    const made = await proposed();
    receiptOf(await merge(made, { only: [await taking(made, 'a', 0)], rest: 'KEEP_OPEN' }));
    await world.put('owner', made.repo, 'main', 'a', text({ 2: 'A two, ours' }));
    receiptOf(await refreshBranch(world.as('agent'), { repo: made.repo, name: 'session/1' }));
    const files = await world.files(made.repoId, await world.head(made.repoId, 'session/1'));
    expect(files['a']).toBe(text({ 2: 'A two, ours', 15: 'A fifteen', 29: 'A twenty-nine' }));
  });

  it('keeps its base when the agent writes on at the same time', async () => {
    for (let round = 0; round < 4; round++) {
      const made = await proposed();
      const only = [{ path: 'c' }];
      const [merged] = await Promise.all([
        merge(made, { only, rest: 'KEEP_OPEN' }),
        createCheckpoint(world.as('agent'), { repo: made.repo, branch: 'session/1', message: 'Race', changes: [{ write: { path: 'race', text: 'race' } }] }),
      ]);
      expect(tally([merged]).refused.every((code) => code === 'STALE_HEAD')).toBe(true);
      const proposal = await world.proposal(made.proposalId);
      expect(await readDiffFile(world.as('reviewer'), proposalDiff(proposal, {}), 'c').then((file) => file === null)).toBe(merged.ok);
    }
  });

  it('is based on real ancestry again once all of it has been merged', async () => {
    const made = await proposed();
    receiptOf(await merge(made, { only: [{ path: 'c' }], rest: 'KEEP_OPEN' }));
    receiptOf(await merge(await approve(made), {}));
    await world.put('agent', made.repo, 'session/1', 'later', 'later\n');
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo: made.repo, source: 'session/1', title: 'Later' }));
    expect(await readDiffStats(world.as('reviewer'), proposalDiff(await world.proposal(proposalId), {}))).toEqual({ files: 1, additions: 1, deletions: 0 });
  });
});

describe('a preview of a part', () => {
  it('shows what the target would gain, and its ids lead back to it', async () => {
    const made = await proposed();
    const request = world.as('reviewer');
    const only = [await taking(made, 'a', 1)];
    const view = await proposalPreview(request, await world.proposal(made.proposalId), 'MERGE', [], only);
    if (view === null) throw new TypeError('there is no preview');
    expect(view.outcome).toBe('MERGED');
    const diff = previewDiff(view, {});
    if (diff === null) throw new TypeError('there is no diff');
    expect(await readDiffStats(request, diff)).toEqual({ files: 1, additions: 1, deletions: 1 });
    expect(await readNode(request, encodeGlobalId({ type: 'Diff', ...diff }))).not.toBeNull();
    const again = await readNode(request, encodeGlobalId({ type: 'MergePreview', repoId: made.repoId, from: view.theirs, into: view.ours, strategy: 'MERGE', by: view.code }));
    expect(again?.value).toMatchObject({ tree: view.tree });
    receiptOf(await merge(made, { only }));
    expect((await world.commit(made.repoId, await world.head(made.repoId, 'main'))).tree).toBe(view.tree);
  });

  it('names conflicts of that part alone, which resolutions settle', async () => {
    const made = await proposed();
    await world.write('owner', made.repo, 'main', { write: { path: 'a', text: text({ 15: 'ours' }) } }, { write: { path: 'b', text: text({ 15: 'ours' }) } });
    const only = [await taking(made, 'a', 1), { path: 'c' }];
    const conflict = problemOf(await world.withoutTrace(() => merge(made, { only })));
    expect(conflict).toMatchObject({ code: 'MERGE_CONFLICTED', conflicts: [{ path: 'a', kind: 'CONTENT' }] });
    if (conflict.code !== 'MERGE_CONFLICTED') return;
    const page = await readConflicts(world.as('reviewer'), conflict, PAGE);
    expect(page.edges.map(({ node }) => node.conflict.hunks.map(({ theirs }) => theirs.toString()))).toEqual([['A fifteen\n']]);
    const take = [{ take: { path: 'a', side: 'THEIRS' } }] as const;
    expect(problemOf(await merge(made, { only, resolutions: take }))).toMatchObject({ code: 'INVALID_INPUT', field: 'resolutions', rule: 'part/needs-review' });
    const view = await proposalPreview(world.as('reviewer'), await world.proposal(made.proposalId), 'MERGE', take, only);
    expect(view?.outcome).toBe('MERGED');
  });

  it('is not shown over a base that the key cannot read, whatever its id says', async () => {
    const made = await proposed();
    const into = await world.head(made.repoId, 'main');
    await world.put('owner', made.repo, 'main', 'c', 'ours\n');
    const from = await world.head(made.repoId, 'main');
    const by = mergeCode(world.as('reviewer'), { part: { base: made.head, only: [{ path: 'c' }] } });
    const id = encodeGlobalId({ type: 'MergePreview', repoId: made.repoId, from, into, strategy: 'MERGE', by });
    expect(await readNode(world.as('reviewer'), id)).not.toBeNull();
    expect(await readNode(world.as('reviewer', { readBranches: ['main'] }), id)).toBeNull();
  });
});

describe('a part is not merged', () => {
  it.each([
    ['of nothing', async () => [], 'only', 'part/empty'],
    ['of a file without a hunk', async () => [{ path: 'a', hunks: [] }], 'only[0].hunks', 'part/no-hunks'],
    ['of a file that has not changed', async () => [{ path: 'c' }, { path: 'nowhere' }], 'only[1].path', 'part/not-changed'],
    ['of a file that is chosen twice', async () => [{ path: 'old' }, { path: 'new' }], 'only[1].path', 'part/twice'],
    ['by an id that is none', async () => [{ path: 'a', hunks: ['DiffHunk:x'] }], 'only[0].hunks[0]', 'part/hunk-unknown'],
    ['by a hunk of another file', async (made: Made) => [{ path: 'b', hunks: [...((await taking(made, 'b', 0)).hunks ?? []), ...((await taking(made, 'a', 0)).hunks ?? [])] }], 'only[0].hunks[1]', 'part/hunk-unknown'],
    ['by hunks of diffs with different context', async (made: Made) => {
      const proposal = await world.proposal(made.proposalId);
      return [{ path: 'a', hunks: [...(await hunksOf(proposal, 'a')).slice(0, 1), ...(await hunksOf(proposal, 'a', { context: 1 })).slice(1, 2)] }];
    }, 'only[0].hunks[1]', 'part/hunks-mixed'],
    ['by a hunk of a diff that ignores white space', async (made: Made) => [{ path: 'a', hunks: await hunksOf(await world.proposal(made.proposalId), 'a', { whitespace: 'IGNORE_ALL' }) }], 'only[0].hunks[0]', 'part/hunk-white-space'],
  ] as const)('%s, and the refusal names the path', async (_, only, field, rule) => {
    const made = await proposed();
    const problem = problemOf(await world.withoutTrace(async () => merge(made, { only: await only(made) })));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT', field, rule });
    expect(problem.message).toMatch(rule === 'part/empty' ? /nothing/iu : /"(?:a|b|nowhere|new|old)"/u);
  });

  it('by a hunk of an older head, though it stays good for that one', async () => {
    const made = await proposed();
    const stale = await taking(made, 'a', 0);
    await world.put('agent', made.repo, 'session/1', 'a', text({ 2: 'A two again', 15: 'A fifteen' }));
    const head = await world.head(made.repoId, 'session/1');
    const problem = problemOf(await merge(await approve({ ...made, head }), { only: [stale] }));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT', field: 'only[0].hunks[0]', rule: 'part/hunk-unknown' });
  });

  it('by a strategy that writes no single commit, or with the source gone while the rest stays open', async () => {
    const made = await proposed();
    const only = [{ path: 'c' }];
    expect(problemOf(await merge(made, { only, strategy: 'REBASE' }))).toMatchObject({ code: 'INVALID_INPUT', field: 'strategy' });
    expect(problemOf(await merge(made, { only, rest: 'KEEP_OPEN', deleteSource: true }))).toMatchObject({ code: 'INVALID_INPUT', field: 'deleteSource' });
    expect(problemOf(await merge(made, { only, declineReason: ' ' }))).toMatchObject({ code: 'INVALID_INPUT', field: 'declineReason' });
  });

  it('that would be a file and a directory at once', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1' }));
    await world.write('agent', repo, 'session/1', { delete: { path: 'README.md' } }, { write: { path: 'README.md/inside', text: 'a directory now\n' } });
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    const made = await approve({ repo, repoId, proposalId, head: await world.head(repoId, 'session/1') });
    expect(problemOf(await merge(made, { only: [{ path: 'README.md/inside' }] }))).toMatchObject({ code: 'INVALID_INPUT', field: 'only', rule: 'part/path-clash' });
    expect(receiptOf(await merge(made, { only: [{ path: 'README.md/inside' }, { path: 'README.md' }] })).outcome).toBe('MERGED');
  });

  it('by a key whose paths do not reach a file that comes out as nobody has it', async () => {
    const made = await proposed();
    const only = [await taking(made, 'a', 0), { path: 'c' }];
    expect(problemOf(await merge(made, { only }, { paths: ['docs/**'] })).code).toBe('FORBIDDEN');
    expect(receiptOf(await merge(made, { only: [{ path: 'c' }] }, { paths: ['docs/**'] })).outcome).toBe('MERGED');
  });

  it('without the approvals that all of it needs', async () => {
    const made = await proposed();
    await world.put('agent', made.repo, 'session/1', 'more', 'more\n');
    const head = await world.head(made.repoId, 'session/1');
    expect(problemOf(await merge({ ...made, head }, { only: [{ path: 'more' }] })).code).toBe('RULES_UNMET');
  });
});
