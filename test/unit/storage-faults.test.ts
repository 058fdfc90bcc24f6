import { DrizzleQueryError } from 'drizzle-orm';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageBusy, StorageUnavailable } from '../../src/domain/ports/errors.js';
import { storageError } from '../../src/storage/database.js';
import { openStorage, type PostgresStorage } from '../../src/storage/index.js';
import type { PostgresAddress } from '../../src/storage/postgres/database-target.js';
import { SingleFlight } from '../../src/storage/single-flight.js';
import { advance, advanceIn, expectRow, gate, makeBranch, makeRepo, newOperation, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

/** A store on this address, with connections of its own. */
function openOn({ host, port, user, database }: PostgresAddress): { readonly storage: PostgresStorage; close(): Promise<void> } {
  const client = (onclose: () => void): postgres.Sql => postgres({ host, port, user, database, pass: '', ssl: false, max: 1, fetch_types: false, onnotice: () => undefined, onclose });
  const storage = openStorage({ database: { dedicated: (_purpose, onLost) => client(onLost) }, maxReads: 2, objectsDirectory: 'unused' });
  return {
    storage,
    close: () => storage.close(),
  };
}

/** Ends every other connection of this database. */
function cutAll(): Promise<unknown> {
  return Promise.resolve(fixture.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
}

describe('a database that cuts connections', () => {
  it('makes the open transaction unavailable and whole or absent, and the next one works', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'faults/cut');
    const branch = await makeBranch(storage, repo.id, 'main');
    const cut = storage.transaction(async (tx) => {
      await advanceIn(tx, branch, oidOf(2));
      await cutAll();
      await tx.append(newOperation(repo.id));
    });
    await expect(cut).rejects.toThrow(StorageUnavailable);
    expect(await storage.reader().branch(branch.id)).toEqual(branch);
    expect(expectRow(await advance(storage, branch, oidOf(3))).checkpoint.number).toBe(1);
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 2 });
  });

  it('while a statement is under way rejects that statement and nothing else', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'faults/under-way');
    const branch = await makeBranch(storage, repo.id, 'main');
    await sql.begin(async (tx) => {
      await tx`select 1 from branch where id = ${branch.id} for update`;
      // Handled from the start: it may reject before the poll has answered.
      const waiting = advance(storage, branch, oidOf(2));
      waiting.catch(() => undefined);
      await expect.poll(() => tx`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.then((rows) => rows.length), { timeout: 5000 }).toBe(1);
      await expect(waiting).rejects.toThrow(StorageUnavailable);
    });
    expect(await advance(storage, branch, oidOf(2))).not.toBeNull();
  });

  it('never lets a statement of the lost transaction run on the next connection, however late it comes', async () => {
    const { connection } = fixture.database;
    const { storage, close } = openOn(connection);
    const repo = await makeRepo(storage, 'faults/zombie');
    const branch = await makeBranch(storage, repo.id, 'main');
    const outcomes: PromiseSettledResult<unknown>[] = [];
    const lost = storage.transaction(async (tx) => {
      await tx.holdBranch(branch.id, branch.version);
      await cutAll();
      // Other transactions get a new connection meanwhile.
      await Promise.all(Array.from({ length: 4 }, () => storage.transaction((other) => other.append(newOperation(repo.id)))));
      outcomes.push(...(await Promise.allSettled([tx.markMerged(branch.id), advanceIn(tx, branch, oidOf(2)), tx.append(newOperation(repo.id))])));
      return 'done';
    });
    await expect(lost).rejects.toThrow(StorageUnavailable);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await storage.reader().branch(branch.id)).toEqual(branch);
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 5 });
    await close();
  });

  it('keeps the cause for the log and says nothing of it', async () => {
    const { connection } = fixture.database;
    const { storage, close } = openOn({ ...connection, port: connection.port + 1 });
    const attempts: (() => Promise<unknown>)[] = [
      () => storage.ping(),
      () => storage.reader().repo(1),
      () => storage.graph(1),
      () => storage.transaction(() => Promise.resolve(1)),
      () => storage.events.latest(),
      () => storage.events.place(),
      () => storage.liveKey('key000000001'),
      () => storage.reserveRepoId(),
    ];
    for (const attempt of attempts) {
      const error: unknown = await attempt().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'StorageUnavailable', message: 'the database is not available', cause: { code: 'ENOENT' } });
    }
    storage.events.ring();
    storage.recordLatency('DIFF', 1, 1, null);
    await close();
  });
});

describe('a transaction', () => {
  it('whose statement failed is not committed, even if the failure was caught', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'tx/caught');
    const branch = await makeBranch(storage, repo.id, 'main');
    const swallowing = storage.transaction(async (tx) => {
      expect(await tx.holdBranch(branch.id, 1)).toBe(true);
      await tx.insertReview({ proposalId: -1, verdict: 'COMMENT', body: '', actor: 'a', keyId: 'k', headOid: oidOf(1), revision: 1 }).catch(() => undefined);
      return 'fine';
    });
    await expect(swallowing).rejects.toThrow('violates foreign key');
    expect(await advance(storage, branch, oidOf(2))).not.toBeNull();
  });

  it('takes no statement once it has ended', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'tx/over');
    const kept = await storage.transaction((tx) => Promise.resolve({ tx }));
    const late: unknown = await kept.tx.append(newOperation(repo.id)).catch((error: unknown) => error);
    expect(late).toMatchObject({ cause: { name: 'TransactionOver' } });
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 1 });
  });

  it('waits in line when all connections are taken, and all get their turn', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'tx/line');
    const places = await Promise.all(Array.from({ length: 60 }, () => storage.transaction((tx) => tx.append(newOperation(repo.id)))));
    expect(places.map((place) => place.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 2));
  });
});

describe('a lock that is not given', () => {
  it('is StorageBusy when the waiting is cancelled, and after a deadlock for one of the two', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'faults/locked');
    const branch = await makeBranch(storage, repo.id, 'main');
    await sql.begin(async (tx) => {
      await tx`select 1 from branch where id = ${branch.id} for update`;
      // Handled from the start: it may reject before the poll has answered.
      const cancelled = advance(storage, branch, oidOf(2));
      cancelled.catch(() => undefined);
      await expect.poll(() => sql`select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.then((rows) => rows.length), { timeout: 5000 }).toBe(1);
      await expect(cancelled).rejects.toThrow(StorageBusy);
    });
    expect(await advance(storage, branch, oidOf(2))).not.toBeNull();
    const [left, right] = [await makeBranch(storage, repo.id, 'left'), await makeBranch(storage, repo.id, 'right')];
    let holding = 0;
    const bothHold = gate();
    const crossing = async (first: typeof left, second: typeof left): Promise<void> => {
      await storage.transaction(async (tx) => {
        await advanceIn(tx, first, oidOf(5));
        if (++holding === 2) bothHold.open();
        await bothHold.opened;
        await advanceIn(tx, second, oidOf(6));
      });
    };
    const outcomes = await Promise.allSettled([crossing(left, right), crossing(right, left)]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBeInstanceOf(StorageBusy);
  });
});

const coded = (code: string): Error => new DrizzleQueryError('select 1', [], Object.assign(new Error('server said'), { code }));

describe('what a fault means', () => {
  it.each(['40001', '40P01', '55P03', '57014'])('%s is busy', (code) => {
    expect(storageError(coded(code))).toBeInstanceOf(StorageBusy);
  });
  it.each(['57P01', '57P02', '57P03', '08006', '53100', '53300', 'ECONNREFUSED', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT'])('%s is unavailable', (code) => {
    expect(storageError(coded(code))).toBeInstanceOf(StorageUnavailable);
  });
  it('of any other kind is the error of the driver, without the parameters that were sent', () => {
    const defect = Object.assign(new Error('syntax error'), { code: '42601' });
    expect(storageError(new DrizzleQueryError('insert', ['a prompt'], defect))).toBe(defect);
    expect(storageError(defect)).toBe(defect);
    expect(storageError('text')).toBe('text');
  });

  it('does not tell the log what was written', async () => {
    const { storage } = fixture;
    const failing = storage.transaction((tx) => tx.insertReview({ proposalId: -1, verdict: 'COMMENT', body: 'a private remark', actor: 'a', keyId: 'k', headOid: oidOf(1), revision: 1 }));
    const error: unknown = await failing.catch((caught: unknown) => caught);
    expect(String(error)).toContain('foreign key');
    expect(String(error)).not.toContain('private');
  });
});

describe('a single flight', () => {
  it('gives everyone a run that began after they asked, and never two at once', async () => {
    let began = 0;
    let inside = 0;
    let hold = gate();
    const flight = new SingleFlight(async () => {
      const run = ++began;
      expect(++inside).toBe(1);
      await hold.opened;
      hold = gate();
      inside--;
      return run;
    });
    const first = flight.run();
    const second = [flight.run(), flight.run()];
    hold.open();
    expect(await first).toBe(1);
    await expect.poll(() => began).toBe(2);
    const third = flight.run();
    hold.open();
    expect(await Promise.all(second)).toEqual([2, 2]);
    await expect.poll(() => began).toBe(3);
    hold.open();
    expect(await third).toBe(3);
    await flight.settled();
  });

  it('passes a failure on to those who waited for that run only', async () => {
    let runs = 0;
    const flight = new SingleFlight(async () => {
      runs++;
      await Promise.resolve();
      if (runs === 1) throw new RangeError('first');
      return runs;
    });
    const outcomes = await Promise.allSettled([flight.run(), flight.run(), flight.run()]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(await flight.run()).toBe(3);
  });
});
