import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveRepo } from '../../src/operations/repo/archive-repo.js';
import { unarchiveRepo } from '../../src/operations/repo/unarchive-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('admin', { scopes: ['ADMIN'] });

describe('unarchiving', () => {
  it('lets the repository be written again, as it was', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await archiveRepo(admin(), { repo }));
    const { operation } = receiptOf(await unarchiveRepo(admin(), { repo }));
    expect(await world.operation(operation)).toMatchObject({ kind: 'UNARCHIVE_REPO', events: [{ kind: 'REPO_UPDATED', repoName: repo, changed: ['archived'] }] });
    expect(await world.app.storage.reader().repo(repoId)).toMatchObject({ archivedAt: null, version: 3 });
    await world.worked(repo, 'session/1');
    await world.expectWholeLog(repoId);
  });

  it('happens once when the call is repeated', async () => {
    const { repo } = await world.repo();
    receiptOf(await archiveRepo(admin(), { repo, idempotencyKey: 'a' }));
    const receipt = receiptOf(await unarchiveRepo(admin(), { repo, idempotencyKey: 'b' }));
    expect(await world.withoutTrace(() => unarchiveRepo(admin(), { repo, idempotencyKey: 'b' }))).toEqual({ ok: true, replayed: true, receipt });
  });

  it('is refused where nothing is archived, and to keys without ADMIN', async () => {
    const { repo } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => unarchiveRepo(admin(), { repo })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'LIVE' });
    receiptOf(await archiveRepo(admin(), { repo }));
    expect(problemOf(await world.withoutTrace(() => unarchiveRepo(world.as('agent'), { repo })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });
});
