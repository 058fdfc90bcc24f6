import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import { webhook, webhookDelivery } from '../../drizzle/index.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { NewWebhook } from '../domain/ports/webhooks.js';
import type { DeliveryRecord, WebhookRecord } from '../domain/webhook.js';
import { oneOfNumbers } from './filters.js';
import { beyondKey, cutPage, readingOrder, type PageOrder } from './keyset.js';
import { lockForWebhooks } from './locks.js';
import type { Queries } from './sending.js';

const { secret: _secret, version: _version, owner: _owner, ownedUntil: _ownedUntil, ...SHOWN } = getTableColumns(webhook);

const ORDER: PageOrder<WebhookRecord> = {
  columns: [webhook.createdAt, webhook.id],
  descending: false,
  keyOf: (row) => [row.createdAt, row.id],
};

/** Webhooks by id, deleted ones included. */
export async function webhooksById(queries: Queries, ids: readonly number[]): Promise<WebhookRecord[]> {
  return queries.select(SHOWN).from(webhook).where(oneOfNumbers(webhook.id, ids));
}

/** One page of all webhooks, oldest first, without deleted ones. */
export async function pageOfWebhooks(queries: Queries, page: PageRequest): Promise<Page<WebhookRecord>> {
  const rows = await queries.select(SHOWN).from(webhook).where(and(isNull(webhook.deletedAt), beyondKey(ORDER, page))).orderBy(...readingOrder(ORDER, page)).limit(page.count + 1);
  return cutPage(rows, ORDER, page);
}

/** Inserts a webhook, and answers how many live ones there are then; those that others insert meanwhile wait. */
export async function insertWebhook(queries: Queries, { after, ...values }: NewWebhook): Promise<{ readonly webhook: WebhookRecord | undefined; readonly count: number }> {
  await lockForWebhooks(queries);
  const [row] = await queries.insert(webhook).values({ ...values, position: after.position, index: after.index }).returning(SHOWN);
  return { webhook: row, count: await queries.$count(webhook, isNull(webhook.deletedAt)) };
}

/** Deletes a live webhook with its secret. null: there is no such one. Its deliveries are removed in the background. */
export async function deleteWebhook(queries: Queries, id: number): Promise<WebhookRecord | null> {
  const [row] = await queries.update(webhook).set({ deletedAt: sql`now()`, secret: null, owner: null, ownedUntil: null }).where(and(eq(webhook.id, id), isNull(webhook.deletedAt))).returning(SHOWN);
  return row ?? null;
}

/** Has a live webhook begin again: everything that it owes is due now and has all its time for retries. null: there is no such one. */
export async function resumeWebhook(queries: Queries, id: number): Promise<WebhookRecord | null> {
  const [row] = await queries.update(webhook).set({ state: 'ACTIVE', note: null, version: sql`${webhook.version} + 1` }).where(and(eq(webhook.id, id), isNull(webhook.deletedAt))).returning(SHOWN);
  if (row === undefined) return null;
  await queries.update(webhookDelivery).set({ nextAt: sql`now()`, triedSince: null }).where(and(eq(webhookDelivery.webhookId, id), eq(webhookDelivery.state, 'PENDING')));
  return row;
}

/** Has the event of a delivery sent once more, beside the order. null: the webhook is stopped or deleted by now. */
export async function insertRedelivery(queries: Queries, { webhookId, position, index, stream }: DeliveryRecord): Promise<DeliveryRecord | null> {
  const [moved] = await queries.update(webhook).set({ version: sql`${webhook.version} + 1` }).where(and(eq(webhook.id, webhookId), isNull(webhook.deletedAt), eq(webhook.state, 'ACTIVE'))).returning({ id: webhook.id });
  if (moved === undefined) return null;
  const [row] = await queries.insert(webhookDelivery).values({ webhookId, position, index, stream, again: true }).returning();
  return row ?? null;
}
