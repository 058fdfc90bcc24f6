import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authenticate, type LiveKeys } from '../../src/auth/authenticate.js';
import { generateKey, hashSecret, parseKey, secretMatches } from '../../src/auth/key-format.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { keyWith } from '../security/key-kinds.js';

/** A lookup that knows this key or none, and what it was asked for. */
function keysOf(key: ApiKeyRecord | null): LiveKeys & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    liveKey: (id) => {
      asked.push(id);
      return Promise.resolve(key !== null && key.id === id ? key : null);
    },
  };
}

describe('the form of keys', () => {
  test('a new key is parsed into the parts it was made of, and its hash is the SHA-256 of its secret', () => {
    const key = generateKey();
    expect(key.text).toMatch(/^weir_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}$/u);
    expect(parseKey(key.text)).toEqual({ id: key.id, secret: key.secret });
    expect(key.hash).toBe(createHash('sha256').update(key.secret).digest('hex'));
  });

  test('every character is equally likely', () => {
    const counts = new Map<string, number>();
    const keys = 4000;
    for (let i = 0; i < keys; i++) for (const character of generateKey().secret) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    const expected = (keys * 43) / 62;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 61 degrees of freedom: above 130 once in a million runs; taking bytes modulo 62 gives about 900.
    expect(chiSquare).toBeLessThan(130);
  });

  test('no two keys are alike', () => {
    const keys = Array.from({ length: 2000 }, () => generateKey());
    expect(new Set(keys.map((key) => key.id)).size).toBe(2000);
    expect(new Set(keys.map((key) => key.secret)).size).toBe(2000);
  });

  const secret = 's'.repeat(43);
  test.each(['', 'weir', `weir_${'a'.repeat(11)}_${secret}`, `weir_${'a'.repeat(12)}_${secret}x`, `weir_${'a'.repeat(12)}_${'s'.repeat(42)}-`, `Weir_${'a'.repeat(12)}_${secret}`, ` weir_${'a'.repeat(12)}_${secret}`, `weir_${'a'.repeat(12)}_${secret}\n`])('%j is none', (text) => {
    expect(parseKey(text)).toBeNull();
  });

  test('only the secret that was hashed matches, and a broken hash matches nothing', () => {
    const hash = hashSecret(secret);
    expect(secretMatches(secret, hash)).toBe(true);
    expect(secretMatches(`${'s'.repeat(42)}t`, hash)).toBe(false);
    expect(secretMatches(secret, '')).toBe(false);
    expect(secretMatches(secret, hash.slice(2))).toBe(false);
  });
});

describe('authentication', () => {
  const made = generateKey();
  const record = (traits: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({ ...keyWith({ id: made.id, hash: made.hash, scopes: ['READ'], actor: 'bot' }), ...traits });
  test('a live key speaks for its own actor', async () => {
    const key = record();
    await expect(authenticate({ key: made.text, actor: null }, keysOf(key))).resolves.toEqual({ ok: true, viewer: { key, actor: 'bot', onBehalfOf: null } });
  });

  test('no key is told apart from a wrong one, but unknown, wrong and malformed ones are not', async () => {
    await expect(authenticate({ key: null, actor: null }, keysOf(record()))).resolves.toMatchObject({ ok: false, reason: 'MISSING' });
    const wrong = `weir_${made.id}_${'x'.repeat(43)}`;
    const answers = [
      await authenticate({ key: made.text, actor: null }, keysOf(null)),
      await authenticate({ key: wrong, actor: null }, keysOf(record())),
      await authenticate({ key: 'Basic x', actor: null }, keysOf(record())),
    ];
    expect(answers[0]).toMatchObject({ ok: false, reason: 'INVALID' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test('a malformed key is not looked up', async () => {
    const keys = keysOf(record());
    await authenticate({ key: `${made.text}x`, actor: null }, keys);
    expect(keys.asked).toEqual([]);
  });

  test('an unknown id takes the same time as a wrong secret', async () => {
    const unknown = keysOf(null);
    const known = keysOf(record());
    const wrong = `weir_${made.id}_${'x'.repeat(43)}`;
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < 4000; i++) {
      const [side, keys] = i % 2 === 0 ? ([0, unknown] as const) : ([1, known] as const);
      const started = process.hrtime.bigint();
      await authenticate({ key: wrong, actor: null }, keys);
      times[side].push(Number(process.hrtime.bigint() - started));
    }
    const [a, b] = times.map((list) => list.sort((x, y) => x - y)[Math.floor(list.length / 2)] ?? 0);
    // Without the comparison with a dummy hash an unknown id takes a third of the time.
    expect((a ?? 0) / (b ?? 1)).toBeGreaterThan(0.6);
    expect((a ?? 0) / (b ?? 1)).toBeLessThan(1.6);
  });

  test('a key with ACT_AS acts for whom its globs name, and the viewer tells both', async () => {
    const key = record({ scopes: ['ACT_AS'], actAs: ['user/*'] });
    await expect(authenticate({ key: made.text, actor: 'user/ada' }, keysOf(key))).resolves.toEqual({ ok: true, viewer: { key, actor: 'user/ada', onBehalfOf: 'user/ada' } });
  });

  test.each([
    ['the scope', { scopes: ['READ'] as const, actAs: ['**'] }, 'user/ada'],
    ['a glob that matches', { scopes: ['ACT_AS'] as const, actAs: ['user/*'] }, 'root'],
    ['any glob, even as an administrator', { scopes: ['ADMIN'] as const, actAs: [] }, 'root'],
    ['a name without line breaks', { scopes: ['ACT_AS'] as const, actAs: ['**'] }, 'a\nb'],
    ['a name at all', { scopes: ['ACT_AS'] as const, actAs: ['**'] }, ''],
  ])('acting for another needs %s', async (_, traits, actor) => {
    await expect(authenticate({ key: made.text, actor }, keysOf(record(traits)))).resolves.toMatchObject({ ok: false, reason: 'ACTOR_REFUSED' });
  });

  test('a fault of the lookup is not an answer', async () => {
    await expect(authenticate({ key: made.text, actor: null }, { liveKey: () => Promise.reject(new RangeError('down')) })).rejects.toThrow('down');
  });
});
