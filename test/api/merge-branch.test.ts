import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTrailers } from '../../src/git/objects/trailers.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import type { MergeBranchInput } from '../../src/operations/inputs.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { importOrphan, openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** A repository whose main and session/1 both have work of their own, in different files. */
async function diverged(): Promise<{ readonly repo: string; readonly repoId: number; readonly ours: string; readonly theirs: string }> {
  const { repo, repoId } = await world.repo();
  receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1', runId: 'run-1', sessionId: 's-1' }));
  await world.put('agent', repo, 'session/1', 'theirs', 'theirs\n');
  await world.put('owner', repo, 'main', 'ours', 'ours\n');
  return { repo, repoId, ours: await world.head(repoId, 'main'), theirs: await world.head(repoId, 'session/1') };
}

function merge(input: Partial<MergeBranchInput> & { readonly repo: string }, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof mergeBranch> {
  return mergeBranch(world.as('owner', key), { from: 'session/1', into: 'main', ...input });
}

async function codeOf(input: Parameters<typeof merge>[0], key: Parameters<VerbWorld['as']>[1]): Promise<string> {
  return problemOf(await world.withoutTrace(() => merge(input, key))).code;
}

describe('merging two branches', () => {
  it('writes a commit of both, a checkpoint of the target, and one row of the log', async () => {
    const { repo, repoId, ours, theirs } = await diverged();
    const receipt = receiptOf(await merge({ repo, message: 'Bring it in', expectedFrom: theirs, expectedInto: ours }));
    expect(receipt.outcome).toBe('MERGED');
    const target = await world.branch(repoId, 'main');
    expect(target).toMatchObject({ head: receipt.commit, version: 3, nextCheckpoint: 4, id: receipt.branchId });
    const commit = await world.commit(repoId, target.head);
    expect(commit).toMatchObject({ parents: [ours, theirs], author: { name: 'owner' }, committer: { name: 'Weir' } });
    expect(parseTrailers(commit.message)).toEqual([
      { key: 'Weir-Run', value: 'run-1' }, { key: 'Weir-Session', value: 's-1' }, { key: 'Weir-Actor', value: 'owner' }, { key: 'Weir-Checkpoint', value: '3@main' },
    ]);
    expect(await world.files(repoId, target.head)).toMatchObject({ ours: 'ours\n', theirs: 'theirs\n' });
    expect(await world.app.storage.reader().checkpoint(target.checkpointId ?? 0)).toMatchObject({ number: 3, origin: 'MERGE', state: 'CURRENT', oid: target.head, before: ours, message: 'Bring it in', runId: 'run-1', createdBy: 'owner' });
    expect((await world.app.storage.graph(repoId)).row(target.head)).toMatchObject({ parents: [ours, theirs], generation: 3, tree: commit.tree });
    expect(await world.operation(receipt.operation)).toMatchObject({
      kind: 'MERGE_BRANCH', runId: 'run-1', refs: [{ branchName: 'main', before: ours, after: target.head }], subject: { type: 'Checkpoint', id: target.checkpointId },
      events: [{ kind: 'BRANCH_MOVED', branchName: 'main', before: ours, after: target.head, version: 3, checkpointId: target.checkpointId }],
    });
    expect((await world.branch(repoId, 'session/1')).mergedAt).toBeInstanceOf(Date);
    await world.expectWholeLog(repoId);
  });

  it('by MERGE has two parents even where the target could just be moved', async () => {
    const { repo, repoId } = await world.repo();
    const before = await world.head(repoId, 'main');
    const { head } = await world.worked(repo, 'session/1');
    const { commit } = receiptOf(await merge({ repo }));
    expect((await world.commit(repoId, commit ?? '')).parents).toEqual([before, head]);
    expect((await world.commit(repoId, commit ?? '')).tree).toBe((await world.commit(repoId, head)).tree);
  });

  it('by SQUASH has one parent and all the work of the source, and only what is new the next time', async () => {
    const { repo, repoId, ours } = await diverged();
    await world.put('agent', repo, 'session/1', 'theirs', 'theirs, better\n');
    const first = receiptOf(await merge({ repo, strategy: 'SQUASH' }));
    expect(first.outcome).toBe('MERGED');
    expect((await world.commit(repoId, first.commit ?? '')).parents).toEqual([ours]);
    expect(await world.files(repoId, first.commit ?? '')).toMatchObject({ ours: 'ours\n', theirs: 'theirs, better\n' });
    expect((await world.withoutTrace(() => merge({ repo, strategy: 'SQUASH' })))).toMatchObject({ ok: true, receipt: { outcome: 'UP_TO_DATE', operation: null, commit: first.commit } });
    await world.put('agent', repo, 'session/1', 'theirs', 'theirs, best\n');
    const second = receiptOf(await merge({ repo, strategy: 'SQUASH' }));
    expect((await world.commit(repoId, second.commit ?? '')).parents).toEqual([first.commit]);
    expect(await world.files(repoId, second.commit ?? '')).toMatchObject({ theirs: 'theirs, best\n' });
  });

  it('by FAST_FORWARD_ONLY makes no commit, but a checkpoint', async () => {
    const { repo, repoId } = await world.repo();
    const before = await world.head(repoId, 'main');
    const { head } = await world.worked(repo, 'session/1');
    const receipt = receiptOf(await merge({ repo, strategy: 'FAST_FORWARD_ONLY' }));
    expect(receipt).toMatchObject({ outcome: 'FAST_FORWARD', commit: head });
    const target = await world.branch(repoId, 'main');
    expect(target).toMatchObject({ head, version: 2 });
    expect(await world.app.storage.reader().checkpoint(target.checkpointId ?? 0)).toMatchObject({ number: 2, origin: 'MERGE', oid: head, before });
  });

  it('takes the source away when asked, in the same operation', async () => {
    const { repo, repoId, ours, theirs } = await diverged();
    const { id } = await world.branch(repoId, 'session/1');
    const receipt = receiptOf(await merge({ repo, deleteSource: true }));
    expect((await world.branchById(id)).deletedAt).toBeInstanceOf(Date);
    const row = await world.operation(receipt.operation);
    expect(row.refs).toEqual([{ branchName: 'main', before: ours, after: receipt.commit }, { branchName: 'session/1', before: theirs, after: null }]);
    expect(row.events).toMatchObject([{ kind: 'BRANCH_MOVED' }, { kind: 'BRANCH_DELETED', branchId: id, version: 3 }]);
    expect((await world.branchById(id)).version).toBe(3);
  });

  it('says so when the target has it all, and writes nothing', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1' }));
    for (const strategy of ['MERGE', 'SQUASH', 'FAST_FORWARD_ONLY'] as const) {
      const outcome = await world.withoutTrace(() => merge({ repo, strategy }));
      expect(outcome).toMatchObject({ ok: true, receipt: { outcome: 'UP_TO_DATE', operation: null, commit: await world.head(repoId, 'main') } });
    }
  });

  it('revises the proposals that come from the target, and takes their approvals back', async () => {
    const { repo, repoId } = await world.repo();
    await world.worked(repo, 'release');
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'release', title: 'Release' }));
    await world.worked(repo, 'session/1');
    const receipt = receiptOf(await merge({ repo, into: 'release' }));
    expect(await world.proposal(proposalId)).toMatchObject({ head: receipt.commit, state: 'OPEN', version: 2 });
    expect((await world.operation(receipt.operation)).events).toMatchObject([{ kind: 'BRANCH_MOVED' }, { kind: 'PROPOSAL_REVISED', proposalId, after: receipt.commit }]);
    await world.expectWholeLog(repoId);
  });

  it('answers a repeated call with the first merge', async () => {
    const { repo } = await diverged();
    const first = receiptOf(await merge({ repo, idempotencyKey: `merge-${repo}` }));
    expect(await world.withoutTrace(() => merge({ repo, idempotencyKey: `merge-${repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await merge({ repo, idempotencyKey: `merge-${repo}`, strategy: 'SQUASH' }))).toMatchObject({ field: 'idempotencyKey' });
  });
});

describe('nothing is merged', () => {
  let repo: string;
  let repoId: number;

  beforeAll(async () => {
    ({ repo, repoId } = await diverged());
  });

  it('where both sides changed the same lines, files or names; each conflict has its paths', async () => {
    const { repo: conflicted, repoId: id } = await world.repo();
    await world.put('owner', conflicted, 'main', 'gone', 'a\nb\nc\nd\n');
    receiptOf(await createBranch(world.as('agent'), { repo: conflicted, name: 'session/1' }));
    await world.write('agent', conflicted, 'session/1', { write: { path: 'src/a.txt', text: 'one\nzwei\nthree\n' } }, { delete: { path: 'gone' } }, { write: { path: 'new', text: 'x\n' } });
    await world.write('owner', conflicted, 'main', { write: { path: 'src/a.txt', text: 'one\ndeux\nthree\n' } }, { write: { path: 'gone', text: 'a\nb\nc\nd\ne\n' } }, { write: { path: 'new', text: 'y\n' } });
    for (const strategy of ['MERGE', 'SQUASH'] as const) {
      const problem = problemOf(await world.withoutTrace(() => merge({ repo: conflicted, strategy })));
      expect(problem).toMatchObject({
        code: 'MERGE_CONFLICTED', repoId: id, ours: await world.head(id, 'main'), theirs: await world.head(id, 'session/1'),
        conflicts: [{ path: 'gone', kind: 'MODIFY_DELETE' }, { path: 'new', kind: 'ADD_ADD' }, { path: 'src/a.txt', paths: ['src/a.txt'], kind: 'CONTENT' }],
      });
    }
  });

  it('by FAST_FORWARD_ONLY where both have commits of their own', async () => {
    expect(problemOf(await world.withoutTrace(() => merge({ repo, strategy: 'FAST_FORWARD_ONLY' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'DIVERGED' });
  });

  it('where the histories have no commit in common', async () => {
    const { name } = await importOrphan(world);
    for (const strategy of ['MERGE', 'SQUASH', 'FAST_FORWARD_ONLY'] as const) {
      expect(problemOf(await world.withoutTrace(() => merge({ repo: name, from: 'orphan', strategy })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'UNRELATED' });
    }
  });

  it('when either head is not the one that the caller expects', async () => {
    const elsewhere = 'e'.repeat(40);
    const stale = problemOf(await world.withoutTrace(() => merge({ repo, expectedInto: elsewhere })));
    expect(stale).toMatchObject({ code: 'STALE_HEAD', expectedHead: elsewhere, actualHead: await world.head(repoId, 'main') });
    expect(problemOf(await world.withoutTrace(() => merge({ repo, expectedFrom: elsewhere })))).toMatchObject({ code: 'STALE_HEAD', actualHead: await world.head(repoId, 'session/1') });
  });

  it.each<readonly [string, Partial<MergeBranchInput>, string]>([
    ['into itself', { into: 'session/1' }, 'from'],
    ['with an empty message', { message: '' }, 'message'],
    ['with a forged trailer', { message: 'x\n\nweir-checkpoint : 1@main' }, 'message'],
  ])('%s', async (_, more, field) => {
    expect(problemOf(await world.withoutTrace(() => merge({ repo, ...more })))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('without the right to read the source, to write the target, or to delete what is to be deleted', async () => {
    expect(await codeOf({ repo }, { repos: ['x'] })).toBe('NOT_FOUND');
    expect(await codeOf({ repo, from: 'absent' }, {})).toBe('NOT_FOUND');
    expect(await codeOf({ repo, into: 'absent' }, {})).toBe('NOT_FOUND');
    expect(await codeOf({ repo }, { readBranches: ['main'] })).toBe('NOT_FOUND');
    expect(await codeOf({ repo }, { readBranches: ['session/*'] })).toBe('NOT_FOUND');
    expect(await codeOf({ repo }, { scopes: ['READ', 'WRITE'] })).toBe('FORBIDDEN');
    expect(await codeOf({ repo }, { branches: ['session/*'] })).toBe('FORBIDDEN');
    expect(await codeOf({ repo, deleteSource: true }, { branches: ['main'] })).toBe('FORBIDDEN');
    expect(await codeOf({ repo, deleteSource: true }, { scopes: ['READ', 'MERGE'] })).toBe('FORBIDDEN');
    expect(await codeOf({ repo, from: 'main', into: 'session/1', deleteSource: true }, {})).toBe('PROTECTED_BRANCH');
  });
});

describe('merging while others write', () => {
  it('loses none of eight branches that are merged into one at the same time', async () => {
    const { repo, repoId } = await world.repo();
    const names = Array.from({ length: 8 }, (_, n) => `session/${n}`);
    for (const name of names) await world.worked(repo, name);
    const outcomes = await Promise.all(names.map((from, n) => mergeBranch(world.as(`owner${n}`), { repo, from, into: 'main' })));
    expect(tally(outcomes)).toEqual({ done: 8, refused: [] });
    const target = await world.branch(repoId, 'main');
    expect(target).toMatchObject({ version: 9, nextCheckpoint: 10 });
    expect(Object.keys(await world.files(repoId, target.head))).toEqual(['README.md', ...names.map((name) => `${name}.txt`), 'src/a.txt'].sort());
    await world.expectWholeLog(repoId);
  });

  it('merges one branch into eight at the same time, without any of them waiting for ever', async () => {
    const { repo, repoId } = await world.repo();
    const targets = Array.from({ length: 8 }, (_, n) => `release/${n}`);
    for (const name of targets.slice(0, 4)) receiptOf(await createBranch(world.as('owner'), { repo, name }));
    await world.worked(repo, 'session/1');
    for (const name of targets.slice(4)) receiptOf(await createBranch(world.as('owner'), { repo, name }));
    const outcomes = await Promise.all(targets.map((into) => merge({ repo, into })));
    expect(tally(outcomes)).toEqual({ done: 8, refused: [] });
    await world.expectWholeLog(repoId);
  });

  it('lets one of several callers delete the source, and tells the others that it is gone', async () => {
    const { repo, repoId } = await world.repo();
    const targets = ['release/1', 'release/2', 'release/3'];
    for (const name of targets) receiptOf(await createBranch(world.as('owner'), { repo, name }));
    await world.worked(repo, 'session/1');
    const outcomes = await Promise.all(targets.map((into) => merge({ repo, into, deleteSource: true })));
    expect(tally(outcomes)).toEqual({ done: 1, refused: ['NOT_FOUND', 'NOT_FOUND'] });
    await world.expectWholeLog(repoId);
  });

  it('merges each of two branches into the other at the same time', async () => {
    for (let round = 0; round < 3; round++) {
      const { repo, repoId } = await diverged();
      const outcomes = await Promise.all([merge({ repo }), merge({ repo, from: 'main', into: 'session/1' })]);
      expect(tally(outcomes)).toEqual({ done: 2, refused: [] });
      for (const name of ['main', 'session/1']) expect(await world.files(repoId, await world.head(repoId, name))).toMatchObject({ ours: 'ours\n', theirs: 'theirs\n' });
    }
  });

  it('with an expected head refuses when a write comes first, and never merges into another head', async () => {
    const { repo, repoId, ours } = await diverged();
    const [merged] = await Promise.all([merge({ repo, expectedInto: ours }), world.put('owner', repo, 'main', 'rival', 'rival\n')]);
    const parents = merged.ok ? (await world.commit(repoId, merged.receipt.commit ?? '')).parents[0] : ours;
    expect(parents).toBe(ours);
    expect(tally([merged]).refused.every((code) => code === 'STALE_HEAD')).toBe(true);
    expect(await world.files(repoId, await world.head(repoId, 'main'))).toHaveProperty('rival');
  });
});
