import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.js';
import { parseKey } from '../../src/auth/key-format.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { rotateApiKey } from '../../src/operations/api-key/rotate-api-key.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const ADMIN: Partial<ApiKeyRecord> = { scopes: ['ADMIN'] };
const GRACE_MS = 86_400_000;

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

interface Held {
  readonly id: string;
  readonly text: string;
}

async function makeKey(repos: readonly string[] = ['team/*']): Promise<Held> {
  const { outcome, secret } = await createApiKey(world.as('admin', ADMIN), { name: 'Agent', scopes: ['READ'], repos, branches: [] });
  return { id: receiptOf(outcome).keyId, text: secret ?? '' };
}

async function rotate(id: string, graceMs?: number): Promise<string> {
  const { outcome, secret } = await rotateApiKey(world.as('admin', ADMIN), { id, ...(graceMs === undefined ? {} : { graceMs }) });
  receiptOf(outcome);
  return secret ?? '';
}

async function opens(text: string): Promise<boolean> {
  return (await authenticate({ key: text, actor: null }, world.app.storage)).ok;
}

describe('rotating a key', () => {
  it('gives it another secret under the same id, answered once and kept as a hash', async () => {
    const { id, text } = await makeKey();
    const { outcome, secret } = await rotateApiKey(world.as('admin', ADMIN), { id: encodeGlobalId({ type: 'ApiKey', id }) });
    const { keyId, operation } = receiptOf(outcome);
    const [before, after] = [parseKey(text), parseKey(secret ?? '')];
    expect([keyId, after?.id]).toEqual([id, id]);
    expect(after?.secret).not.toBe(before?.secret);
    expect(await world.operation(operation)).toMatchObject({ stream: 0, kind: 'ROTATE_KEY', actor: 'admin', refs: [], subject: { type: 'ApiKey', id }, events: [] });
    const stored = await world.app.storage.reader().apiKey(id);
    expect(JSON.stringify([stored, await world.operation(operation), outcome])).not.toContain(after?.secret);
    await world.expectWholeLog(0);
  });

  it('leaves two secrets that work, and says for how long', async () => {
    const { id, text } = await makeKey();
    const from = Date.now();
    const next = await rotate(id);
    expect([await opens(text), await opens(next)]).toEqual([true, true]);
    const until = (await world.app.storage.reader().apiKey(id))?.previousUntil?.getTime() ?? 0;
    expect(until).toBeGreaterThanOrEqual(from + GRACE_MS - 1_000);
    expect(until).toBeLessThanOrEqual(Date.now() + GRACE_MS + 1_000);
  });

  it('never leaves three: the oldest ends with the second rotation', async () => {
    const { id, text } = await makeKey();
    const second = await rotate(id);
    const third = await rotate(id);
    expect([await opens(text), await opens(second), await opens(third)]).toEqual([false, true, true]);
  });

  it('ends the secret before when its while is over, by the clock of the database', async () => {
    const { id, text } = await makeKey();
    const next = await rotate(id, 700);
    expect(await opens(text)).toBe(true);
    await expect.poll(() => opens(text), { timeout: 5_000, interval: 50 }).toBe(false);
    expect(await opens(next)).toBe(true);
    expect((await world.app.storage.liveKey(id, true))?.previousHash).toBeNull();
  });

  it('ends it at once where nothing is to be replaced', async () => {
    const { id, text } = await makeKey();
    const next = await rotate(id, 0);
    expect([await opens(text), await opens(next)]).toEqual([false, true]);
    expect(await world.app.storage.reader().apiKey(id)).toMatchObject({ previousHash: null, previousUntil: null });
  });

  it('has every secret end with the key', async () => {
    const { id, text } = await makeKey();
    const next = await rotate(id);
    receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id }));
    expect([await opens(text), await opens(next)]).toEqual([false, false]);
  });
});

describe('a key keeps its secret', () => {
  it('when the caller is no administrator, whether the key exists or not', async () => {
    const { id } = await makeKey();
    for (const each of [id, 'absent000000']) {
      const { outcome, secret } = await world.withoutTrace(() => rotateApiKey(world.as('agent'), { id: each }));
      expect([problemOf(outcome), secret]).toEqual([expect.objectContaining({ code: 'FORBIDDEN', needs: 'ADMIN' }), null]);
    }
  });

  it('as if absent when it reaches further than the caller’s', async () => {
    const { id, text } = await makeKey(['**']);
    const caller = world.as('admin', { ...ADMIN, repos: ['team/**'] });
    const hidden = problemOf((await world.withoutTrace(() => rotateApiKey(caller, { id }))).outcome);
    const absent = problemOf((await rotateApiKey(caller, { id: 'absent000000' })).outcome);
    expect(hidden).toEqual({ ...absent, message: absent.message.replace('absent000000', id) });
    expect(await opens(text)).toBe(true);
  });

  it('when it is revoked, or the id names something else or nothing', async () => {
    const { id } = await makeKey();
    receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id }));
    for (const each of [id, '', 'Repo:1', 'ApiKey:', `Branch:${id}`]) {
      const { outcome, secret } = await world.withoutTrace(() => rotateApiKey(world.as('admin', ADMIN), { id: each }));
      expect([problemOf(outcome).code, secret]).toEqual(['NOT_FOUND', null]);
    }
  });
});
