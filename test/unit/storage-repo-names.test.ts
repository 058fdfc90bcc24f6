import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RepoRecord } from '../../src/domain/repo.js';
import type { PostgresStorage } from '../../src/storage/index.js';
import { makeRepo, newOperation, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

async function idOf(storage: PostgresStorage, name: string): Promise<number | null> {
  return (await storage.repoNamed(name))?.id ?? null;
}

/** Changes the row past every cache, then commits a row of the log through `storage`, as each verb does. */
async function changeThrough(storage: PostgresStorage, { id }: RepoRecord, change: { readonly name: string } | 'delete'): Promise<void> {
  const { sql } = fixture;
  await (change === 'delete' ? sql`update repo set deleted_at = now() where id = ${id}` : sql`update repo set name = ${change.name} where id = ${id}`);
  await storage.transaction((tx) => tx.append(newOperation(id)));
}

describe('the repository of a name', () => {
  it('is the row that a reader answers', async () => {
    const repo = await makeRepo(fixture.storage, 'names/row');
    expect(await fixture.storage.repoNamed('names/row')).toEqual(await fixture.storage.reader().repo(repo.id));
    expect(await fixture.storage.repoNamed('names/none')).toBeNull();
  });

  it('that is asked for 100 times at once costs one statement', async () => {
    const { storage } = fixture;
    const { id } = await makeRepo(storage, 'names/once');
    fixture.statements();
    const found = await Promise.all(Array.from({ length: 100 }, () => idOf(storage, 'names/once')));
    expect(fixture.statements().filter((statement) => statement.includes('"repo"'))).toHaveLength(1);
    expect(new Set(found)).toEqual(new Set([id]));
  });

  it('that is asked for again and again is not looked up each time', async () => {
    const { storage } = fixture;
    await makeRepo(storage, 'names/again');
    fixture.statements();
    for (let ask = 0; ask < 50; ask++) await storage.repoNamed('names/again');
    expect(fixture.statements().filter((statement) => statement.includes('"repo"')).length).toBeLessThan(25);
  });

  it('is there at once even if somebody asked for it before it existed', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    expect([await idOf(storage, 'names/new'), await idOf(other, 'names/new')]).toEqual([null, null]);
    const { id } = await makeRepo(storage, 'names/new');
    expect([await idOf(storage, 'names/new'), await idOf(other, 'names/new')]).toEqual([id, id]);
  });

  it('is another at once after a rename on this gateway, and within a second after one elsewhere', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'names/before');
    expect([await idOf(storage, 'names/before'), await idOf(other, 'names/before')]).toEqual([repo.id, repo.id]);
    await changeThrough(storage, repo, { name: 'names/after' });
    const since = performance.now();
    expect([await idOf(storage, 'names/before'), await idOf(storage, 'names/after')]).toEqual([null, repo.id]);
    expect(await idOf(other, 'names/after')).toBe(repo.id);
    await expect.poll(() => idOf(other, 'names/before'), { timeout: 1000, interval: 20 }).toBeNull();
    expect(performance.now() - since).toBeLessThan(1000);
  });

  it('is none after a deletion, and the next repository that takes the name', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'names/gone');
    expect(await idOf(storage, 'names/gone')).toBe(repo.id);
    await changeThrough(storage, repo, 'delete');
    expect(await idOf(storage, 'names/gone')).toBeNull();
    const heir = await makeRepo(storage, 'names/gone');
    expect(await idOf(storage, 'names/gone')).toBe(heir.id);
  });

  it('is never what was read before a write of this gateway was committed', async () => {
    const { storage } = fixture;
    for (let round = 0; round < 30; round++) {
      const name = `names/race-${round}`;
      const repo = await makeRepo(storage, name);
      const reads = Array.from({ length: 5 }, () => storage.repoNamed(name));
      const deleted = changeThrough(storage, repo, 'delete');
      await Promise.all([...reads, deleted]);
      expect(await idOf(storage, name)).toBeNull();
    }
  });

  it('is asked for again after a fault of the database', async () => {
    const { storage, sql } = fixture;
    const { id } = await makeRepo(storage, 'names/fault');
    await sql`alter table repo rename to repo_away`;
    await expect(storage.repoNamed('names/fault')).rejects.toThrow('"repo" does not exist');
    await sql`alter table repo_away rename to repo`;
    expect(await idOf(storage, 'names/fault')).toBe(id);
  });
});
