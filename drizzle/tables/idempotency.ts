import { index, jsonb, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { cText, instant, sha256 } from './columns.js';

/**
 * First outcomes of idempotent calls. The row is inserted before the work and committed with it, so a duplicate in flight
 * waits for the primary key. Without a receipt it counts for nothing: the call that made it was refused.
 */
export const idempotency = pgTable(
  'idempotency',
  {
    keyId: cText('key_id').notNull(),
    idempotencyKey: cText('idempotency_key').notNull(),
    digest: sha256('digest').notNull(),
    receipt: jsonb('receipt').$type<{ readonly value: unknown }>(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.keyId, table.idempotencyKey] }),
    index('idempotency_created').on(table.createdAt),
  ],
);
