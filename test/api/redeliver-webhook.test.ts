import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { DueDelivery } from '../../src/domain/ports/webhooks.js';
import type { Problem } from '../../src/domain/problem.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import { createWebhook } from '../../src/operations/webhook/create-webhook.js';
import { redeliverWebhook } from '../../src/operations/webhook/redeliver-webhook.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const ADMIN: Partial<ApiKeyRecord> = { scopes: ['ADMIN'] };
const OWNER = 'a gateway';
const TAKEN = { status: 204, note: null, durationMs: 5 };
const REFUSED = { status: 500, note: 'The receiver answered 500.', durationMs: 5 };

let world: VerbWorld;
let keyId: string;

beforeAll(async () => {
  world = await openWorld();
  ({ keyId } = receiptOf((await createApiKey(world.as('admin', ADMIN), { name: 'hooks', scopes: ['ADMIN'], repos: ['**'], branches: ['**'] })).outcome));
});
afterAll(() => world.close());

const maker = (): ReturnType<VerbWorld['as']> => world.as('hooks', { ...ADMIN, id: keyId });
const deliveryId = (id: number): string => encodeGlobalId({ type: 'WebhookDelivery', id });

/** A webhook that owes two events of one repository; the first is due. */
async function owing(request = maker()): Promise<{ readonly webhookId: number; readonly id: string; readonly first: DueDelivery }> {
  const { webhookId } = receiptOf((await createWebhook(request, { url: 'https://hooks.example.com/' })).outcome);
  const { webhooks } = world.app.storage;
  const held = (await webhooks.hold(OWNER, 60_000, 100)).find(({ id }) => id === webhookId);
  if (held === undefined) throw new TypeError('the webhook is not held');
  const [one, two] = [{ position: held.position + 1, index: 0 }, { position: held.position + 2, index: 0 }];
  expect(await webhooks.owe(webhookId, OWNER, held, two, [one, two].map((cursor) => ({ cursor, stream: 1 })))).toBe(true);
  const [first] = await webhooks.due(webhookId, 10);
  if (first === undefined) throw new TypeError('nothing is due');
  return { webhookId, id: encodeGlobalId({ type: 'Webhook', id: webhookId }), first };
}

async function refusal(input: { readonly id: string; readonly delivery?: string }, request = maker()): Promise<Problem> {
  return problemOf(await world.withoutTrace(() => redeliverWebhook(request, input)));
}

describe('a redelivery', () => {
  it('is due at once and beside the order of the repository, once however often it is asked for with one key', async () => {
    const { webhookId, id, first } = await owing();
    const { webhooks } = world.app.storage;
    await webhooks.delivered(OWNER, first, TAKEN);
    const input = { id, delivery: deliveryId(first.id), idempotencyKey: 'again-1' };
    const receipt = receiptOf(await redeliverWebhook(maker(), input));
    expect(await world.withoutTrace(() => redeliverWebhook(maker(), input))).toEqual({ ok: true, replayed: true, receipt });
    const due = await webhooks.due(webhookId, 10);
    expect(due.map(({ again, position }) => [again, position])).toEqual(expect.arrayContaining([[true, first.position], [false, first.position + 1]]));
    expect(due).toHaveLength(2);
    expect(due.find(({ again }) => again)).toMatchObject({ id: receipt.deliveryId, state: 'PENDING', attempts: 0 });
    expect(due.every(({ dueInMs }) => dueInMs <= 0)).toBe(true);
    expect(await world.operation(receipt.operation)).toMatchObject({ stream: 0, kind: 'REDELIVER_WEBHOOK', subject: { type: 'Webhook', id: webhookId } });
  });

  it('without a delivery has everything that is owed due now, and a webhook that was stopped go on', async () => {
    const { webhookId, id, first } = await owing();
    const { webhooks } = world.app.storage;
    await webhooks.retry(OWNER, first, REFUSED, 3_600_000);
    expect((await webhooks.due(webhookId, 10))[0]?.dueInMs).toBeGreaterThan(3_000_000);
    await webhooks.stop(webhookId, OWNER, 'Enough.');
    expect((await webhooks.hold(OWNER, 60_000, 100)).map((held) => held.id)).not.toContain(webhookId);
    expect(receiptOf(await redeliverWebhook(maker(), { id }))).toMatchObject({ webhookId, deliveryId: null });
    expect(await world.app.storage.reader().webhook(webhookId)).toMatchObject({ state: 'ACTIVE', note: null });
    expect((await webhooks.hold(OWNER, 60_000, 100)).map((held) => held.id)).toContain(webhookId);
    expect((await webhooks.due(webhookId, 10)).map(({ dueInMs }) => dueInMs <= 0)).toEqual([true]);
  });
});

describe('nothing is redelivered', () => {
  it('that is owed anyway', async () => {
    const { id, first } = await owing();
    expect(await refusal({ id, delivery: deliveryId(first.id) })).toMatchObject({ code: 'INVALID_STATE', actualState: 'PENDING' });
  });

  it('by a webhook that is stopped', async () => {
    const { webhookId, id, first } = await owing();
    await world.app.storage.webhooks.delivered(OWNER, first, TAKEN);
    await world.app.storage.webhooks.stop(webhookId, OWNER, 'Enough.');
    expect(await refusal({ id, delivery: deliveryId(first.id) })).toMatchObject({ code: 'INVALID_STATE', actualState: 'STOPPED' });
  });

  it('that is another webhook’s, or none', async () => {
    const [{ id }, { first }] = [await owing(), await owing()];
    for (const delivery of [deliveryId(first.id), deliveryId(999_999), id, 'nonsense']) expect(await refusal({ id, delivery })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal({ id: 'nonsense' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('by a key without ADMIN, nor by one that reaches less far than the key that made it', async () => {
    const { id } = await owing();
    expect(await refusal({ id }, world.as('other', { scopes: ['READ', 'WRITE'] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(await refusal({ id }, world.as('other', { scopes: ['ADMIN'], repos: ['team/*'] }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('in the name of a key that is revoked', async () => {
    const { keyId: short } = receiptOf((await createApiKey(world.as('admin', ADMIN), { name: 'short', scopes: ['ADMIN'], repos: ['**'], branches: ['**'] })).outcome);
    const { id } = await owing(world.as('short', { ...ADMIN, id: short }));
    receiptOf(await revokeApiKey(world.as('admin', ADMIN), { id: short }));
    expect(await refusal({ id }, world.as('admin', ADMIN))).toMatchObject({ code: 'INVALID_STATE', actualState: 'KEY_GONE' });
  });
});
