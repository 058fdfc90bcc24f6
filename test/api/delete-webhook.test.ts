import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createWebhook } from '../../src/operations/webhook/create-webhook.js';
import { deleteWebhook } from '../../src/operations/webhook/delete-webhook.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const ADMIN: Partial<ApiKeyRecord> = { scopes: ['ADMIN'] };

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** A webhook of the admin's, which owes an event that a gateway is about to send. */
async function owing(): Promise<{ readonly webhookId: number; readonly id: string }> {
  const { webhookId } = receiptOf((await createWebhook(world.as('admin', ADMIN), { url: 'https://hooks.example.com/' })).outcome);
  const { webhooks } = world.app.storage;
  const held = (await webhooks.hold('a gateway', 60_000, 100)).find(({ id }) => id === webhookId);
  if (held === undefined) throw new TypeError('the webhook is not held');
  const cursor = { position: held.position + 1, index: 0 };
  expect(await webhooks.owe(webhookId, 'a gateway', held, cursor, [{ cursor, stream: 1 }])).toBe(true);
  return { webhookId, id: encodeGlobalId({ type: 'Webhook', id: webhookId }) };
}

describe('a webhook that is deleted', () => {
  it('is gone for whoever delivers, with its secret and what it owes', async () => {
    const { webhookId, id } = await owing();
    const { webhooks } = world.app.storage;
    const { operation } = receiptOf(await deleteWebhook(world.as('admin', ADMIN), { id }));
    expect(await world.operation(operation)).toMatchObject({ stream: 0, kind: 'DELETE_WEBHOOK', actor: 'admin', subject: { type: 'Webhook', id: webhookId } });
    expect((await webhooks.hold('a gateway', 60_000, 100)).map((held) => held.id)).not.toContain(webhookId);
    expect(await world.app.storage.reader().webhook(webhookId)).toMatchObject({ deletedAt: expect.any(Date) });
    expect(await webhooks.forgetSettled(60_000, 100)).toBe(1);
    expect(await webhooks.owed(webhookId)).toBe(0);
  });

  it('is deleted once when the call is repeated with its key, and not found without', async () => {
    const { id } = await owing();
    const input = { id, idempotencyKey: `delete-${id}` };
    const first = receiptOf(await deleteWebhook(world.as('admin', ADMIN), input));
    expect(await world.withoutTrace(() => deleteWebhook(world.as('admin', ADMIN), input))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await world.withoutTrace(() => deleteWebhook(world.as('admin', ADMIN), { id })))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is deleted by one of those who try at the same moment', async () => {
    const { id } = await owing();
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => deleteWebhook(world.as('admin', ADMIN), { id })));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.problem.code]))).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
  });
});

describe('no webhook is deleted', () => {
  it.each([['is no id', 'nonsense'], ['names nothing', encodeGlobalId({ type: 'Webhook', id: 999_999 })], ['names another thing', encodeGlobalId({ type: 'Repo', id: 1 })]])('by a text that %s', async (_, id) => {
    expect(problemOf(await world.withoutTrace(() => deleteWebhook(world.as('admin', ADMIN), { id })))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('by a key without ADMIN, nor by one that reaches less far than the key that made it, which does not see it', async () => {
    const { id } = await owing();
    const by = (key: Partial<ApiKeyRecord>) => world.withoutTrace(() => deleteWebhook(world.as('other', key), { id }));
    expect(problemOf(await by({ scopes: ['READ', 'WRITE'] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(problemOf(await by({ scopes: ['ADMIN'], repos: ['team/*'] }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
