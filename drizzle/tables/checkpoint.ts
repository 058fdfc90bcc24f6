import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import type { CheckpointOrigin, CheckpointState } from '../../src/domain/checkpoint.js';
import type { Label } from '../../src/domain/label.js';
import { branch } from './branch.js';
import { bytes, cText, count, generatedId, instant, oid } from './columns.js';
import { repo } from './repo.js';

/**
 * Forward moves of branches. Numbered without gaps on their branch, never removed: they keep their commits alive until their branch is
 * forgotten.
 */
export const checkpoint = pgTable(
  'checkpoint',
  {
    id: generatedId(),
    repoId: count('repo_id').notNull().references(() => repo.id),
    branchId: count('branch_id').notNull().references(() => branch.id),
    number: integer('number').notNull(),
    origin: cText('origin').$type<CheckpointOrigin>().notNull(),
    state: cText('state').$type<CheckpointState>().notNull(),
    oid: oid('oid').notNull(),
    before: oid('before'),
    parentId: count('parent_id'),
    message: cText('message').notNull(),
    metadata: jsonb('metadata').$type<readonly Label[]>().notNull(),
    runId: cText('run_id'),
    sessionId: cText('session_id'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: cText('created_by').notNull(),
    keyId: cText('key_id').notNull(),
  },
  (table) => [
    uniqueIndex('checkpoint_number').on(table.branchId, table.number),
    index('checkpoint_commit').on(table.repoId, table.oid, table.id),
    index('checkpoint_run').on(table.repoId, table.runId).where(sql`${table.runId} is not null`),
    // The few rows whose state the next move changes; a long timeline is BEHIND and stays out.
    index('checkpoint_changing').on(table.branchId).where(sql`${table.state} in ('CURRENT', 'UNDONE')`),
  ],
);

/**
 * Prompts: personal, so erasable, and therefore not in the log. The log keeps SHA-256 of salt and text; with the row goes the
 * salt, and what is left in the log can no longer be checked against a guess.
 */
export const prompt = pgTable('prompt', {
  checkpointId: count('checkpoint_id').primaryKey().references(() => checkpoint.id),
  salt: bytes('salt').notNull(),
  text: cText('text').notNull(),
});
