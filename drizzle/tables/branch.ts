import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Label } from '../../src/domain/label.js';
import { cText, count, generatedId, instant, oid } from './columns.js';
import { repo } from './repo.js';

/**
 * Branches: refs are rows. `version` counts moves and is what compare-and-swap compares. `checkpoint_id` carries no foreign
 * key, since a move writes it before the checkpoint's own row (which has one to here) exists.
 */
export const branch = pgTable(
  'branch',
  {
    id: generatedId(),
    repoId: count('repo_id').notNull().references(() => repo.id),
    name: cText('name').notNull(),
    head: oid('head').notNull(),
    version: integer('version').notNull().default(1),
    baseName: cText('base_name'),
    forkOid: oid('fork_oid'),
    protected: boolean('protected').notNull().default(false),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: cText('created_by').notNull(),
    lastActivityAt: instant('last_activity_at').notNull().defaultNow(),
    expiresAt: instant('expires_at'),
    mergedAt: instant('merged_at'),
    markedAt: instant('marked_at'),
    deletedAt: instant('deleted_at'),
    /** Since when nothing is kept for its sake any more: its grace after the deletion has passed. */
    forgottenAt: instant('forgotten_at'),
    runId: cText('run_id'),
    sessionId: cText('session_id'),
    metadata: jsonb('metadata').$type<readonly Label[]>().notNull(),
    checkpointId: count('checkpoint_id'),
    nextCheckpoint: integer('next_checkpoint').notNull().default(1),
  },
  (table) => [
    uniqueIndex('branch_live_name').on(table.repoId, sql`lower(${table.name})`).where(sql`${table.deletedAt} is null`),
    index('branch_name').on(table.repoId, table.name, table.id),
    index('branch_activity').on(table.repoId, table.lastActivityAt, table.id),
    index('branch_created').on(table.repoId, table.createdAt, table.id),
    // Few branches expire: those due are found without a look at the others.
    index('branch_expiry').on(table.expiresAt).where(sql`${table.expiresAt} is not null and ${table.deletedAt} is null`),
    // Which branches hold a commit: asked when another is moved back over it.
    index('branch_head').on(table.repoId, table.head).where(sql`${table.deletedAt} is null`),
    index('branch_run').on(table.repoId, table.runId).where(sql`${table.runId} is not null`),
  ],
);
