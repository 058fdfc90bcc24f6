import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import type { CreateApiKeyInput } from '../../src/operations/inputs.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

const ADMIN: Partial<ApiKeyRecord> = { scopes: ['ADMIN'] };

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function makeKey(more: Partial<CreateApiKeyInput> = {}): Promise<string> {
  const { outcome } = await createApiKey(world.as('admin', ADMIN), { name: 'Agent', scopes: ['READ'], repos: ['team/*'], branches: [], ...more });
  return receiptOf(outcome).keyId;
}

describe('revoking a key', () => {
  it('ends it at once and keeps its row for the log', async () => {
    const id = await makeKey();
    expect(await world.app.storage.liveKey(id)).not.toBeNull();
    const { keyId, operation } = receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id: encodeGlobalId({ type: 'ApiKey', id }) }));
    expect(keyId).toBe(id);
    expect(await world.app.storage.liveKey(id)).toBeNull();
    const stored = await world.app.storage.reader().apiKey(id);
    expect(stored?.revokedAt).toBeInstanceOf(Date);
    expect(await world.operation(operation)).toMatchObject({ stream: 0, kind: 'REVOKE_KEY', actor: 'admin', refs: [], subject: { type: 'ApiKey', id }, events: [] });
    await world.expectWholeLog(0);
  });

  it('takes the bare id as well', async () => {
    expect(receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id: await makeKey() })).keyId).toMatch(/^[A-Za-z0-9]{12}$/u);
  });

  it('is done once when the call is repeated, and by one of several callers', async () => {
    const id = await makeKey();
    const first = receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id, idempotencyKey: id }));
    expect(await world.withoutTrace(() => revokeApiKey(world.as('admin', ADMIN), { id, idempotencyKey: id }))).toEqual({ ok: true, replayed: true, receipt: first });
    const other = await makeKey();
    const outcomes = await Promise.all([1, 2, 3].map(() => revokeApiKey(world.as('admin', ADMIN), { id: other })));
    expect(tally(outcomes)).toEqual({ done: 1, refused: ['NOT_FOUND', 'NOT_FOUND'] });
  });
});

describe('a key stays', () => {
  it('when the caller is no administrator, whether the key exists or not', async () => {
    const id = await makeKey();
    for (const each of [id, 'absent000000']) {
      expect(problemOf(await world.withoutTrace(() => revokeApiKey(world.as('agent'), { id: each })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    }
  });

  it.each<readonly [string, Partial<CreateApiKeyInput>, Partial<ApiKeyRecord>]>([
    ['repositories', { repos: ['**'] }, { repos: ['team/**'] }],
    ['branches', { branches: ['main'] }, { branches: ['session/*'] }],
    ['readable branches', {}, { readBranches: ['main'] }],
    ['paths', {}, { paths: ['src/**'] }],
  ])('as if absent when it reaches more %s than the caller’s', async (_, more, key) => {
    const id = await makeKey(more);
    const caller = world.as('admin', { ...ADMIN, ...key });
    const hidden = problemOf(await world.withoutTrace(() => revokeApiKey(caller, { id })));
    const absent = problemOf(await revokeApiKey(caller, { id: 'absent000000' }));
    expect(hidden).toEqual({ ...absent, message: absent.message.replace('absent000000', id) });
    expect(await world.app.storage.liveKey(id)).not.toBeNull();
  });

  it('when the id names something else, nothing, or a key that is revoked already', async () => {
    const id = await makeKey();
    receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id }));
    for (const each of [id, '', 'Repo:1', 'ApiKey:', `Branch:${id}`]) {
      expect(problemOf(await world.withoutTrace(() => revokeApiKey(world.as('admin', ADMIN), { id: each }))).code).toBe('NOT_FOUND');
    }
  });
});
