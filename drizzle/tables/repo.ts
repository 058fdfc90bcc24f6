import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import type { Label, RepoSettings } from '../../src/domain/repo.js';
import { cText, generatedId, instant } from './columns.js';

/** Repositories. What changes with every operation is in `log_head`, so that this row stays still and is never waited for. */
export const repo = pgTable(
  'repo',
  {
    id: generatedId(),
    name: cText('name').notNull(),
    description: cText('description'),
    labels: jsonb('labels').$type<readonly Label[]>().notNull(),
    defaultBranch: cText('default_branch').notNull(),
    settings: jsonb('settings').$type<RepoSettings>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    archivedAt: instant('archived_at'),
    deletedAt: instant('deleted_at'),
  },
  (table) => [
    uniqueIndex('repo_live_name').on(table.name).where(sql`${table.deletedAt} is null`),
    index('repo_created').on(table.createdAt, table.id),
  ],
);
