import { pgTable } from 'drizzle-orm/pg-core';
import { count, instant } from './columns.js';
import { repo } from './repo.js';

/**
 * When the policy of retention of a repository is next applied in the background. A gateway takes the turn by moving it on, so one
 * works on a repository at a time, and the turn of one that dies comes again by itself.
 */
export const retentionTurn = pgTable('retention_turn', {
  repoId: count('repo_id').primaryKey().references(() => repo.id),
  nextAt: instant('next_at').notNull(),
});
