import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RepoChanged, type RepoChange, type Transaction } from '../../src/domain/ports/transaction.js';
import { DEFAULT_REPO_SETTINGS } from '../../src/domain/repo-settings.js';
import { makeRepo, newOperation, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let store: StorageFixture;

beforeAll(async () => {
  store = await openStorageFixture();
});
afterAll(() => store.close());

function change(wanted: RepoChange, seen: number | null = null) {
  return store.storage.transaction(async (tx: Transaction) => {
    const answer = await tx.updateRepo(wanted);
    await tx.append(newOperation(wanted.id, { kind: 'UPDATE_REPO', repoVersion: seen }));
    return answer;
  });
}

describe('a repository’s own version', () => {
  it('is counted up by a change of the repository, and by nothing else', async () => {
    const { id } = await makeRepo(store.storage, 'counted');
    const versions: (number | undefined)[] = [];
    const look = async (): Promise<void> => void versions.push((await store.storage.reader().repo(id))?.version);
    await look();
    await store.storage.transaction((tx) => tx.append(newOperation(id)));
    await look();
    await change({ id, description: 'now' }, 1);
    await look();
    expect(versions).toEqual([1, 1, 2]);
  });

  it('stops whoever read another one, and leaves nothing of their work', async () => {
    const { id } = await makeRepo(store.storage, 'stopped');
    await change({ id, description: 'first' }, 1);
    await expect(change({ id, description: 'second' }, 1)).rejects.toThrow(RepoChanged);
    await expect(store.storage.transaction((tx) => tx.append(newOperation(id, { repoVersion: 1 })))).rejects.toThrow(RepoChanged);
    expect(await store.storage.reader().repo(id)).toMatchObject({ description: 'first', version: 2 });
    expect(await store.storage.verifyLog(id)).toEqual({ ok: true, rows: 2 });
  });

  it('is the first that a reader has seen, by whichever name it asked', async () => {
    const { id, name } = await makeRepo(store.storage, 'seen');
    const [byId, byName, none] = [store.storage.reader(), store.storage.reader(), store.storage.reader()];
    await Promise.all([byId.repo(id), byName.repoByName(name)]);
    await change({ id, description: 'later' });
    await byId.repoByName(name);
    expect([byId.repoSeen(id)?.version, byName.repoSeen(id)?.version, none.repoSeen(id)]).toEqual([1, 1, null]);
    byId.forget();
    await byId.repo(id);
    expect(byId.repoSeen(id)?.version).toBe(2);
  });

  it('is in the row of the log of no operation', async () => {
    const { id } = await makeRepo(store.storage, 'unsaid');
    await change({ id, description: 'x' }, 1);
    const [row] = await store.sql`select convert_from(payload, 'UTF8') as said from operation where stream = ${id} and seq = 2`;
    expect(row?.['said']).not.toContain('repoVersion');
  });
});

describe('the settings of a repository', () => {
  it('are stored section by section, and read with the defaults of the others', async () => {
    const { id } = await makeRepo(store.storage, 'sections');
    expect((await store.storage.reader().repo(id))?.settings).toEqual(DEFAULT_REPO_SETTINGS);
    await store.sql`update repo set settings = '{"ofAnotherVersion": true}' where id = ${id}`;
    await change({ id, settings: { approvalsRequired: 3 } });
    expect((await store.storage.reader().repo(id))?.settings).toEqual({ ...DEFAULT_REPO_SETTINGS, approvalsRequired: 3 });
    const [row] = await store.sql`select settings from repo where id = ${id}`;
    expect(row?.['settings']).toEqual({ ofAnotherVersion: true, approvalsRequired: 3 });
  });

  it('of a deleted repository cannot be changed', async () => {
    const { id } = await makeRepo(store.storage, 'gone');
    await store.sql`update repo set deleted_at = now() where id = ${id}`;
    expect(await change({ id, settings: { approvalsRequired: 3 } })).toBe('GONE');
  });
});
