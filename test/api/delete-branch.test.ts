import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('deleting a branch', () => {
  it('keeps its row, its checkpoints and its commits, and logs where it stood', async () => {
    const { repo, repoId } = await world.repo();
    const { id, head, checkpointId } = await world.worked(repo, 'session/1');
    const { operation, branchId } = receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'session/1', expectedHead: head, expectedVersion: 2 }));
    expect(branchId).toBe(id);
    expect(await world.app.storage.reader().branchByName(repoId, 'session/1')).toBeNull();
    const deleted = await world.branchById(id);
    expect(deleted).toMatchObject({ head, version: 3 });
    expect(deleted.deletedAt).toBeInstanceOf(Date);
    expect(await world.app.storage.reader().checkpoint(checkpointId ?? 0)).toMatchObject({ number: 1, oid: head });
    expect(await world.files(repoId, head)).toHaveProperty(['session/1.txt'], 'session/1\n');
    expect(await world.operation(operation)).toMatchObject({
      kind: 'DELETE_BRANCH', actor: 'agent', refs: [{ branchName: 'session/1', before: head, after: null }], subject: { type: 'Branch', id },
      events: [{ kind: 'BRANCH_DELETED', repoName: repo, branchId: id, branchName: 'session/1', before: head, after: null, version: 3 }],
    });
    await world.expectWholeLog(repoId);
  });

  it('takes a node id as well, of this repository only', async () => {
    const { repo } = await world.repo();
    const elsewhere = await world.repo();
    const branch = await world.worked(repo, 'session/1');
    const name = encodeGlobalId({ type: 'Branch', id: branch.id });
    expect(problemOf(await world.withoutTrace(() => deleteBranch(world.as('agent'), { repo: elsewhere.repo, name }))).code).toBe('NOT_FOUND');
    receiptOf(await deleteBranch(world.as('agent'), { repo, name }));
    expect(problemOf(await deleteBranch(world.as('agent'), { repo, name })).code).toBe('NOT_FOUND');
  });

  it('answers a repeated call with the first outcome, even when the name is taken again', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'session/1');
    const input = { repo, name: 'session/1', idempotencyKey: 'one' };
    const first = receiptOf(await deleteBranch(world.as('agent'), input));
    await world.worked(repo, 'session/1');
    expect(await world.withoutTrace(() => deleteBranch(world.as('agent'), input))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('a branch stays', () => {
  it('when it is the default branch', async () => {
    const { repo } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => deleteBranch(world.as('owner'), { repo, name: 'main' })))).toMatchObject({ code: 'PROTECTED_BRANCH' });
  });

  it('when it is not where the caller expects it', async () => {
    const { repo } = await world.repo();
    const { head } = await world.worked(repo, 'session/1');
    const stale = { expectedHead: 'f'.repeat(40) };
    expect(problemOf(await world.withoutTrace(() => deleteBranch(world.as('agent'), { repo, name: 'session/1', ...stale })))).toMatchObject({ code: 'STALE_HEAD', ...stale, actualHead: head, actualVersion: 2 });
    expect(problemOf(await world.withoutTrace(() => deleteBranch(world.as('agent'), { repo, name: 'session/1', expectedHead: head, expectedVersion: 1 })))).toMatchObject({ code: 'STALE_HEAD', expectedVersion: 1 });
  });

  it('when the key cannot see it, lacks the scope, or may not write it', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'session/1');
    const remove = (key: Parameters<VerbWorld['as']>[1], name = 'session/1') => world.withoutTrace(() => deleteBranch(world.as('agent', key), { repo, name }));
    const hidden = problemOf(await remove({ readBranches: ['main'] }));
    const absent = problemOf(await remove({ readBranches: ['main'] }, 'session/2'));
    expect(hidden).toEqual({ ...absent, message: absent.message.replace('session/2', 'session/1') });
    expect(problemOf(await remove({ repos: ['x'] })).code).toBe('NOT_FOUND');
    expect(problemOf(await remove({ scopes: ['READ', 'MERGE'] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'WRITE' });
    expect(problemOf(await remove({ branches: ['session/2'] }))).toMatchObject({ code: 'FORBIDDEN', needs: null });
  });
});

describe('deleting while others write', () => {
  it('lets one of several deletions win', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'session/1');
    const outcomes = await Promise.all([1, 2, 3].map((n) => deleteBranch(world.as(`agent${n}`), { repo, name: 'session/1' })));
    expect(tally(outcomes)).toEqual({ done: 1, refused: ['NOT_FOUND', 'NOT_FOUND'] });
  });

  it('puts every checkpoint either before the deletion or nowhere', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo, repoId } = await world.repo();
      const { id } = await world.worked(repo, 'session/1');
      const writes = Array.from({ length: 4 }, (_, n) => createCheckpoint(world.as(`agent${n}`), { repo, branch: 'session/1', message: 'Race', changes: [{ write: { path: `${n}`, text: `${n}` } }] }));
      const [removed, ...written] = await Promise.all([deleteBranch(world.as('agent'), { repo, name: 'session/1' }), ...writes]);
      receiptOf(removed);
      const { done, refused } = tally(written);
      expect(refused.every((code) => code === 'NOT_FOUND')).toBe(true);
      const branch = await world.branchById(id);
      expect(branch).toMatchObject({ version: 3 + done, nextCheckpoint: 2 + done });
      const files = await world.files(repoId, branch.head);
      expect(Object.keys(files).filter((path) => /^\d$/u.test(path))).toHaveLength(done);
      await world.expectWholeLog(repoId);
    }
  });
});
