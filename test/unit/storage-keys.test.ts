import { foldLatency } from '../../src/storage/latency.js';
import { queriesOver, sendOver } from '../../src/storage/sending.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.js';
import { generateKey } from '../../src/auth/key-format.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { expectRow, makeRepo, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

let keys = 0;

function insertKey(more: Partial<ApiKeyRecord> = {}): Promise<ApiKeyRecord> {
  const id = `key${String(++keys).padStart(9, '0')}`;
  return fixture.storage.transaction((tx) =>
    tx.insertApiKey({ id, name: 'deploy, "quoted" {curly}', hash: 'ab'.repeat(32), scopes: ['READ', 'MERGE'], repos: ['a/**', 'b,c'], branches: [], readBranches: ['**'], paths: ['src/*', '"x"'], actor: 'ada', actAs: ['user-*'], labels: [{ key: 'Team', value: 'ö' }], createdBy: 'cli', expiresAt: null, ...more }),
  );
}

describe('keys', () => {
  it('are none at first, and then there are some for good', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    expect(await storage.hasNoKeys()).toBe(true);
    expect(await other.hasNoKeys()).toBe(true);
    const key = await insertKey();
    expect(await other.hasNoKeys()).toBe(false);
    await storage.transaction((tx) => tx.revokeApiKey(key.id));
    expect(await storage.hasNoKeys()).toBe(false);
  });

  it('come back as they were stored, lists with commas, quotes and braces too', async () => {
    const { storage } = fixture;
    const key = await insertKey();
    expect(key).toMatchObject({ hash: 'ab'.repeat(32), scopes: ['READ', 'MERGE'], repos: ['a/**', 'b,c'], branches: [], paths: ['src/*', '"x"'], actAs: ['user-*'], labels: [{ key: 'Team', value: 'ö' }], name: 'deploy, "quoted" {curly}', revokedAt: null, lastUsedAt: null });
    expect(await storage.reader().apiKey(key.id)).toEqual(key);
    expect(await storage.liveKey(key.id)).toEqual(key);
  });

  it('are live until they are revoked: at once on this gateway, within a second on another', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const key = await insertKey();
    expect(await storage.liveKey(key.id)).toEqual(key);
    expect(await other.liveKey(key.id)).toEqual(key);
    const revoked = expectRow(await storage.transaction((tx) => tx.revokeApiKey(key.id)));
    const since = performance.now();
    expect(revoked.revokedAt).toBeInstanceOf(Date);
    expect(await storage.liveKey(key.id)).toBeNull();
    await expect.poll(() => other.liveKey(key.id), { timeout: 1000, interval: 20 }).toBeNull();
    expect(performance.now() - since).toBeLessThan(1000);
    expect(await storage.transaction((tx) => tx.revokeApiKey(key.id))).toBeNull();
    expect(await storage.reader().apiKey(key.id)).toEqual(revoked);
  });

  it('stay live when the transaction that revoked them is rolled back', async () => {
    const { storage } = fixture;
    const key = await insertKey();
    const failing = storage.transaction(async (tx) => {
      await tx.revokeApiKey(key.id);
      throw new RangeError('refused');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await storage.liveKey(key.id)).toEqual(key);
  });

  it('expire by the clock of the database, and cannot be revoked then', async () => {
    const { storage, sql } = fixture;
    const dead = await insertKey({ expiresAt: new Date(Date.now() - 3_600_000) });
    const alive = await insertKey({ expiresAt: new Date(Date.now() + 3_600_000) });
    expect(await storage.liveKey(dead.id)).toBeNull();
    expect(await storage.transaction((tx) => tx.revokeApiKey(dead.id))).toBeNull();
    expect(await storage.liveKey(alive.id)).toEqual(alive);
    await sql`update api_key set expires_at = now() where id = ${alive.id}`;
    await expect.poll(() => storage.liveKey(alive.id), { timeout: 1000, interval: 20 }).toBeNull();
  });

  it('work at once even if somebody tried them before they existed', async () => {
    const { storage } = fixture;
    const id = `key${String(keys + 1).padStart(9, '0')}`;
    expect(await storage.liveKey(id)).toBeNull();
    const key = await insertKey();
    expect(key.id).toBe(id);
    expect(await storage.liveKey(id)).toEqual(key);
  });

  it('that are asked for 100 times at once cost one statement', async () => {
    const { storage } = fixture;
    const key = await insertKey();
    fixture.statements();
    const found = await Promise.all(Array.from({ length: 100 }, () => storage.liveKey(key.id)));
    expect(fixture.statements().filter((statement) => statement.includes('"api_key"'))).toHaveLength(1);
    expect(found.every((each) => each?.id === key.id)).toBe(true);
  });

  it('remember when they were used, written once a minute however often that is', async () => {
    const { storage, sql } = fixture;
    const other = fixture.another();
    const key = await insertKey();
    for (let use = 0; use < 50; use++) storage.touchKey(key.id);
    const usedAt = async (): Promise<Date | null> => expectRow(await storage.reader().apiKey(key.id)).lastUsedAt;
    await expect.poll(usedAt, { timeout: 5000 }).toBeInstanceOf(Date);
    const first = await usedAt();
    other.touchKey(key.id);
    storage.touchKey(key.id);
    await other.close();
    expect(await usedAt()).toEqual(first);
    await sql`update api_key set last_used_at = now() - interval '61 seconds' where id = ${key.id}`;
    const third = fixture.another();
    third.touchKey(key.id);
    await third.close();
    expect(expectRow(await usedAt()).getTime()).toBeGreaterThanOrEqual(expectRow(first).getTime());
  });
});

function near(value: number): unknown {
  return expect.toSatisfy((given: number) => Math.abs(given - value) <= value / 100);
}

describe('latency', () => {
  it('is what clients waited, by kind, in percentiles of the window', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'latency/percentiles');
    const writer = fixture.another();
    for (let wait = 1; wait <= 100; wait++) writer.recordLatency('UNDO', repo.id, wait, null);
    writer.recordLatency('DIFF', repo.id, 2.5, null);
    writer.recordLatency('CREATE_KEY', null, 999, null);
    await writer.close();
    const all = await storage.reader().latency(repo.id, null, 60_000);
    expect(all).toEqual([
      { kind: 'DIFF', count: 1, p50: near(2.5), p95: near(2.5), p99: near(2.5), max: 2.5 },
      { kind: 'UNDO', count: 100, p50: near(50), p95: near(95), p99: near(99), max: 100 },
    ]);
    expect(await storage.reader().latency(repo.id, 'DIFF', 60_000)).toEqual(all.slice(0, 1));
    await sql`update latency_bucket set at = at - interval '2 hours' where stream = ${repo.id} and kind = 'UNDO'`;
    expect((await storage.reader().latency(repo.id, null, 3_600_000)).map((each) => each.kind)).toEqual(['DIFF']);
    expect(await storage.reader().latency(repo.id, null, 3 * 3_600_000)).toHaveLength(2);
  });
});

describe('the rows of latency', () => {
  it('of two gateways are counted together, minutes become hours after two days, and nothing stays beyond ninety', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'latency/ages');
    const count = async (windowMs: number): Promise<number | undefined> => (await storage.reader().latency(repo.id, 'REDO', windowMs))[0]?.count;
    const [one, other] = [fixture.another(), fixture.another()];
    for (let wait = 0; wait < 300; wait++) (wait % 2 === 0 ? one : other).recordLatency('REDO', repo.id, 5, null);
    await Promise.all([one.close(), other.close()]);
    expect(await count(60_000)).toBe(300);
    const day = 24 * 3_600_000;
    // The same five milliseconds in each of 60 minutes of an hour four days ago, its first minute included, and once a hundred days ago.
    await sql`insert into latency_bucket select stream, date_bin('1 hour', now(), timestamptz 'epoch') - interval '4 days' + n * interval '1 minute', kind, bucket, 2, 4 + n / 100.0 from latency_bucket, generate_series(0, 59) n where stream = ${repo.id}`;
    await sql`insert into latency_bucket select stream, now() - interval '100 days', kind, bucket, 1000, 5 from latency_bucket where stream = ${repo.id} and count >= 100 limit 1`;
    expect(await count(30 * day)).toBe(420);
    const queries = queriesOver(sendOver(sql));
    await foldLatency(queries, 1000);
    await foldLatency(queries, 1000);
    const rows = await sql<{ count: number; longest: number }[]>`select count, longest from latency_bucket where stream = ${repo.id} and at < now() - interval '1 day'`;
    expect([...rows]).toEqual([{ count: 120, longest: expect.closeTo(4.59, 6) }]);
    expect(await count(30 * day)).toBe(420);
    expect(await count(day)).toBe(300);
  });
});

describe('rotated keys', () => {
  const [first, second] = [generateKey(), generateKey()];
  const texts = [first.text, `weir_${first.id}_${second.secret}`];

  it('open with the new secret at once on a gateway that believes the old one, and with the old one for its while', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    await insertKey({ id: first.id, hash: first.hash });
    const opened = (): Promise<boolean[]> => Promise.all(texts.map(async (text) => (await authenticate({ key: text, actor: null }, other)).ok));
    expect(await opened()).toEqual([true, false]);
    await storage.transaction((tx) => tx.rotateApiKey(first.id, second.hash, 1_000));
    expect(await opened()).toEqual([true, true]);
    await expect.poll(opened, { timeout: 5_000, interval: 50 }).toEqual([false, true]);
  });

  it('are none that are revoked or absent', async () => {
    const { storage } = fixture;
    const key = await insertKey();
    await storage.transaction((tx) => tx.revokeApiKey(key.id));
    for (const id of [key.id, 'absent000000']) expect(await storage.transaction((tx) => tx.rotateApiKey(id, second.hash, 1_000))).toBeNull();
  });
});

async function derive(parent: ApiKeyRecord, maximum = 10): Promise<readonly ['DONE' | 'NOT_LIVE' | 'FULL', string]> {
  const id = `key${String(++keys).padStart(9, '0')}`;
  const { createdAt: _at, revokedAt: _revoked, lastUsedAt: _used, previousHash: _hash, previousUntil: _until, lineage, ...values } = parent;
  return [await fixture.storage.transaction((tx) => tx.insertDerivedKey({ ...values, id }, [...lineage, parent.id], maximum)), id];
}

async function stored(id: string): Promise<ApiKeyRecord> {
  return expectRow(await fixture.storage.reader().apiKey(id));
}

describe('derived keys', () => {
  it('end with any key of their lineage, on every gateway, and leave the others alone', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const root = await insertKey();
    const [, child] = await derive(root);
    const [, sibling] = await derive(root);
    const [, grandchild] = await derive(await stored(child));
    expect((await stored(grandchild)).lineage).toEqual([root.id, child]);
    for (const id of [root.id, child, sibling, grandchild]) expect(await other.liveKey(id)).not.toBeNull();
    await storage.transaction((tx) => tx.revokeApiKey(child));
    expect(await Promise.all([root.id, child, sibling, grandchild].map(async (id) => (await storage.liveKey(id)) !== null))).toEqual([true, false, true, false]);
    await expect.poll(() => other.liveKey(grandchild), { timeout: 1_000, interval: 20 }).toBeNull();
    await storage.transaction((tx) => tx.revokeApiKey(root.id));
    expect(await storage.liveKey(sibling)).toBeNull();
  });

  it('are not made from a key that is revoked, expired or absent', async () => {
    const { storage } = fixture;
    const [revoked, expired] = [await insertKey(), await insertKey({ expiresAt: new Date(Date.now() - 1_000) })];
    await storage.transaction((tx) => tx.revokeApiKey(revoked.id));
    for (const parent of [revoked, expired, { ...revoked, id: 'absent000000' }]) {
      const [made, id] = await derive(parent);
      expect([made, await storage.reader().apiKey(id)]).toEqual(['NOT_LIVE', null]);
    }
  });

  it('are counted while they live, those derived from them too', async () => {
    const { storage } = fixture;
    const root = await insertKey();
    const [, child] = await derive(root, 2);
    expect((await derive(await stored(child), 2))[0]).toBe('DONE');
    expect((await derive(root, 2))[0]).toBe('FULL');
    await storage.transaction((tx) => tx.revokeApiKey(child));
    expect((await derive(root, 2))[0]).toBe('DONE');
  });

  it('never outlive a revocation that runs at the same time, however deep they are being made', async () => {
    const { storage } = fixture;
    for (let round = 0; round < 20; round++) {
      const root = await insertKey();
      const [, child] = await derive(root, 1_000);
      const parents = [root, await stored(child)];
      const made = Array.from({ length: 6 }, (_, turn) => derive(parents[turn % 2] ?? root, 1_000));
      const [, ...answers] = await Promise.all([storage.transaction((tx) => tx.revokeApiKey(root.id)), ...made]);
      const alive = await Promise.all(answers.map(async ([, id]) => (await storage.liveKey(id)) !== null));
      expect(alive).toEqual(answers.map(() => false));
    }
  });
});
