import { sql } from 'drizzle-orm';
import { customType, index, jsonb, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import { readSettings, type RepoSettings } from '../../src/domain/repo-settings.js';
import type { Label } from '../../src/domain/label.js';
import { cText, generatedId, instant } from './columns.js';

/**
 * The settings of a repository: written as the sections that it has set, read as all of them. What a section's file says of its
 * default holds for rows of any age.
 */
const settingsDocument = customType<{ data: RepoSettings; driverData: string }>({
  dataType: () => 'jsonb',
  fromDriver: (text) => readSettings(JSON.parse(text)),
});

/** Repositories. What changes with every operation is in `log_head`, so that this row stays still and is never waited for. */
export const repo = pgTable(
  'repo',
  {
    id: generatedId(),
    name: cText('name').notNull(),
    description: cText('description'),
    labels: jsonb('labels').$type<readonly Label[]>().notNull(),
    defaultBranch: cText('default_branch').notNull(),
    settings: settingsDocument('settings').notNull(),
    /** The key that made it; null where the log does not say. */
    keyId: cText('key_id'),
    createdAt: instant('created_at').notNull().defaultNow(),
    archivedAt: instant('archived_at'),
    deletedAt: instant('deleted_at'),
    /** Since when it is being removed for good, its grace after the deletion being over: it cannot come back, and the row goes last. */
    purgedAt: instant('purged_at'),
  },
  (table) => [
    uniqueIndex('repo_live_name').on(table.name).where(sql`${table.deletedAt} is null`),
    index('repo_key').on(table.keyId).where(sql`${table.deletedAt} is null`),
    index('repo_created').on(table.createdAt, table.id),
    index('repo_deleted').on(table.deletedAt, table.id).where(sql`${table.deletedAt} is not null`),
  ],
);
