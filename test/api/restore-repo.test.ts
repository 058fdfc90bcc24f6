import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { restoreRepo } from '../../src/operations/repo/restore-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

async function deleted(): Promise<{ readonly repo: string; readonly repoId: number; readonly head: string; readonly id: string }> {
  const { repo, repoId, head } = await world.proposed();
  receiptOf(await deleteRepo(admin(), { repo }));
  return { repo, repoId, head, id: encodeGlobalId({ type: 'Repo', id: repoId }) };
}

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('admin', { scopes: ['ADMIN'] });

describe('a repository that comes back', () => {
  it('is the one it was, with its branches and proposals, and can be worked on', async () => {
    const { repo, repoId, head, id } = await deleted();
    const { operation } = receiptOf(await restoreRepo(admin(), { id }));
    expect(await world.operation(operation)).toMatchObject({ kind: 'RESTORE_REPO', subject: { type: 'Repo', id: repoId }, events: [{ kind: 'REPO_CREATED', repoName: repo }] });
    expect(await world.head(repoId, 'session/1')).toBe(head);
    expect(await world.app.storage.reader().proposalByNumber(repoId, 1)).toMatchObject({ state: 'OPEN', head });
    await world.put('agent', repo, 'session/1', 'later', 'later');
    await world.expectWholeLog(repoId);
  });

  it('takes another name where its own is in use', async () => {
    const { repo, repoId, id } = await deleted();
    receiptOf(await createRepo(world.as('owner'), { name: repo }));
    expect(problemOf(await world.withoutTrace(() => restoreRepo(admin(), { id })))).toMatchObject({ code: 'NAME_TAKEN', name: repo });
    receiptOf(await restoreRepo(admin(), { id, name: `${repo}-old` }));
    expect(await world.app.storage.reader().repoByName(`${repo}-old`)).toMatchObject({ id: repoId });
  });

  it('comes back once, whoever asks', async () => {
    const { id } = await deleted();
    expect(tally(await Promise.all([1, 2, 3].map(() => restoreRepo(admin(), { id }))))).toEqual({ done: 1, refused: ['NOT_FOUND', 'NOT_FOUND'] });
  });

  it('does so for keys with ADMIN that reach both names alone', async () => {
    const { id } = await deleted();
    expect(problemOf(await world.withoutTrace(() => restoreRepo(world.as('agent'), { id })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(problemOf(await world.withoutTrace(() => restoreRepo(world.as('far', { scopes: ['ADMIN'], repos: ['other'] }), { id })))).toMatchObject({ code: 'NOT_FOUND' });
    expect(problemOf(await world.withoutTrace(() => restoreRepo(world.as('near', { scopes: ['ADMIN'], repos: ['repo-*'] }), { id, name: 'other' })))).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(problemOf(await world.withoutTrace(() => restoreRepo(admin(), { id, name: 'Not Good' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'name' });
  });

  it.each(['Repo:999999', 'Branch:1', 'name', ''])('is not one that is not deleted: %j', async (id) => {
    expect(problemOf(await world.withoutTrace(() => restoreRepo(admin(), { id })))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
