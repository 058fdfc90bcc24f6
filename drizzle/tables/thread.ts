import { index, integer, pgTable } from 'drizzle-orm/pg-core';
import type { DiffSide } from '../../src/domain/thread.js';
import { bytes, cText, count, generatedId, instant, oid } from './columns.js';
import { proposal } from './proposal.js';

/** Threads of comments. A place is kept as it was when the thread began: the commit that was read, path, side and line. */
export const thread = pgTable(
  'thread',
  {
    id: generatedId(),
    proposalId: count('proposal_id').notNull().references(() => proposal.id),
    revision: integer('revision').notNull(),
    path: cText('path'),
    side: cText('side').$type<DiffSide>(),
    line: integer('line'),
    commit: oid('commit'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: cText('created_by').notNull(),
    keyId: cText('key_id').notNull(),
    resolvedAt: instant('resolved_at'),
    resolvedBy: cText('resolved_by'),
  },
  (table) => [index('thread_proposal').on(table.proposalId, table.id)],
);

/** Comments; what they say is in `comment_body`. */
export const comment = pgTable(
  'comment',
  {
    id: generatedId(),
    threadId: count('thread_id').notNull().references(() => thread.id),
    actor: cText('actor').notNull(),
    keyId: cText('key_id').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [index('comment_thread').on(table.threadId, table.id)],
);

/** What comments say: erasable as prompts are, and therefore not in the log, which keeps SHA-256 of salt and text. */
export const commentBody = pgTable('comment_body', {
  commentId: count('comment_id').primaryKey().references(() => comment.id),
  salt: bytes('salt').notNull(),
  text: cText('text').notNull(),
});
