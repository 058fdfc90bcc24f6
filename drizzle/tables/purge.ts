import { sql } from 'drizzle-orm';
import { index, pgTable } from 'drizzle-orm/pg-core';
import { count, generatedId, instant, oidList } from './columns.js';
import { repo } from './repo.js';

/**
 * Contents that were removed for good. Written by the transaction after which no row leads to them; `gone_at` is set once no file
 * of the repository's directory holds them either, which whoever is alive then sees to.
 */
export const purge = pgTable(
  'purge',
  {
    id: generatedId(),
    repoId: count('repo_id').notNull().references(() => repo.id),
    blobs: oidList('blobs').notNull(),
    purgedAt: instant('purged_at').notNull().defaultNow(),
    goneAt: instant('gone_at'),
  },
  (table) => [index('purge_unfinished').on(table.repoId).where(sql`${table.goneAt} is null`)],
);
