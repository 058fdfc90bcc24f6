import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTrailers } from '../../src/git/objects/trailers.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { canRedo, canUndo } from '../../src/operations/reading/history/read-timeline.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import type { StepInput } from '../../src/operations/timeline-inputs.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { statesOf } from '../support/timeline.js';
import { importOrphan, openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const NAME = 'session/1';

/** A branch off main with three checkpoints, each of which writes its number into the file `n`; the heads from the fork point on. */
async function three(): Promise<{ readonly repo: string; readonly repoId: number; readonly heads: readonly string[] }> {
  const { repo, repoId } = await world.repo();
  receiptOf(await createBranch(world.as('agent'), { repo, name: NAME, runId: 'run-1', sessionId: 's-1' }));
  const heads = [await world.head(repoId, NAME)];
  for (const text of ['1', '2', '3']) {
    await world.put('agent', repo, NAME, 'n', text);
    heads.push(await world.head(repoId, NAME));
  }
  return { repo, repoId, heads };
}

function back(input: Partial<StepInput> & { readonly repo: string }, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof undo> {
  return undo(world.as('agent', key), { branch: NAME, ...input });
}

describe('undo', () => {
  it('moves the branch to the checkpoint before, keeps the undone one, and leaves one row of the log', async () => {
    const { repo, repoId, heads } = await three();
    const receipt = receiptOf(await back({ repo, expectedHead: heads[3] ?? '', expectedVersion: 4 }));
    const branch = await world.branch(repoId, NAME);
    expect(branch).toMatchObject({ head: heads[2], version: 5, nextCheckpoint: 4, checkpointId: receipt.checkpointId });
    expect(receipt.diff).toEqual({ from: heads[3], to: heads[2] });
    expect(await statesOf(world, branch.id)).toEqual(['1 BEHIND', '2 CURRENT', '3 UNDONE']);
    expect(await world.operation(receipt.operation)).toMatchObject({
      kind: 'UNDO', actor: 'agent', runId: null, refs: [{ branchName: NAME, before: heads[3], after: heads[2] }], subject: { type: 'Checkpoint', id: branch.checkpointId },
      events: [{ kind: 'BRANCH_MOVED', branchName: NAME, before: heads[3], after: heads[2], version: 5, checkpointId: branch.checkpointId }],
    });
    await world.expectWholeLog(repoId);
  });

  it('goes several steps at once, and from number 1 to the fork point', async () => {
    const { repo, repoId, heads } = await three();
    receiptOf(await back({ repo, steps: 2 }));
    expect(await world.head(repoId, NAME)).toBe(heads[1]);
    const receipt = receiptOf(await back({ repo }));
    const branch = await world.branch(repoId, NAME);
    expect(branch).toMatchObject({ head: heads[0], checkpointId: null, version: 6 });
    expect(receipt.checkpointId).toBeNull();
    expect((await world.operation(receipt.operation)).subject).toEqual({ type: 'Branch', id: branch.id });
    expect(await statesOf(world, branch.id)).toEqual(['1 UNDONE', '2 UNDONE', '3 UNDONE']);
    expect(await canUndo(world.as('agent'), branch)).toBe(false);
    expect(await canRedo(world.as('agent'), branch)).toBe(true);
  });

  it('leaves an abandoned line behind when the branch goes on, and then follows the new line back', async () => {
    const { repo, repoId, heads } = await three();
    receiptOf(await back({ repo, steps: 2 }));
    await world.put('agent', repo, NAME, 'n', '4');
    const branch = await world.branch(repoId, NAME);
    expect(await statesOf(world, branch.id)).toEqual(['1 BEHIND', '2 ABANDONED', '3 ABANDONED', '4 CURRENT']);
    expect(await canRedo(world.as('agent'), branch)).toBe(false);
    receiptOf(await back({ repo }));
    expect(await world.head(repoId, NAME)).toBe(heads[1]);
    expect(await statesOf(world, branch.id)).toEqual(['1 CURRENT', '2 ABANDONED', '3 ABANDONED', '4 UNDONE']);
  });

  it('takes a refresh back by its pointer: what came from the base does not hold it', async () => {
    const { repo, repoId, heads } = await three();
    await world.put('owner', repo, 'main', 'other', 'x\n');
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: 'main', into: NAME }));
    receiptOf(await back({ repo }));
    expect(await world.head(repoId, NAME)).toBe(heads[3]);
  });

  it('answers a repeated call with the first one, and a dry run with what it would do', async () => {
    const { repo, repoId, heads } = await three();
    const outcome = await world.withoutTrace(() => back({ repo, steps: 2, dryRun: true }));
    expect(outcome).toMatchObject({ ok: true, receipt: { operation: null, diff: { from: heads[3], to: heads[1] } } });
    const first = receiptOf(await back({ repo, idempotencyKey: `undo-${repo}` }));
    expect(await world.withoutTrace(() => back({ repo, idempotencyKey: `undo-${repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(await world.head(repoId, NAME)).toBe(heads[2]);
  });

  it('makes each of several calls at the same time take one step', async () => {
    const { repo, repoId, heads } = await three();
    expect(tally(await Promise.all([back({ repo }), back({ repo }), back({ repo }), back({ repo })]))).toEqual({ done: 3, refused: ['INVALID_INPUT'] });
    expect(await world.branch(repoId, NAME)).toMatchObject({ head: heads[0], version: 7 });
    await world.expectWholeLog(repoId);
  });
});

describe('undo of what something else holds', () => {
  it('writes an inverse commit once the work is merged, so that the next merge takes it out there too', async () => {
    const { repo, repoId, heads } = await three();
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    const receipt = receiptOf(await back({ repo }));
    const branch = await world.branch(repoId, NAME);
    const commit = await world.commit(repoId, branch.head);
    expect(commit).toMatchObject({ parents: [heads[3]], tree: (await world.commit(repoId, heads[2] ?? '')).tree, author: { name: 'agent' } });
    expect(parseTrailers(commit.message)).toEqual([{ key: 'Weir-Session', value: 's-1' }, { key: 'Weir-Actor', value: 'agent' }, { key: 'Weir-Checkpoint', value: '4@session/1' }]);
    expect(commit.message).toContain('Undo checkpoint 3');
    expect(await world.app.storage.reader().checkpoint(receipt.checkpointId ?? 0)).toMatchObject({ number: 4, origin: 'REVERT', state: 'CURRENT', before: heads[3], oid: branch.head });
    expect(await statesOf(world, branch.id)).toEqual(['1 BEHIND', '2 BEHIND', '3 UNDONE', '4 CURRENT']);
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    expect(await world.files(repoId, await world.head(repoId, 'main'))).toMatchObject({ n: '2' });
    await world.expectWholeLog(repoId);
  });

  it('goes on back with every further call, to the content of the fork point and no further', async () => {
    const { repo, repoId, heads } = await three();
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    receiptOf(await back({ repo }));
    receiptOf(await back({ repo }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toMatchObject({ n: '1' });
    expect(await canUndo(world.as('agent'), await world.branch(repoId, NAME))).toBe(true);
    receiptOf(await back({ repo }));
    const branch = await world.branch(repoId, NAME);
    expect((await world.commit(repoId, branch.head)).tree).toBe((await world.commit(repoId, heads[0] ?? '')).tree);
    expect(await canUndo(world.as('agent'), branch)).toBe(false);
    expect(problemOf(await world.withoutTrace(() => back({ repo })))).toMatchObject({ code: 'INVALID_INPUT', field: 'steps' });
  });

  it.each<readonly [string, (repo: string, head: string) => Promise<unknown>]>([
    ['a squash that landed', async (repo) => receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main', strategy: 'SQUASH' }))],
    ['a branch that was cut from it', async (repo) => receiptOf(await createBranch(world.as('owner'), { repo, name: 'release', from: NAME }))],
    ['a merged proposal', async (repo, head) => {
      await world.put('owner', repo, 'main', 'other', 'x\n');
      const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: NAME, title: 'Work' }));
      const { number } = await world.proposal(proposalId);
      receiptOf(await reviewProposal(world.as('reviewer'), { repo, number, verdict: 'APPROVE', head }));
      receiptOf(await mergeProposal(world.as('owner'), { repo, number, expectedHead: head, strategy: 'SQUASH' }));
    }],
  ])('is an inverse commit because of %s', async (_, hold) => {
    const { repo, repoId, heads } = await three();
    await hold(repo, heads[3] ?? '');
    receiptOf(await back({ repo }));
    expect((await world.commit(repoId, await world.head(repoId, NAME))).parents).toEqual([heads[3]]);
  });

  it('never leaves the work in a branch into which it is merged at the same time', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo, repoId, heads } = await three();
      await Promise.all([back({ repo }), mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' })].map(async (call) => receiptOf<unknown>(await call)));
      receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
      expect(await world.files(repoId, await world.head(repoId, 'main'))).toEqual(await world.files(repoId, heads[2] ?? ''));
    }
  });

  it('is a move of the pointer again once the branch that held it is gone', async () => {
    const { repo, repoId, heads } = await three();
    receiptOf(await createBranch(world.as('owner'), { repo, name: 'release', from: NAME }));
    receiptOf(await back({ repo }));
    receiptOf(await deleteBranch(world.as('owner'), { repo, name: 'release' }));
    receiptOf(await back({ repo }));
    const branch = await world.branch(repoId, NAME);
    expect(branch.head).toBe(heads[1]);
    expect(await statesOf(world, branch.id)).toEqual(['1 CURRENT', '2 UNDONE', '3 UNDONE', '4 ABANDONED']);
  });

  it('moves only forward on a protected branch', async () => {
    const { repo, repoId, heads } = await three();
    const { id } = await world.branch(repoId, NAME);
    await world.count((sql) => sql`update branch set protected = true where id = ${id} returning 1 as count`);
    receiptOf(await back({ repo, steps: 3 }));
    const commit = await world.commit(repoId, await world.head(repoId, NAME));
    expect(commit).toMatchObject({ parents: [heads[3]], tree: (await world.commit(repoId, heads[0] ?? '')).tree });
    expect(commit.message).toContain('Undo checkpoints 1 to 3');
  });
});

describe('undo and proposals', () => {
  it('revises what is pending, and keeps it open with nothing to show when all of it is undone', async () => {
    const { repo, repoId, proposalId } = await world.approved();
    const receipt = receiptOf(await back({ repo }));
    const fork = await world.head(repoId, 'main');
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head: fork, base: fork });
    expect((await world.operation(receipt.operation)).events).toMatchObject([{ kind: 'BRANCH_MOVED' }, { kind: 'PROPOSAL_REVISED', proposalId, after: fork }]);
  });
});

describe('nothing is undone', () => {
  it.each([
    ['no step', 0],
    ['fewer than none', -1],
    ['more steps than there are', 4],
    ['far more steps than there are', 2_000_000_000],
  ])('by %s', async (_, steps) => {
    const { repo } = await three();
    expect(problemOf(await world.withoutTrace(() => back({ repo, steps })))).toMatchObject({ code: 'INVALID_INPUT', field: 'steps' });
  });

  it('of the first commit of a repository, or of an import', async () => {
    const { repo, repoId } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => back({ repo, branch: 'main' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'steps' });
    expect(await canUndo(world.as('agent'), await world.branch(repoId, 'main'))).toBe(false);
    const { name } = await importOrphan(world);
    expect(problemOf(await world.withoutTrace(() => back({ repo: name, branch: 'orphan' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'steps' });
  });

  it('where the branch is not where the caller expects it', async () => {
    const { repo, heads } = await three();
    expect(problemOf(await world.withoutTrace(() => back({ repo, expectedHead: heads[1] ?? '' })))).toMatchObject({ code: 'STALE_HEAD', actualHead: heads[3] });
    expect(problemOf(await world.withoutTrace(() => back({ repo, expectedVersion: 3 })))).toMatchObject({ code: 'STALE_HEAD', actualVersion: 4 });
  });

  it('by a key that may not, or that may not write what would change', async () => {
    const { repo } = await three();
    const codeOf = async (key: Parameters<VerbWorld['as']>[1]): Promise<string> => problemOf(await world.withoutTrace(() => back({ repo }, key))).code;
    expect(await codeOf({ repos: ['x'] })).toBe('NOT_FOUND');
    expect(await codeOf({ readBranches: ['main'] })).toBe('NOT_FOUND');
    expect(await codeOf({ scopes: ['READ', 'MERGE'] })).toBe('FORBIDDEN');
    expect(await codeOf({ branches: ['main'] })).toBe('FORBIDDEN');
    expect(await codeOf({ paths: ['src/**'] })).toBe('FORBIDDEN');
    receiptOf(await back({ repo }, { paths: ['n'] }));
  });
});
