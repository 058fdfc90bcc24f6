import { buildSchema } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { generateKey, parseKey } from '../../src/auth/key-format.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { Door, type FailedAuthentication } from '../../src/server/access/admission.js';
import { TokenBuckets } from '../../src/server/access/token-buckets.js';
import { byteRange } from '../../src/server/files/byte-range.js';
import { repoAddress } from '../../src/server/files/route.js';
import { Documents } from '../../src/server/graphql/documents.js';
import { Subscriptions } from '../../src/server/graphql/subscriptions.js';
import { mayConnect } from '../../src/server/graphql/websocket-origin.js';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import { keyWith } from '../security/key-kinds.js';
import { fc } from '../support/fast-check.js';

describe('a token bucket', () => {
  it('never lets through more than its size and what has flowed in since', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (perMinute, pauses) => {
        let now = 0;
        let passed = 0;
        const buckets = new TokenBuckets(perMinute, () => now);
        for (const pause of pauses) {
          now += pause;
          if (buckets.take('key') === 0) passed += 1;
          expect(passed).toBeLessThanOrEqual(perMinute + (now / 60_000) * perMinute + 1e-6);
        }
      }),
    );
  });

  it('lets through again after the wait that it names', () => {
    let now = 0;
    const buckets = new TokenBuckets(2, () => now);
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a'), buckets.take('b')]).toEqual([0, 0, 30, 0]);
    now = 29_999;
    expect(buckets.take('a')).toBe(1);
    now = 30_000;
    expect(buckets.take('a')).toBe(0);
  });

  it('knows no limit at 0', () => {
    const buckets = new TokenBuckets(0);
    expect(Array.from({ length: 1000 }, () => buckets.take('a')).every((wait) => wait === 0)).toBe(true);
  });

  it('forgets the names that were used longest ago', () => {
    const buckets = new TokenBuckets(1, () => 0);
    buckets.take('first');
    for (let at = 0; at < 20_000; at++) buckets.take(`name ${at}`);
    expect([buckets.wait('name 19999'), buckets.wait('first')]).toEqual([60, 0]);
  });
});

describe('the door', () => {
  const limits = { ...DEFAULT_LIMITS, subscriptionsPerKey: 1, socketsPerKey: 1, atOnce: 32, waitMs: 2_000, requestsPerMinute: 0, mutationsPerMinute: 0, gitRequestsPerMinute: 0, requestsPerMinuteAndAddress: 0, failedKeysPerMinute: 2 };
  const wrong = { key: generateKey().text, actor: null };

  it('counts the addresses of one IPv6 network as one, and looks up no more of its wrong keys', async () => {
    let asked = 0;
    const door = new Door({ liveKey: () => { asked += 1; return Promise.resolve(null); }, touchKey: () => undefined }, limits, { now: () => 0 });
    const codes = [];
    for (const address of ['2001:db8::1', '2001:db8:0:0:5::', '2001:db8:0:0:ffff::2', '2001:db8:0:1::1']) {
      const admission = await door.admit(wrong, address);
      codes.push(admission.ok ? 'ok' : admission.refusal.code);
    }
    expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED', 'UNAUTHENTICATED']);
    expect(asked).toBe(3);
  });

  it('looks at no more unknown keys of one address together than may still be wrong there, and has the others wait for that', async () => {
    const lookups: ((key: null) => void)[] = [];
    const door = new Door({ liveKey: () => new Promise((resolve) => { lookups.push(resolve); }), touchKey: () => undefined }, limits, { now: () => 0 });
    const answers = Array.from({ length: 50 }, () => door.admit({ key: generateKey().text, actor: null }, '10.0.0.1'));
    const elsewhere = door.admit(wrong, '10.0.0.2');
    await vi.waitFor(() => expect(lookups).toHaveLength(2 + 1));
    for (const settle of lookups) settle(null);
    const codes = (await Promise.all(answers)).map((admission) => (admission.ok ? 'ok' : admission.refusal.code));
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(2);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(48);
    expect(await elsewhere).toMatchObject({ refusal: { code: 'UNAUTHENTICATED' } });
    expect(lookups).toHaveLength(3);
  });

  it('lets every good key in, however many come from one address at the same moment', async () => {
    const made = Array.from({ length: 50 }, () => generateKey());
    const live = new Map(made.map(({ id, hash }) => [id, keyWith({ id, hash })]));
    const door = new Door({ liveKey: (id) => Promise.resolve(live.get(id) ?? null), touchKey: () => undefined }, limits, { now: () => 0 });
    const admissions = await Promise.all(made.map(({ text }) => door.admit({ key: text, actor: null }, '10.0.0.1')));
    expect(admissions.filter(({ ok }) => ok)).toHaveLength(50);
  });

  it('tells of each failure why, from where and by which key, and nothing of keys that were let in', async () => {
    const good = generateKey();
    const key = keyWith({ id: good.id, hash: good.hash });
    const told: FailedAuthentication[] = [];
    const liveKey = (id: string): Promise<ApiKeyRecord | null> => Promise.resolve(id === key.id ? key : null);
    const door = new Door({ liveKey, touchKey: () => undefined }, { ...limits, failedKeysPerMinute: 1 }, { now: () => 0, failed: (failure) => void told.push(failure) });
    const shown = [{ key: good.text, actor: null }, { key: good.text, actor: 'someone' }, { key: null, actor: null }, wrong, { key: 'nonsense', actor: null }];
    for (const credentials of shown) await door.admit(credentials, '10.0.0.1');
    const keyId = parseKey(wrong.key)?.id;
    expect(told).toEqual([
      { reason: 'ACTOR_REFUSED', address: '10.0.0.1', keyId: key.id }, { reason: 'MISSING', address: '10.0.0.1', keyId: null },
      { reason: 'INVALID', address: '10.0.0.1', keyId }, { reason: 'LIMITED', address: '10.0.0.1', keyId: null },
    ]);
  });

  it('counts requests for actors whom the key may not act for among those of the key', async () => {
    const good = generateKey();
    const key = keyWith({ id: good.id, hash: good.hash });
    const door = new Door({ liveKey: () => Promise.resolve(key), touchKey: () => undefined }, { ...limits, requestsPerMinute: 2 }, { now: () => 0 });
    const codes = [];
    for (let count = 0; count < 3; count++) {
      const admission = await door.admit({ key: good.text, actor: 'someone' }, '10.0.0.1');
      codes.push(admission.ok ? 'ok' : admission.refusal.code);
    }
    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'RATE_LIMITED']);
  });

  it('does not count requests without any key', async () => {
    const door = new Door({ liveKey: () => Promise.resolve(null), touchKey: () => undefined }, limits, { now: () => 0 });
    for (let count = 0; count < 10; count++) expect(await door.admit({ key: null, actor: null }, '10.0.0.1')).toMatchObject({ refusal: { code: 'UNAUTHENTICATED' } });
  });
});

/** What a range names, byte by byte, from RFC 9110: null for the whole. */
function namedBytes(size: number, first: number | null, last: number | null): number[] | null {
  const bytes = Array.from({ length: size }, (_, at) => at);
  if (first === null) return last === null || (last > 0 && size === 0) ? null : last === 0 ? [] : bytes.slice(-last);
  if (last !== null && last < first) return null;
  return bytes.slice(first, last === null ? size : last + 1);
}

describe('a byte range', () => {
  it('lies within the file and is what the header says', () => {
    const bound = fc.option(fc.nat(1200), { nil: null });
    fc.assert(
      fc.property(fc.nat(1000), bound, bound, (size, first, last) => {
        const range = byteRange(`bytes=${first ?? ''}-${last ?? ''}`, size);
        const named = namedBytes(size, first, last);
        const actual = range === 'NONE' ? [] : range === null ? null : Array.from({ length: range.end - range.start }, (_, at) => range.start + at);
        expect(actual).toEqual(named);
      }),
    );
  });
});

describe('the address of something in a repository', () => {
  it('is split at the first /-/ and decoded by component', () => {
    expect(repoAddress('a/b/-/rev/x%2Fy/-/z')).toEqual({ repo: 'a/b', rest: ['rev', 'x/y', '-', 'z'] });
    for (const path of ['', 'a', '-/a', '/-/a', 'a/-/%E0%A4%A', 'a/%/-/b']) expect(repoAddress(path)).toBeNull();
  });
});

describe('remembered documents', () => {
  const documents = new Documents(buildSchema('type Query { a: Int }'), { queryDepth: 15, introspection: true });

  it('are the same object the second time', () => {
    expect(documents.parse('{ a }')).toBe(documents.parse('{ a }'));
  });

  it('are bounded by their text, however many there are', () => {
    for (let at = 0; at < 3_000; at++) documents.parse(`query Q${at} { a ${'#'.repeat(200)} \n }`);
    expect(documents.rememberedCharacters).toBeLessThanOrEqual(128 << 10);
    expect(documents.rememberedCharacters).toBeGreaterThan(100 << 10);
    const long = `{ a } #${'x'.repeat(20_000)}`;
    expect(documents.parse(long)).not.toBe(documents.parse(long));
  });

  it('do not hold what is not valid', () => {
    expect(documents.validate(documents.parse('{ b }'))).toHaveLength(1);
    expect(documents.parse('{ b }')).not.toBe(documents.parse('{ b }'));
  });
});

describe('places of subscriptions', () => {
  it('are counted for each key, given back once, and ended together', () => {
    const subscriptions = new Subscriptions({ perKey: 2, liveKey: async () => null });
    const [a, b] = [subscriptions.open({ id: 'k', hash: '' }), subscriptions.open({ id: 'k', hash: '' })];
    if (typeof a === 'string' || typeof b === 'string') throw new TypeError('there was no place');
    expect([subscriptions.open({ id: 'k', hash: '' }), typeof subscriptions.open({ id: 'other', hash: '' })]).toEqual(['FULL', 'object']);
    a.release();
    a.release();
    expect(subscriptions.size).toBe(2);
    expect(typeof subscriptions.open({ id: 'k', hash: '' })).toBe('object');
    expect(subscriptions.open({ id: 'k', hash: '' })).toBe('FULL');
    subscriptions.endAll();
    expect([b.signal.aborted, a.signal.aborted, subscriptions.open({ id: 'new', hash: '' })]).toEqual([true, false, 'ENDING']);
    expect(b.signal.reason).toBe('STOPPING');
  });

  it('end within half a second of their key’s end, by one question for each key, and none while nothing is open', async () => {
    vi.useFakeTimers();
    const live = new Map<string, ApiKeyRecord | null>([['k', keyWith({ id: 'k', hash: 'new' })], ['other', keyWith({ id: 'other', hash: 'new' })]]);
    const asked: string[] = [];
    const subscriptions = new Subscriptions({
      perKey: 100,
      liveKey: async (keyId) => {
        asked.push(keyId);
        const key = live.get(keyId);
        if (key === undefined) throw new TypeError('nobody knows');
        return key;
      },
    });
    expect(vi.getTimerCount()).toBe(0);
    const open = [...Array.from({ length: 50 }, () => 'k'), 'other', 'unknown'].map((id) => subscriptions.open({ id, hash: 'new' }));
    live.set('k', null);
    await vi.advanceTimersByTimeAsync(400);
    expect(asked).toEqual(['k', 'other', 'unknown']);
    const reasons = open.map((place) => (typeof place === 'string' ? place : place.signal.reason));
    expect(reasons).toEqual([...Array.from({ length: 50 }, () => 'REFUSED'), undefined, undefined]);
    for (const place of open) if (typeof place !== 'string') place.release();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('end with the secret that they were opened with, when it is not the newest and its while is over', async () => {
    vi.useFakeTimers();
    let key = keyWith({ id: 'k', hash: 'second', previousHash: 'first' });
    const subscriptions = new Subscriptions({ perKey: 100, liveKey: async () => key });
    const open = ['first', 'second'].map((hash) => subscriptions.open({ id: 'k', hash }));
    const ended = (): unknown[] => open.map((place) => (typeof place === 'string' ? place : place.signal.aborted));
    await vi.advanceTimersByTimeAsync(400);
    expect(ended()).toEqual([false, false]);
    key = { ...key, previousHash: null };
    await vi.advanceTimersByTimeAsync(400);
    expect(ended()).toEqual([true, false]);
    for (const place of open) if (typeof place !== 'string') place.release();
    vi.useRealTimers();
  });
});

describe('the origin of a WebSocket', () => {
  const settings = { corsOrigins: ['https://app.example.com'], publicUrl: 'https://weir.example.com/base' };
  it.each<[string | undefined, string, boolean]>([
    [undefined, 'weir:4000', true],
    ['http://weir:4000', 'weir:4000', true],
    ['https://app.example.com', 'weir:4000', true],
    ['https://weir.example.com', 'internal:4000', true],
    ['https://evil.example.com', 'weir:4000', false],
    ['https://app.example.com.evil.com', 'weir:4000', false],
    ['null', 'weir:4000', false],
  ])('%s for the host %s: %s', (origin, host, allowed) => {
    expect(mayConnect({ host, ...(origin === undefined ? {} : { origin }) }, settings)).toBe(allowed);
  });
});
