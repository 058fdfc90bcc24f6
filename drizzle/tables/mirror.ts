import { boolean, integer, pgTable } from 'drizzle-orm/pg-core';
import { bytes, count, cText, instant, sha256 } from './columns.js';

/**
 * Where repositories are pushed to after each change. What is owed follows from the log: a mirror that was judged up to `seq` is behind as soon
 * as the log of its repository goes further, so no writer has to touch this row. `owner` stands for one push of one gateway, until `owned_until`
 * unless it goes on. No foreign key: adding one would make every writer of repositories wait for the migration.
 */
export const mirror = pgTable('mirror', {
  repoId: count('repo_id').primaryKey(),
  url: cText('url').notNull(),
  /** User name and password as one document, sealed; null where there is none. */
  credentials: bytes('credentials'),
  /** Goes up with each wish to have everything pushed whatever was; a push that was begun before one does not fulfil it. */
  wanted: count('wanted').notNull().default(0),
  /** The log of the repository was judged up to here. */
  seq: count('seq').notNull().default(0),
  /** Of the references that were pushed last; null where they are to be pushed whatever they are, and while a push is under way. */
  refsHash: sha256('refs_hash'),
  /** Nothing is pushed until somebody wishes it: the row came from a backup, and what is there may be newer. */
  suspended: boolean('suspended').notNull().default(false),
  /** Failures since the last push. */
  attempts: integer('attempts').notNull().default(0),
  error: cText('error'),
  lastAttemptAt: instant('last_attempt_at'),
  lastPushedAt: instant('last_pushed_at'),
  /** After a failure, when it is tried next. */
  nextAttemptAt: instant('next_attempt_at'),
  owner: cText('owner'),
  ownedUntil: instant('owned_until'),
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: cText('created_by').notNull(),
});
