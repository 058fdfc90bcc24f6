import { index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { Scope } from '../../src/domain/api-key.js';
import type { Label } from '../../src/domain/label.js';
import { cText, instant, sha256 } from './columns.js';

/** Keys: the public id and SHA-256 of the secret, which is stored nowhere. */
export const apiKey = pgTable(
  'api_key',
  {
    id: cText('id').primaryKey(),
    name: cText('name').notNull(),
    hash: sha256('hash').notNull(),
    scopes: text('scopes').array().$type<Scope[]>().notNull(),
    repos: text('repos').array().notNull(),
    branches: text('branches').array().notNull(),
    readBranches: text('read_branches').array().notNull(),
    paths: text('paths').array().notNull(),
    actor: cText('actor').notNull(),
    actAs: text('act_as').array().notNull(),
    labels: jsonb('labels').$type<readonly Label[]>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: cText('created_by').notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
    previousHash: sha256('previous_hash'),
    previousUntil: instant('previous_until'),
    lineage: text('lineage').array().notNull().default([]),
  },
  (table) => [index('api_key_created').on(table.createdAt, table.id), index('api_key_lineage').using('gin', table.lineage)],
);
