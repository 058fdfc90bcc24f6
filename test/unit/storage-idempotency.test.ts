import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdempotencyClaim, IdempotentCall } from '../../src/domain/ports/storage.js';
import { ForeignTransaction } from '../../src/domain/ports/errors.js';
import { makeRepo, newOperation, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

let calls = 0;

function newCall(more: Partial<IdempotentCall> = {}): IdempotentCall {
  return { keyId: 'key000000001', idempotencyKey: `call-${++calls}`, digest: 'a'.repeat(64), ...more };
}

/** Does the call once: claims it, and where it is new settles it with this receipt. */
function perform(call: IdempotentCall, receipt: unknown): Promise<IdempotencyClaim> {
  const { storage } = fixture;
  return storage.transaction(async (tx) => {
    const claim = await storage.claim(tx, call);
    if (claim.status === 'NEW') await storage.settle(tx, call, receipt);
    return claim;
  });
}

describe('an idempotent call', () => {
  it('is new once and replays its first receipt from then on', async () => {
    const call = newCall();
    expect(await fixture.storage.replay(call)).toEqual({ status: 'NEW' });
    expect(await perform(call, { branch: 7, text: 'ü' })).toEqual({ status: 'NEW' });
    expect(await perform(call, { branch: 8 })).toEqual({ status: 'REPLAY', receipt: { branch: 7, text: 'ü' } });
    expect(await fixture.storage.replay(call)).toEqual({ status: 'REPLAY', receipt: { branch: 7, text: 'ü' } });
  });

  it('may have null as its receipt', async () => {
    const call = newCall();
    await perform(call, null);
    expect(await perform(call, 1)).toEqual({ status: 'REPLAY', receipt: null });
  });

  it('with another input is a mismatch, and by another key a call of its own', async () => {
    const call = newCall();
    await perform(call, 1);
    const other = { ...call, digest: 'b'.repeat(64) };
    expect(await perform(other, 2)).toEqual({ status: 'MISMATCH' });
    expect(await fixture.storage.replay(other)).toEqual({ status: 'MISMATCH' });
    const foreign = { ...call, keyId: 'key000000002' };
    expect(await fixture.storage.replay(foreign)).toEqual({ status: 'NEW' });
    expect(await perform(foreign, 3)).toEqual({ status: 'NEW' });
    expect(await perform(foreign, 4)).toEqual({ status: 'REPLAY', receipt: 3 });
    expect(await fixture.storage.replay(call)).toEqual({ status: 'REPLAY', receipt: 1 });
  });

  it('sent 12 times at once is done once, and every other gets that receipt', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'idempotency/in-flight');
    const call = newCall();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, sender) =>
        storage.transaction(async (tx) => {
          const claim = await storage.claim(tx, call);
          if (claim.status === 'NEW') {
            const place = await tx.append(newOperation(repo.id));
            await storage.settle(tx, call, { sender, ...place });
          }
          return { sender, claim };
        }),
      ),
    );
    const [first, ...more] = answers.filter(({ claim }) => claim.status === 'NEW');
    expect(more).toEqual([]);
    const replays = answers.filter(({ claim }) => claim.status === 'REPLAY');
    expect(replays).toHaveLength(11);
    for (const { claim } of replays) expect(claim).toEqual({ status: 'REPLAY', receipt: { sender: first?.sender, stream: repo.id, seq: 2 } });
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 2 });
  });

  it('whose first attempt is rolled back falls to the duplicate that waited', async () => {
    const { storage } = fixture;
    const call = newCall();
    let waiter: Promise<IdempotencyClaim> | null = null;
    const first = storage.transaction(async (tx) => {
      expect(await storage.claim(tx, call)).toEqual({ status: 'NEW' });
      waiter = perform(call, 'second');
      await expect.poll(async () => (await fixture.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length, { timeout: 5000 }).toBe(1);
      throw new RangeError('refused');
    });
    await expect(first).rejects.toThrow(RangeError);
    expect(await waiter).toEqual({ status: 'NEW' });
    expect(await storage.replay(call)).toEqual({ status: 'REPLAY', receipt: 'second' });
  });

  it('that was committed without an outcome counts for nothing, whatever its input was', async () => {
    const { storage } = fixture;
    const call = newCall();
    await storage.transaction((tx) => storage.claim(tx, call));
    const other = { ...call, digest: 'c'.repeat(64) };
    expect(await perform(other, 5)).toEqual({ status: 'NEW' });
    expect(await perform(other, 6)).toEqual({ status: 'REPLAY', receipt: 5 });
    expect(await perform(call, 7)).toEqual({ status: 'MISMATCH' });
  });

  it('is forgotten after seven days', async () => {
    const { storage, sql } = fixture;
    const call = newCall();
    await perform(call, 1);
    const age = (interval: string) => sql`update idempotency set created_at = now() - ${interval}::interval where idempotency_key = ${call.idempotencyKey}`;
    await age('6 days 23 hours');
    expect(await storage.replay(call)).toEqual({ status: 'REPLAY', receipt: 1 });
    await age('7 days 1 minute');
    expect(await storage.replay(call)).toEqual({ status: 'NEW' });
    expect(await perform({ ...call, digest: 'd'.repeat(64) }, 2)).toEqual({ status: 'NEW' });
    expect(await perform({ ...call, digest: 'd'.repeat(64) }, 3)).toEqual({ status: 'REPLAY', receipt: 2 });
  });

  it('cannot be claimed in a transaction that this store did not begin', async () => {
    const { storage } = fixture;
    await storage.transaction(async (tx) => {
      const disguised = { ...tx, append: tx.append.bind(tx) };
      const claiming = Promise.resolve().then(() => storage.claim(Object.assign(Object.create(null), disguised), newCall()));
      await expect(claiming).rejects.toThrow(ForeignTransaction);
    });
  });
});
