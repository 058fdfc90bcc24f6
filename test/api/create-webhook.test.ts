import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { encodeEventCursor } from '../../src/domain/cursor.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { Problem } from '../../src/domain/problem.js';
import { createWebhook } from '../../src/operations/webhook/create-webhook.js';
import { deleteWebhook } from '../../src/operations/webhook/delete-webhook.js';
import type { CreateWebhookInput } from '../../src/operations/inputs.js';
import { readWebhook } from '../../src/operations/reading/admin/read-webhooks.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const ADMIN: Partial<ApiKeyRecord> = { scopes: ['ADMIN'] };
const URL_GIVEN = 'https://hooks.example.com/weir';
const MOST = 4;

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld({ settings: { WEIR_MAX_WEBHOOKS: String(MOST) } });
});
afterAll(() => world.close());

const made: number[] = [];
async function create(input: Partial<CreateWebhookInput> = {}): ReturnType<typeof createWebhook> {
  const created = await createWebhook(world.as('admin', ADMIN), { url: URL_GIVEN, ...input });
  if (created.outcome.ok && !created.outcome.replayed) made.push(created.outcome.receipt.webhookId);
  return created;
}

async function clear(): Promise<void> {
  for (const id of made.splice(0)) receiptOf(await deleteWebhook(world.as('admin', ADMIN), { id: encodeGlobalId({ type: 'Webhook', id }) }));
}

async function refusalOf(input: Partial<CreateWebhookInput>, key: Partial<ApiKeyRecord> = ADMIN): Promise<Problem> {
  const { outcome, secret } = await world.withoutTrace(() => createWebhook(world.as('admin', key), { url: URL_GIVEN, ...input }));
  expect(secret).toBeNull();
  return problemOf(outcome);
}

describe('a webhook', () => {
  it('is shown to nobody without ADMIN, not even by the key that made it', async () => {
    const { webhookId } = receiptOf((await create()).outcome);
    expect(await readWebhook(world.as('admin', ADMIN), webhookId)).toMatchObject({ id: webhookId });
    expect(await readWebhook(world.as('admin', { scopes: ['READ', 'AUDIT'] }), webhookId)).toBeNull();
    await clear();
  });
});

describe('a new webhook', () => {
  it('begins at the end of the log unless told otherwise, and is kept with its secret sealed, which is answered once', async () => {
    await world.repo();
    const now = await world.app.gateway.events.now();
    const { outcome, secret } = await create({ description: 'For the build', filter: { kinds: ['BRANCH_CREATED'] } });
    const { webhookId, operation } = receiptOf(outcome);
    const stored = await world.app.storage.reader().webhook(webhookId);
    expect(stored).toMatchObject({ url: URL_GIVEN, description: 'For the build', filter: { kinds: ['BRANCH_CREATED'] }, keyId: 'keyadmin0000', state: 'ACTIVE', note: null, ...now, createdBy: 'admin', lastDeliveredAt: null, deletedAt: null });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/u);
    const [kept] = (await world.app.storage.webhooks.hold('a gateway', 60_000, 10)).filter(({ id }) => id === webhookId);
    expect(kept?.secret.includes(Buffer.from(secret ?? '', 'utf8'))).toBe(false);
    expect(world.app.gateway.webhooks.open(kept?.secret ?? Buffer.alloc(0))).toBe(secret);
    expect(JSON.stringify([stored, await world.operation(operation), outcome])).not.toContain(secret?.slice('whsec_'.length));
    expect(await world.operation(operation)).toMatchObject({ stream: 0, kind: 'CREATE_WEBHOOK', actor: 'admin', refs: [], subject: { type: 'Webhook', id: webhookId }, events: [] });
    await world.expectWholeLog(0);
    await clear();
  });

  it('is made once when the call is repeated, and its secret is not told again', async () => {
    const first = await create({ idempotencyKey: 'hook-1' });
    expect(first.secret).not.toBeNull();
    const again = await world.withoutTrace(() => create({ idempotencyKey: 'hook-1' }));
    expect(again).toEqual({ outcome: { ok: true, replayed: true, receipt: receiptOf(first.outcome) }, secret: null });
    expect(problemOf((await create({ idempotencyKey: 'hook-1', url: `${URL_GIVEN}/other` })).outcome)).toMatchObject({ field: 'idempotencyKey' });
    const racing = await Promise.all([1, 2, 3].map(() => create({ idempotencyKey: 'hook-2' })));
    expect(new Set(racing.map(({ outcome }) => receiptOf(outcome).webhookId)).size).toBe(1);
    expect(racing.filter(({ secret }) => secret !== null)).toHaveLength(1);
    await clear();
  });

  it('has a secret of its own', async () => {
    const secrets = [(await create()).secret, (await create()).secret];
    expect(new Set(secrets).size).toBe(2);
    await clear();
  });

  it('begins behind the cursor that is given', async () => {
    const after = await world.app.gateway.events.now();
    await world.repo();
    const { outcome } = await create({ after: encodeEventCursor(after) });
    expect(await world.app.storage.reader().webhook(receiptOf(outcome).webhookId)).toMatchObject(after);
    await clear();
  });

  it('is refused when there are as many as may be, deleted ones not counted, however many come at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: MOST + 3 }, () => create()));
    expect(outcomes.filter(({ outcome }) => outcome.ok)).toHaveLength(MOST);
    expect(await refusalOf({})).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'webhooks', maximum: MOST, requested: MOST + 1 });
    await clear();
    expect((await create()).outcome.ok).toBe(true);
    await clear();
  });
});

describe('no webhook is made', () => {
  it.each<readonly [string, string]>([
    ['that is none', 'hooks.example.com'],
    ['of another protocol', 'ftp://hooks.example.com/'],
    ['over plain http', 'http://hooks.example.com/'],
    ['with a password', 'https://me:secret@hooks.example.com/'],
    ['with a fragment', 'https://hooks.example.com/#top'],
    ['of this machine', 'https://127.0.0.1/'],
    ['of this machine, spelled as one number', 'https://2130706433/'],
    ['of this machine in IPv6', 'https://[::1]/'],
    ['of this machine in IPv6 clothes', 'https://[::ffff:127.0.0.1]/'],
    ['of a private network', 'https://10.1.2.3/'],
    ['where clouds keep credentials', 'https://169.254.169.254/latest'],
    ['that is too long', `https://hooks.example.com/${'a'.repeat(2048)}`],
    ['of half a character', 'https://hooks.example.com/\uD800'],
  ])('for an address %s', async (_, url) => {
    expect(await refusalOf({ url })).toMatchObject({ code: 'INVALID_INPUT', field: 'url', rule: expect.stringMatching(/^webhook-url\//u) });
  });

  it.each<readonly [string, Partial<CreateWebhookInput>, string]>([
    ['whose description Postgres cannot hold', { description: 'a\0' }, 'description'],
    ['for no kind at all', { filter: { kinds: [] } }, 'filter.kinds'],
    ['for no repository at all', { filter: { repos: [] } }, 'filter.repos'],
    ['for a repository of two lines', { filter: { repos: ['a', 'b\nc'] } }, 'filter.repos[1]'],
    ['for more repositories than each event can be compared with', { filter: { repos: Array.from({ length: 1001 }, (_, n) => `r${n}`) } }, 'filter.repos'],
    ['for half a branch', { filter: { branch: '\uD800' } }, 'filter.branch'],
    ['for a run that Postgres cannot hold', { filter: { runId: 'a\0' } }, 'filter.runId'],
    ['for a blank actor', { filter: { actor: '' } }, 'filter.actor'],
    ['behind a cursor that was not made here', { after: 'not-a-cursor' }, 'after'],
    ['behind an event that has not happened', { after: encodeEventCursor({ position: 1_000_000_000, index: 0 }) }, 'after'],
  ])('%s', async (_, input, field) => {
    expect(await refusalOf(input)).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('by a key without ADMIN, whatever else it has', async () => {
    expect(await refusalOf({}, { scopes: ['READ', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE', 'AUDIT'] })).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });
});
