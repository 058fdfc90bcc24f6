import { describe, expect, it, vi } from 'vitest';
import { StorageBusy, StorageUnavailable } from '../../src/domain/ports/errors.js';
import { EpochMoved, RepoChanged } from '../../src/domain/ports/transaction.js';
import * as problems from '../../src/domain/problems.js';
import { ObjectCorrupt, ObjectMissing } from '../../src/git/objects/errors.js';
import { defineOperation, type Applied, type Decision, type Operation } from '../../src/operations/define-operation.js';
import type { LogPlace } from '../../src/operations/outcome.js';
import { FakeStorage, requestTo } from '../support/fake-gateway.js';

interface Input {
  readonly say: string;
  readonly idempotencyKey?: string | null;
}

interface Receipt {
  readonly said: string;
  readonly operation: LogPlace;
}

const REFUSAL = problems.nothingToPropose('a', 'b');

function done(say: string, stream = 7): Applied<Receipt> {
  return { kind: 'done', stream, gcEpoch: 3, record: { refs: [], subject: null, runId: 'run-1', events: [] }, receipt: (operation) => ({ said: say, operation }) };
}

function writes(apply: () => Applied<Receipt>, committed?: () => void): Decision<Receipt> {
  return { kind: 'write', apply: async () => apply(), ...(committed === undefined ? {} : { committed }) };
}

/** A verb that decides as told; it counts how often it is asked. */
function verb(decide: (input: Input, tries: number) => Decision<Receipt>): { readonly tell: Operation<Input, Receipt>; readonly tries: () => number } {
  let tries = 0;
  const tell = defineOperation<Input, Receipt>({ kind: 'CREATE_CHECKPOINT', action: 'createCheckpoint', decide: async (_request, input) => decide(input, ++tries) });
  return { tell, tries: () => tries };
}

const saying = (): ReturnType<typeof verb> => verb(({ say }) => writes(() => done(say)));

describe('a verb that writes', () => {
  it('logs who did it with what it says of itself, then rings, measures and forgets what was read', async () => {
    const storage = new FakeStorage();
    const outcome = await saying().tell(requestTo(storage), { say: 'hello' });
    expect(outcome).toEqual({ ok: true, replayed: false, receipt: { said: 'hello', operation: { stream: 7, seq: 1 } } });
    expect(storage.told.rows).toEqual([{ stream: 7, kind: 'CREATE_CHECKPOINT', actor: 'ada', keyId: 'key000000001', keyName: 'tests', requestId: 'request-1', gcEpoch: 3, repoVersion: null, refs: [], subject: null, runId: 'run-1', events: [] }]);
    expect(storage.told.steps).toEqual(['reader', 'begin', 'commit', 'forget', 'ring']);
    expect(storage.told.latencies).toEqual([{ kind: 'CREATE_CHECKPOINT', repoId: 7, seq: 1 }]);
  });

  it('is measured without a repository when it belongs to the server', async () => {
    const storage = new FakeStorage();
    await verb(({ say }) => writes(() => done(say, 0))).tell(requestTo(storage), { say: 'hello' });
    expect(storage.told.latencies).toEqual([{ kind: 'CREATE_CHECKPOINT', repoId: null, seq: 1 }]);
  });

  it('tells the caches after the commit, and only then', async () => {
    const storage = new FakeStorage();
    await verb(({ say }) => writes(() => done(say), () => storage.told.steps.push('committed'))).tell(requestTo(storage), { say: 'x' });
    expect(storage.told.steps).toEqual(['reader', 'begin', 'commit', 'committed', 'forget', 'ring']);
    const refused = vi.fn<() => void>();
    await verb(() => writes(() => ({ kind: 'refused', problem: REFUSAL }), refused)).tell(requestTo(storage), { say: 'x' });
    expect(refused).not.toHaveBeenCalled();
  });
});

describe('a verb that writes nothing', () => {
  it('opens no transaction for an answer or a refusal, and rings no bell', async () => {
    const storage = new FakeStorage();
    const receipt = { said: 'nothing new', operation: { stream: 7, seq: 9 } };
    expect(await verb(() => ({ kind: 'answer', receipt })).tell(requestTo(storage), { say: 'x' })).toEqual({ ok: true, replayed: false, receipt });
    expect(await verb(() => ({ kind: 'refuse', problem: REFUSAL })).tell(requestTo(storage), { say: 'x' })).toEqual({ ok: false, problem: REFUSAL });
    expect(storage.told.steps).toEqual(['reader', 'reader']);
    expect(storage.told.latencies).toEqual([]);
  });

  it('rolls back when it is refused inside the transaction, its idempotency row included', async () => {
    const storage = new FakeStorage();
    let taken = true;
    const { tell } = verb(({ say }) => writes(() => (taken ? { kind: 'refused', problem: REFUSAL } : done(say))));
    expect(await tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' })).toEqual({ ok: false, problem: REFUSAL });
    // Looked for once more at the end: a twin may have committed what stands in the way.
    expect(storage.told.steps).toEqual(['replay', 'reader', 'begin', 'claim', 'rollback', 'replay']);
    taken = false;
    // Refusals are not kept: the same call may succeed later.
    expect(await tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' })).toMatchObject({ ok: true, replayed: false });
  });
});

describe('a repeated call', () => {
  it('answers with the first receipt without deciding again', async () => {
    const storage = new FakeStorage();
    const { tell, tries } = saying();
    const first = await tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' });
    expect(await tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' })).toEqual({ ...first, replayed: true });
    expect(tries()).toBe(1);
    expect(storage.told.rows).toHaveLength(1);
  });

  it('is refused with other input, and by another verb', async () => {
    const storage = new FakeStorage();
    await saying().tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' });
    expect(await saying().tell(requestTo(storage), { say: 'y', idempotencyKey: 'k' })).toMatchObject({ ok: false, problem: { code: 'INVALID_INPUT', field: 'idempotencyKey' } });
    const other = defineOperation<Input, Receipt>({ kind: 'UNDO', action: 'createCheckpoint', decide: async (_, { say }) => writes(() => done(say)) });
    expect(await other(requestTo(storage), { say: 'x', idempotencyKey: 'k' })).toMatchObject({ ok: false, problem: { code: 'INVALID_INPUT' } });
    expect(storage.told.rows).toHaveLength(1);
  });

  it('counts as the same whatever the order of its members, and as another by another key', async () => {
    const storage = new FakeStorage();
    const { tell, tries } = saying();
    await tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' });
    expect(await tell(requestTo(storage), { idempotencyKey: 'k', say: 'x' })).toMatchObject({ replayed: true });
    expect(await tell(requestTo(storage, { keyId: 'key000000002' }), { say: 'x', idempotencyKey: 'k' })).toMatchObject({ ok: true, replayed: false });
    expect(tries()).toBe(2);
  });

  it('that meets its first one in flight answers with that one’s outcome', async () => {
    const storage = new FakeStorage();
    const { tell } = saying();
    const both = await Promise.all([1, 2].map(() => tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' })));
    expect(both.map((outcome) => outcome.ok && outcome.replayed)).toEqual([false, true]);
    expect(storage.told.rows).toHaveLength(1);
  });

  it.each(['', ' ', 'a\nb', 'a\0', '\uD800', 'x'.repeat(256)])('needs a key that can be kept: not %j', async (idempotencyKey) => {
    const storage = new FakeStorage();
    expect(await saying().tell(requestTo(storage), { say: 'x', idempotencyKey })).toMatchObject({ ok: false, problem: { code: 'INVALID_INPUT', field: 'idempotencyKey' } });
    expect(storage.told.steps).toEqual([]);
  });

  it('without a key, or with null, is another call', async () => {
    const storage = new FakeStorage();
    const { tell, tries } = saying();
    for (const idempotencyKey of [null, null]) await tell(requestTo(storage), { say: 'x', idempotencyKey });
    expect(tries()).toBe(2);
  });
});

describe('a branch that moves underneath', () => {
  it('makes the verb decide anew, with a reader of its own each time, until it comes through', async () => {
    const storage = new FakeStorage();
    const { tell, tries } = verb(({ say }, n) => writes(() => (n < 5 ? { kind: 'moved', branchId: 1 } : done(say))));
    expect(await tell(requestTo(storage), { say: 'x' })).toMatchObject({ ok: true, replayed: false });
    expect(tries()).toBe(5);
    expect(storage.told.steps.filter((step) => step === 'reader')).toHaveLength(5);
    expect(storage.told.rows).toHaveLength(1);
  });

  it('for ever is Busy with a time to come back, after a bounded number of tries', async () => {
    const storage = new FakeStorage();
    const { tell, tries } = verb(() => writes(() => ({ kind: 'moved', branchId: 1 })));
    expect(await tell(requestTo(storage), { say: 'x' })).toMatchObject({ ok: false, problem: { code: 'BUSY', retryAfterMs: 500 } });
    expect(tries()).toBe(24);
    expect(storage.told.rows).toEqual([]);
  });

  it('sends the loser to the line of that branch, and no writer past another that waits', async () => {
    const storage = new FakeStorage();
    const request = requestTo(storage);
    const order: string[] = [];
    const lost = (): ReturnType<typeof verb> =>
      verb(({ say }, n) =>
        writes(() => {
          if (n > 1) order.push(`${say}${n}`);
          return n < 3 ? { kind: 'moved', branchId: 1 } : done(say);
        }),
      );
    const tells = ['a', 'b', 'c'].map((say) => lost().tell(request, { say }));
    expect((await Promise.all(tells)).every(({ ok }) => ok)).toBe(true);
    expect(order).toEqual(['a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
  });

  it('may also be the epoch of the garbage collector: then all is read again', async () => {
    let collected = 2;
    const append = (): void => {
      if (collected-- > 0) throw new EpochMoved();
    };
    const storage = new FakeStorage({ append });
    const { tell, tries } = saying();
    expect(await tell(requestTo(storage), { say: 'x' })).toMatchObject({ ok: true });
    expect(tries()).toBe(3);
  });

  it('may be the repository itself, and each try says in which version it read that', async () => {
    let version = 4;
    const storage = new FakeStorage({
      append: () => {
        storage.repoVersion = version + 1;
        if (version++ < 6) throw new RepoChanged();
      },
    });
    storage.repoVersion = version;
    const { tell, tries } = saying();
    expect(await tell(requestTo(storage), { say: 'x' })).toMatchObject({ ok: true });
    expect(tries()).toBe(3);
    expect(storage.told.rows).toMatchObject([{ repoVersion: 6 }]);
  });

  it('is not tried again once the client has gone', async () => {
    const gone = new AbortController();
    const storage = new FakeStorage();
    const { tell, tries } = verb(() => {
      gone.abort();
      return writes(() => ({ kind: 'moved', branchId: 1 }));
    });
    await expect(tell(requestTo(storage, { signal: gone.signal }), { say: 'x' })).rejects.toMatchObject({ name: 'AbortError' });
    expect(tries()).toBe(1);
  });
});

describe('a fault below', () => {
  const oid = 'c'.repeat(40);

  it.each([
    ['a busy database', new StorageBusy(), { code: 'BUSY', retryAfterMs: 500 }],
    ['a database that is gone', new StorageUnavailable(), { code: 'UNAVAILABLE' }],
    ['a corrupt object', new ObjectCorrupt(oid, 'its hash is another'), { code: 'OBJECT_CORRUPT', oid }],
    ['a missing object', new ObjectMissing(oid), { code: 'OBJECT_CORRUPT', oid }],
  ])('of %s is an answer, and the operator is told', async (_, error, problem) => {
    const fail = (): never => {
      throw error;
    };
    for (const failures of [{ begin: fail }, { append: fail }, { commit: fail }]) {
      const storage = new FakeStorage(failures);
      expect(await saying().tell(requestTo(storage), { say: 'x' })).toMatchObject({ ok: false, problem });
      expect(storage.told.warnings).toMatchObject([{ requestId: 'request-1', kind: 'CREATE_CHECKPOINT' }]);
      expect(storage.told.rows).toEqual([]);
      expect(storage.told.steps).not.toContain('ring');
    }
    const storage = new FakeStorage();
    expect(await verb(fail).tell(requestTo(storage), { say: 'x' })).toMatchObject({ ok: false, problem });
  });

  it('that nobody expects is not hidden behind an answer', async () => {
    const storage = new FakeStorage();
    await expect(verb(() => writes(() => { throw new RangeError('a defect'); })).tell(requestTo(storage), { say: 'x' })).rejects.toThrow(new RangeError('a defect'));
    expect(storage.told.steps.at(-1)).toBe('rollback');
    expect(storage.told.warnings).toEqual([]);
  });

  it('at each of its points leaves nothing, but after the commit', async () => {
    for (const point of ['operation.objects-durable', 'operation.claimed', 'operation.applied', 'operation.appended', 'operation.before-commit', 'operation.committed']) {
      const storage = new FakeStorage();
      const at = (reached: string): void => {
        if (reached === point) throw new RangeError(point);
      };
      await expect(saying().tell(requestTo(storage, { faults: { at } }), { say: 'x', idempotencyKey: 'k' })).rejects.toThrow(new RangeError(point));
      const happened = point === 'operation.committed';
      expect(storage.told.rows).toHaveLength(happened ? 1 : 0);
      expect(await saying().tell(requestTo(storage), { say: 'x', idempotencyKey: 'k' })).toMatchObject({ ok: true, replayed: happened });
      expect(storage.told.rows).toHaveLength(1);
    }
  });
});
