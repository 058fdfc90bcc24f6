import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { directDiff, readChanges } from '../../src/operations/reading/comparing/read-diff.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import type { RefreshBranchInput } from '../../src/operations/timeline-inputs.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { importOrphan, openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const NAME = 'session/1';

/** A branch with work of its own whose base has gone on since. */
async function behind(): Promise<{ readonly repo: string; readonly repoId: number; readonly ours: string; readonly theirs: string }> {
  const { repo, repoId } = await world.repo();
  const { head } = await world.worked(repo, NAME);
  await world.put('owner', repo, 'main', 'base.txt', 'base\n');
  return { repo, repoId, ours: head, theirs: await world.head(repoId, 'main') };
}

function refresh(input: Partial<RefreshBranchInput> & { readonly repo: string }, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof refreshBranch> {
  return refreshBranch(world.as('agent', key), { name: NAME, ...input });
}

describe('refreshing a branch', () => {
  it('merges its base in, as a checkpoint of its own', async () => {
    const { repo, repoId, ours, theirs } = await behind();
    const receipt = receiptOf(await refresh({ repo, expectedHead: ours, expectedVersion: 2 }));
    const branch = await world.branch(repoId, NAME);
    expect(await world.commit(repoId, branch.head)).toMatchObject({ parents: [ours, theirs], author: { name: 'agent' } });
    expect(await world.files(repoId, branch.head)).toMatchObject({ 'base.txt': 'base\n', 'session/1.txt': 'session/1\n' });
    expect(await world.app.storage.reader().checkpoint(receipt.checkpointId ?? 0)).toMatchObject({ number: 2, origin: 'REFRESH', state: 'CURRENT', before: ours, runId: null, message: 'Refresh session/1 from main' });
    expect(await world.operation(receipt.operation)).toMatchObject({ kind: 'REFRESH_BRANCH', refs: [{ branchName: NAME, before: ours, after: branch.head }], events: [{ kind: 'BRANCH_MOVED', version: 3 }] });
    expect(await world.head(repoId, 'main')).toBe(theirs);
    await world.expectWholeLog(repoId);
  });

  it('writes a commit even where the branch has no work of its own, so that it can be undone', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: NAME }));
    const fork = await world.head(repoId, NAME);
    await world.put('owner', repo, 'main', 'base.txt', 'base\n');
    receiptOf(await refresh({ repo }));
    expect((await world.commit(repoId, await world.head(repoId, NAME))).parents).toEqual([fork, await world.head(repoId, 'main')]);
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    expect(await world.head(repoId, NAME)).toBe(fork);
  });

  it('brings in what is named instead, and does nothing where there is nothing to bring', async () => {
    const { repo, repoId, ours } = await behind();
    await world.worked(repo, 'session/2');
    receiptOf(await refresh({ repo, from: 'session/2' }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toMatchObject({ 'session/2.txt': 'session/2\n', 'base.txt': 'base\n' });
    const head = await world.head(repoId, NAME);
    for (const from of [null, 'main', 'session/2', ours, NAME]) {
      expect(await world.withoutTrace(() => refresh({ repo, from }))).toMatchObject({ ok: true, receipt: { operation: null, diff: { from: head, to: head } } });
    }
  });

  it('goes on after a squash into the base, on the very lines that were squashed', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: NAME }));
    await world.put('agent', repo, NAME, 'src/a.txt', 'one\n2\nthree\n');
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main', strategy: 'SQUASH' }));
    await world.put('owner', repo, 'main', 'base.txt', 'base\n');
    await world.put('agent', repo, NAME, 'src/a.txt', 'one\nII\nthree\n');
    const dry = receiptOf(await world.withoutTrace(() => refresh({ repo, dryRun: true })));
    receiptOf(await refresh({ repo }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toMatchObject({ 'src/a.txt': 'one\nII\nthree\n', 'base.txt': 'base\n' });
    const { from, to, ...merged } = dry.diff;
    expect((await readChanges(world.as('agent'), { ...directDiff(repoId, from, to, null), ...merged })).map(({ path }) => path)).toEqual(['base.txt']);
  });

  it('answers conflicts with their paths, and goes through once they are resolved', async () => {
    const { repo, repoId } = await behind();
    await world.put('owner', repo, 'main', 'src/a.txt', 'one\nzwei\nthree\n');
    await world.put('agent', repo, NAME, 'src/a.txt', 'one\ndeux\nthree\n');
    const [head, theirs] = [await world.head(repoId, NAME), await world.head(repoId, 'main')];
    for (const dryRun of [false, true]) {
      const problem = problemOf(await world.withoutTrace(() => refresh({ repo, dryRun })));
      expect(problem).toMatchObject({ code: 'MERGE_CONFLICTED', repoId, ours: head, theirs, conflicts: [{ path: 'src/a.txt', kind: 'CONTENT' }] });
    }
    const resolutions = [{ take: { path: 'src/a.txt', side: 'OURS' } }] as const;
    const dry = receiptOf(await world.withoutTrace(() => refresh({ repo, resolutions, dryRun: true })));
    const { from, to, ...merged } = dry.diff;
    expect((await readChanges(world.as('agent'), { ...directDiff(repoId, from, to, null), ...merged })).map(({ path }) => path)).toEqual(['base.txt']);
    receiptOf(await refresh({ repo, resolutions }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toMatchObject({ 'src/a.txt': 'one\ndeux\nthree\n' });
    await world.put('owner', repo, 'main', 'more.txt', 'x\n');
    expect(problemOf(await world.withoutTrace(() => refresh({ repo, resolutions })))).toMatchObject({ code: 'INVALID_INPUT', field: 'resolutions[0]' });
  });

  it('revises pending proposals, whose base moves along', async () => {
    const { repo, repoId, theirs } = await behind();
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: NAME, title: 'Work' }));
    receiptOf(await refresh({ repo }));
    expect(await world.proposal(proposalId)).toMatchObject({ head: await world.head(repoId, NAME), base: theirs });
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    const fork = (await world.branch(repoId, NAME)).forkOid;
    expect(await world.proposal(proposalId)).toMatchObject({ head: await world.head(repoId, NAME), base: fork });
  });

  it('answers a repeated call with the first one, and merges once however many ask', async () => {
    const { repo, repoId } = await behind();
    const outcomes = await Promise.all([refresh({ repo }), refresh({ repo }), refresh({ repo })]);
    expect(tally(outcomes)).toEqual({ done: 3, refused: [] });
    expect(await world.branch(repoId, NAME)).toMatchObject({ nextCheckpoint: 3 });
    await world.put('owner', repo, 'main', 'more.txt', 'x\n');
    const first = receiptOf(await refresh({ repo, idempotencyKey: `refresh-${repo}` }));
    expect(await world.withoutTrace(() => refresh({ repo, idempotencyKey: `refresh-${repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('nothing is refreshed', () => {
  it('without a base, from what cannot be read, or from a history of its own', async () => {
    const { repo } = await behind();
    expect(problemOf(await world.withoutTrace(() => refresh({ repo, name: 'main' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'from' });
    expect(problemOf(await world.withoutTrace(() => refresh({ repo, from: 'nowhere' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'from' });
    expect(problemOf(await world.withoutTrace(() => refresh({ repo }, { readBranches: ['session/*'] })))).toMatchObject({ code: 'INVALID_INPUT', field: 'from' });
    await world.worked(repo, 'session/2', NAME);
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: NAME }));
    expect(problemOf(await world.withoutTrace(() => refresh({ repo, name: 'session/2' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'from' });
    const { name } = await importOrphan(world);
    expect(problemOf(await world.withoutTrace(() => refresh({ repo: name, name: 'orphan', from: 'main' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'UNRELATED' });
  });

  it('on a moved or protected branch, or by a key that may not', async () => {
    const { repo, repoId } = await behind();
    const codeOf = async (more: Partial<RefreshBranchInput>, key?: Parameters<VerbWorld['as']>[1]): Promise<string> => problemOf(await world.withoutTrace(() => refresh({ repo, ...more }, key))).code;
    expect(await codeOf({ expectedVersion: 1 })).toBe('STALE_HEAD');
    expect(await codeOf({}, { repos: ['x'] })).toBe('NOT_FOUND');
    expect(await codeOf({}, { scopes: ['READ'] })).toBe('FORBIDDEN');
    expect(await codeOf({}, { branches: ['main'] })).toBe('FORBIDDEN');
    const { id } = await world.branch(repoId, NAME);
    await world.count((sql) => sql`update branch set protected = true where id = ${id} returning 1 as count`);
    expect(await codeOf({})).toBe('PROTECTED_BRANCH');
  });
});
