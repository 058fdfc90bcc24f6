import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { statesOf } from '../support/timeline.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const NAME = 'session/1';

interface Gone {
  readonly repo: string;
  readonly repoId: number;
  readonly branchId: number;
  readonly id: string;
  readonly head: string;
}

/** A branch with two checkpoints, the second undone, that was deleted. */
async function gone(): Promise<Gone> {
  const { repo, repoId } = await world.repo();
  const { id: branchId, head } = await world.worked(repo, NAME);
  await world.put('agent', repo, NAME, 'more', 'x');
  receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
  receiptOf(await deleteBranch(world.as('agent'), { repo, name: NAME }));
  return { repo, repoId, branchId, id: encodeGlobalId({ type: 'Branch', id: branchId }), head };
}

function back(id: string, name?: string, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof restoreBranch> {
  return restoreBranch(world.as('agent', key), { id, name: name ?? null });
}

describe('restoring a branch', () => {
  it('brings back the same branch: row, timeline, and what could be redone', async () => {
    const { repo, repoId, branchId, id, head } = await gone();
    const receipt = receiptOf(await back(id));
    const branch = await world.branch(repoId, NAME);
    expect(branch).toMatchObject({ id: branchId, head, version: 6, deletedAt: null, nextCheckpoint: 3 });
    expect(await statesOf(world, branchId)).toEqual(['1 CURRENT', '2 UNDONE']);
    expect(await world.operation(receipt.operation)).toMatchObject({
      kind: 'RESTORE_BRANCH', refs: [{ branchName: NAME, before: null, after: head }], subject: { type: 'Branch', id: branchId },
      events: [{ kind: 'BRANCH_CREATED', branchId, branchName: NAME, after: head, version: 6 }],
    });
    receiptOf(await redo(world.as('agent'), { repo, branch: NAME }));
    await world.put('agent', repo, NAME, 'third', 'x');
    expect(await statesOf(world, branchId)).toEqual(['1 BEHIND', '2 BEHIND', '3 CURRENT']);
    await world.expectWholeLog(repoId);
  });

  it('under another name where its own is in use again, by a branch that stays another one', async () => {
    const { repo, repoId, branchId, id, head } = await gone();
    const { branchId: other } = receiptOf(await createBranch(world.as('agent'), { repo, name: NAME }));
    expect(problemOf(await world.withoutTrace(() => back(id)))).toMatchObject({ code: 'NAME_TAKEN', name: NAME });
    expect(problemOf(await world.withoutTrace(() => back(id, 'SESSION/1')))).toMatchObject({ code: 'NAME_TAKEN' });
    expect(problemOf(await world.withoutTrace(() => back(id, 'session/1/deep')))).toMatchObject({ code: 'NAME_TAKEN' });
    receiptOf(await back(id, 'session/old'));
    expect(await world.branch(repoId, 'session/old')).toMatchObject({ id: branchId, head });
    expect((await world.branch(repoId, NAME)).id).toBe(other);
    expect(await statesOf(world, other)).toEqual([]);
  });

  it('drops an expiry that has passed, and keeps one that has not', async () => {
    for (const [hours, kept] of [[-1, false], [1, true]] as const) {
      const { branchId, id } = await gone();
      await world.count((sql) => sql`update branch set expires_at = now() + ${hours} * interval '1 hour' where id = ${branchId} returning 1 as count`);
      receiptOf(await back(id));
      expect((await world.branchById(branchId)).expiresAt !== null).toBe(kept);
    }
  });

  it('happens once, however many ask', async () => {
    const { id } = await gone();
    expect(tally(await Promise.all([back(id), back(id), back(id)]))).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE'] });
  });

  it('answers a repeated call with the first one', async () => {
    const { id, repo } = await gone();
    const call = (): ReturnType<typeof restoreBranch> => restoreBranch(world.as('agent'), { id, idempotencyKey: `back-${repo}` });
    const first = receiptOf(await call());
    expect(await world.withoutTrace(call)).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('no branch is restored', () => {
  it('that was not deleted, or is not there', async () => {
    const { repo, repoId } = await world.repo();
    const { id } = await world.branch(repoId, 'main');
    expect(problemOf(await world.withoutTrace(() => back(encodeGlobalId({ type: 'Branch', id }))))).toMatchObject({ code: 'INVALID_STATE', actualState: 'LIVE' });
    for (const absent of ['Branch:999999', 'Repo:1', 'main', repo, '']) expect(problemOf(await world.withoutTrace(() => back(absent))).code).toBe('NOT_FOUND');
  });

  it.each(['', 'a..b', 'x.lock', 'a b', '-x'])('under the name %j', async (name) => {
    const { id } = await gone();
    expect(problemOf(await world.withoutTrace(() => back(id, name)))).toMatchObject({ code: 'INVALID_INPUT', field: 'name' });
  });

  it('by a key that may not, or may not under that name', async () => {
    const { id } = await gone();
    const codeOf = async (key: Parameters<VerbWorld['as']>[1], name?: string): Promise<string> => problemOf(await world.withoutTrace(() => back(id, name, key))).code;
    expect(await codeOf({ repos: ['x'] })).toBe('NOT_FOUND');
    expect(await codeOf({ readBranches: ['main'] })).toBe('NOT_FOUND');
    expect(await codeOf({ scopes: ['READ'] })).toBe('FORBIDDEN');
    expect(await codeOf({ branches: ['main'] })).toBe('FORBIDDEN');
    expect(await codeOf({ branches: ['session/*'] }, 'main2')).toBe('FORBIDDEN');
    expect(await codeOf({ readBranches: ['session/*'] }, 'hidden')).toBe('FORBIDDEN');
  });
});
