import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import type { ProposalState, ReviewVerdict } from '../../src/domain/proposal.js';
import type { Label } from '../../src/domain/label.js';
import { branch } from './branch.js';
import { cText, count, generatedId, instant, oid } from './columns.js';
import { repo } from './repo.js';

/** Proposals. Ids and numbers rise together within a repository: both are taken under the lock of its log head. */
export const proposal = pgTable(
  'proposal',
  {
    id: generatedId(),
    repoId: count('repo_id').notNull().references(() => repo.id),
    number: integer('number').notNull(),
    title: cText('title').notNull(),
    body: cText('body').notNull(),
    state: cText('state').$type<ProposalState>().notNull().default('OPEN'),
    sourceBranchId: count('source_branch_id').notNull().references(() => branch.id),
    sourceName: cText('source_name').notNull(),
    targetBranchId: count('target_branch_id').notNull().references(() => branch.id),
    targetName: cText('target_name').notNull(),
    head: oid('head').notNull(),
    base: oid('base'),
    revision: integer('revision').notNull().default(1),
    judgedFrom: integer('judged_from').notNull().default(1),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: cText('created_by').notNull(),
    keyId: cText('key_id').notNull(),
    closedAt: instant('closed_at'),
    closedBy: cText('closed_by'),
    mergeCommit: oid('merge_commit'),
    reason: cText('reason'),
    runId: cText('run_id'),
    metadata: jsonb('metadata').$type<readonly Label[]>().notNull(),
  },
  (table) => [
    uniqueIndex('proposal_number').on(table.repoId, table.number),
    index('proposal_repo').on(table.repoId, table.id),
    index('proposal_source').on(table.sourceBranchId, table.id),
    // What a branch is looked up by before its row may go with its repository.
    index('proposal_target_branch').on(table.targetBranchId),
    // Which merges hold a commit: asked when a branch is moved back over it.
    index('proposal_merged_head').on(table.repoId, table.head).where(sql`${table.state} = 'MERGED'`),
    index('proposal_merge_commit').on(table.repoId, table.mergeCommit).where(sql`${table.state} = 'MERGED' and ${table.mergeCommit} is not null`),
    // The review inbox asks for the pending ones across repositories; ended ones stay out.
    index('proposal_pending').on(table.id).where(sql`${table.state} in ('OPEN', 'CHANGES_REQUESTED', 'APPROVED')`),
    // Retention asks of each branch whether anything is to go into it.
    index('proposal_pending_target').on(table.targetBranchId).where(sql`${table.state} in ('OPEN', 'CHANGES_REQUESTED', 'APPROVED')`),
  ],
);

/** Every head a proposal has had, from 1; never removed: they keep their commits alive. */
export const proposalRevision = pgTable(
  'proposal_revision',
  {
    proposalId: count('proposal_id').notNull().references(() => proposal.id),
    number: integer('number').notNull(),
    head: oid('head').notNull(),
    base: oid('base'),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.proposalId, table.number] })],
);

/** Reviews, each bound to the head it judged. */
export const review = pgTable(
  'review',
  {
    id: generatedId(),
    proposalId: count('proposal_id').notNull().references(() => proposal.id),
    verdict: cText('verdict').$type<ReviewVerdict>().notNull(),
    body: cText('body').notNull(),
    actor: cText('actor').notNull(),
    keyId: cText('key_id').notNull(),
    headOid: oid('head_oid').notNull(),
    revision: integer('revision').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [index('review_proposal').on(table.proposalId, table.id)],
);

/** What was declined of a proposal whose rest was merged, in git's order. `hunks` null: all that changed in the file. */
export const declinedChange = pgTable(
  'declined_change',
  {
    proposalId: count('proposal_id').notNull().references(() => proposal.id),
    position: integer('position').notNull(),
    path: cText('path').notNull(),
    hunks: jsonb('hunks').$type<readonly string[]>(),
    reason: cText('reason'),
  },
  (table) => [primaryKey({ columns: [table.proposalId, table.position] })],
);
