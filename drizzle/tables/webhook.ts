import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import type { EventFilter } from '../../src/domain/event-filter.js';
import type { DeliveryState, WebhookState } from '../../src/domain/webhook.js';
import { bytes, cText, count, generatedId, instant } from './columns.js';

/**
 * Webhooks. `position` and `index` are the cursor: every event up to there has been judged, and those that are owed have a row in
 * `webhook_delivery`. `owner` is the gateway that delivers, until `owned_until` unless it goes on. The secret is sealed.
 */
export const webhook = pgTable(
  'webhook',
  {
    id: generatedId(),
    url: cText('url').notNull(),
    description: cText('description'),
    filter: jsonb('filter').$type<EventFilter>().notNull(),
    keyId: cText('key_id').notNull(),
    /** Null once the webhook is deleted. */
    secret: bytes('secret'),
    state: cText('state').$type<WebhookState>().notNull().default('ACTIVE'),
    note: cText('note'),
    position: count('position').notNull(),
    index: integer('index').notNull(),
    /** Counts what was asked of it from outside: the gateway that delivers looks again when it has moved. */
    version: integer('version').notNull().default(1),
    owner: cText('owner'),
    ownedUntil: instant('owned_until'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: cText('created_by').notNull(),
    lastDeliveredAt: instant('last_delivered_at'),
    deletedAt: instant('deleted_at'),
  },
  (table) => [index('webhook_created').on(table.createdAt, table.id), index('webhook_key').on(table.keyId)],
);

/**
 * What a webhook owes, and for a while what it has delivered. No payload: that is made for each attempt. A redelivery (`again`) stands
 * beside the order of its repository; all others are sent one after the other per `stream`.
 */
export const webhookDelivery = pgTable(
  'webhook_delivery',
  {
    id: generatedId(),
    webhookId: count('webhook_id').notNull().references(() => webhook.id),
    position: count('position').notNull(),
    index: integer('index').notNull(),
    stream: count('stream').notNull(),
    again: boolean('again').notNull().default(false),
    state: cText('state').$type<DeliveryState>().notNull().default('PENDING'),
    attempts: integer('attempts').notNull().default(0),
    /** Of the last attempt: what it was answered, why it failed, how many milliseconds it took. */
    status: integer('status'),
    note: cText('note'),
    durationMs: integer('duration_ms'),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** When the attempts began that are counted against the time for retries. */
    triedSince: instant('tried_since'),
    attemptedAt: instant('attempted_at'),
    /** When it is due; null once it is settled. */
    nextAt: instant('next_at').defaultNow(),
    settledAt: instant('settled_at'),
  },
  (table) => [
    index('webhook_delivery_list').on(table.webhookId, table.id),
    index('webhook_delivery_pending').on(table.webhookId, table.stream, table.position, table.index).where(sql`${table.state} = 'PENDING'`),
    uniqueIndex('webhook_delivery_once').on(table.webhookId, table.position, table.index).where(sql`not ${table.again}`),
    index('webhook_delivery_settled').on(table.settledAt).where(sql`${table.settledAt} is not null`),
  ],
);
