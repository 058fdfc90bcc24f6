import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveRepo } from '../../src/operations/repo/archive-repo.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('admin', { scopes: ['ADMIN'] });

describe('a deleted repository', () => {
  it('is absent to everybody, and its name is free for another', async () => {
    const { repo, repoId } = await world.repo();
    const { operation } = receiptOf(await deleteRepo(admin(), { repo }));
    expect(await world.operation(operation)).toMatchObject({ kind: 'DELETE_REPO', subject: { type: 'Repo', id: repoId }, events: [{ kind: 'REPO_DELETED', repoName: repo }] });
    const reader = world.app.storage.reader();
    expect([await reader.repo(repoId), await reader.repoByName(repo), await world.app.storage.repoNamed(repo)]).toEqual([null, null, null]);
    expect(problemOf(await createCheckpoint(admin(), { repo, branch: 'main', message: 'm', changes: [{ write: { path: 'x', text: 'x' } }] }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(problemOf(await deleteRepo(admin(), { repo }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(receiptOf(await createRepo(world.as('owner'), { name: repo })).repoId).not.toBe(repoId);
    await world.expectWholeLog(repoId);
  });

  it('may have been archived', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await archiveRepo(admin(), { repo }));
    receiptOf(await deleteRepo(admin(), { repo, expectedVersion: 2 }));
    expect(await world.app.storage.reader().repo(repoId)).toBeNull();
  });

  it('gets nothing more from writers that were under way', async () => {
    const { repo, repoId } = await world.repo();
    const writers = [0, 1, 2, 3].map((n) => createCheckpoint(world.as('agent'), { repo, branch: 'main', message: 'm', changes: [{ write: { path: `f${n}`, text: 'x' } }] }));
    const deleted = deleteRepo(admin(), { repo });
    const { refused } = tally(await Promise.all(writers));
    expect(refused.every((code) => code === 'NOT_FOUND')).toBe(true);
    const { operation } = receiptOf(await deleted);
    expect(await world.count((sql) => sql`select count(*) from operation where stream = ${repoId} and seq > ${operation.seq}`)).toBe(0);
  });

  it('is deleted once when the call is repeated, by its name even after another has it', async () => {
    const { repo } = await world.repo();
    const input = { repo, idempotencyKey: 'once' };
    const receipt = receiptOf(await deleteRepo(admin(), input));
    const other = receiptOf(await createRepo(world.as('owner'), { name: repo }));
    expect(await world.withoutTrace(() => deleteRepo(admin(), input))).toEqual({ ok: true, replayed: true, receipt });
    expect(await world.app.storage.reader().repo(other.repoId)).not.toBeNull();
  });

  it('is deleted by ADMIN alone, at the expected version', async () => {
    const { repo } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => deleteRepo(world.as('agent'), { repo })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(problemOf(await world.withoutTrace(() => deleteRepo(admin(), { repo, expectedVersion: 9 })))).toMatchObject({ code: 'STALE_HEAD', actualVersion: 1 });
  });
});
