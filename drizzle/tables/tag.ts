import { pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { cText, count, oid } from './columns.js';
import { repo } from './repo.js';

/** Tags as imported or pushed: `oid` is the tag object or what it points at, `commit_oid` the commit it peels to. */
export const tag = pgTable(
  'tag',
  {
    repoId: count('repo_id').notNull().references(() => repo.id),
    name: cText('name').notNull(),
    oid: oid('oid').notNull(),
    commitOid: oid('commit_oid'),
    message: cText('message'),
  },
  (table) => [primaryKey({ columns: [table.repoId, table.name] })],
);
