import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret, parseKey } from '../../src/auth/key-format.js';
import { SCOPES, type ApiKeyRecord } from '../../src/domain/api-key.js';
import type { Problem } from '../../src/domain/problem.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import type { CreateApiKeyInput } from '../../src/operations/inputs.js';
import { readApiKey, readApiKeys } from '../../src/operations/reading/admin/read-keys.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const ADMIN: Partial<ApiKeyRecord> = { scopes: ['ADMIN'] };

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function input(more: Partial<CreateApiKeyInput> = {}): CreateApiKeyInput {
  return { name: 'Agent', scopes: ['READ', 'WRITE'], repos: ['team/*'], branches: ['session/**'], ...more };
}

async function refusalOf(more: Partial<CreateApiKeyInput>, key: Partial<ApiKeyRecord> = ADMIN): Promise<Problem> {
  const { outcome, secret } = await world.withoutTrace(() => createApiKey(world.as('admin', key), input(more)));
  expect(secret).toBeNull();
  return problemOf(outcome);
}

describe('a new key', () => {
  it('is kept with all it was given but its secret, which is answered once', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { outcome, secret } = await createApiKey(
      world.as('admin', ADMIN),
      input({ readBranches: ['main', 'session/**'], paths: ['src/**'], actor: 'agent-7', actAs: ['user/*'], labels: [{ key: 'Team', value: 'a' }], expiresAt }),
    );
    const { keyId, operation } = receiptOf(outcome);
    const stored = await world.app.storage.reader().apiKey(keyId);
    expect(stored).toMatchObject({
      id: keyId, name: 'Agent', scopes: ['READ', 'WRITE'], repos: ['team/*'], branches: ['session/**'], readBranches: ['main', 'session/**'], paths: ['src/**'], actor: 'agent-7', actAs: ['user/*'],
      labels: [{ key: 'Team', value: 'a' }], createdBy: 'admin', expiresAt, revokedAt: null, lastUsedAt: null,
    });
    const parsed = parseKey(secret ?? '');
    expect(parsed).toMatchObject({ id: keyId });
    expect(stored?.hash).toBe(hashSecret(parsed?.secret ?? ''));
    const everything = JSON.stringify([stored, await world.operation(operation), outcome]);
    expect(everything).not.toContain(parsed?.secret);
    expect(await world.app.storage.liveKey(keyId)).toMatchObject({ id: keyId });
    expect(await world.operation(operation)).toMatchObject({ stream: 0, kind: 'CREATE_KEY', actor: 'admin', refs: [], subject: { type: 'ApiKey', id: keyId }, events: [] });
    await world.expectWholeLog(0);
  });

  it('reads every branch, writes every path and speaks in its own name unless told otherwise', async () => {
    const { outcome } = await createApiKey(world.as('admin', ADMIN), input());
    expect(await world.app.storage.reader().apiKey(receiptOf(outcome).keyId)).toMatchObject({ readBranches: ['**'], paths: ['**'], actor: 'Agent', actAs: [], labels: [], expiresAt: null });
  });

  it('can be one that writes to no branch', async () => {
    const { outcome } = await createApiKey(world.as('admin', ADMIN), input({ branches: [] }));
    expect(await world.app.storage.reader().apiKey(receiptOf(outcome).keyId)).toMatchObject({ branches: [] });
  });

  it('is made once when the call is repeated, and its secret is not told again', async () => {
    const first = await createApiKey(world.as('admin', ADMIN), input({ idempotencyKey: 'key-1' }));
    const again = await world.withoutTrace(() => createApiKey(world.as('admin', ADMIN), input({ idempotencyKey: 'key-1' })));
    expect(again).toEqual({ outcome: { ok: true, replayed: true, receipt: receiptOf(first.outcome) }, secret: null });
    expect(problemOf((await createApiKey(world.as('admin', ADMIN), input({ idempotencyKey: 'key-1', name: 'Other' }))).outcome)).toMatchObject({ field: 'idempotencyKey' });
    const racing = await Promise.all([1, 2, 3].map(() => createApiKey(world.as('admin', ADMIN), input({ idempotencyKey: 'key-2' }))));
    expect(new Set(racing.map(({ outcome }) => receiptOf(outcome).keyId)).size).toBe(1);
    expect(racing.filter(({ secret }) => secret !== null)).toHaveLength(1);
  });
});

describe('an administrator of some repositories', () => {
  const LIMITED: Partial<ApiKeyRecord> = { scopes: ['ADMIN'], repos: ['team/*'] };

  it('is shown the keys that reach no further, in the list and one by one', async () => {
    const [within, beyond] = await Promise.all([input(), input({ repos: ['**'] })].map(async (each) => receiptOf((await createApiKey(world.as('admin', ADMIN), each)).outcome).keyId));
    const limited = world.as('limited', LIMITED);
    const listed = (await readApiKeys(limited, { count: 100, after: null, backward: false })).edges.map(({ node }) => node.id);
    expect([listed.includes(within ?? ''), listed.includes(beyond ?? '')]).toEqual([true, false]);
    expect([await readApiKey(limited, within ?? ''), await readApiKey(limited, beyond ?? '')]).toEqual([expect.objectContaining({ id: within }), null]);
  });
});

describe('no key is made', () => {
  it.each<readonly [string, Partial<CreateApiKeyInput>, string]>([
    ['without a name', { name: '' }, 'name'],
    ['without a scope', { scopes: [] }, 'scopes'],
    ['without a repository', { repos: [] }, 'repos'],
    ['with an empty glob', { branches: ['main', ''] }, 'branches[1]'],
    ['with a glob of two lines', { repos: ['a\nb'] }, 'repos[0]'],
    ['with a path glob that Postgres cannot hold', { paths: ['a\0'] }, 'paths[0]'],
    ['with an unreadable branch glob', { readBranches: ['\uD800'] }, 'readBranches[0]'],
    ['that acts for half a character', { actAs: ['\uD800'] }, 'actAs[0]'],
    ['whose actor would forge a commit’s author', { actor: 'a <b@c>' }, 'actor'],
    ['whose name would, as it is its actor', { name: 'a <b@c>' }, 'actor'],
    ['that has expired already', { expiresAt: new Date(0) }, 'expiresAt'],
    ['with a label twice', { labels: [{ key: 'a', value: '' }, { key: 'a', value: '' }] }, 'labels[1].key'],
  ])('%s', async (_, more, field) => {
    expect(await refusalOf(more)).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it.each(SCOPES.filter((scope) => scope !== 'ADMIN'))('by a key with %s, or with all but ADMIN', async (scope) => {
    expect(await refusalOf({}, { scopes: [scope] })).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(await refusalOf({}, { scopes: SCOPES.filter((each) => each !== 'ADMIN') })).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });

  it.each<readonly [string, Partial<ApiKeyRecord>, Partial<CreateApiKeyInput>]>([
    ['repos', { repos: ['team/a'] }, {}],
    ['branches', { branches: ['session/*'] }, {}],
    ['readBranches', { readBranches: ['main'] }, {}],
    ['paths', { paths: ['src/**'] }, {}],
    ['paths', { paths: ['src/**'] }, { paths: ['src/**', 'docs/**'] }],
  ])('whose %s reach further than those of the key that makes it', async (globs, key, more) => {
    const problem = await refusalOf(more, { ...ADMIN, ...key });
    expect(problem).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(problem.message).toContain(`"${globs}"`);
  });
});
