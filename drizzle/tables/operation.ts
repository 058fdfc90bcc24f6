import { sql } from 'drizzle-orm';
import { doublePrecision, index, integer, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import type { OperationKind } from '../../src/domain/operation.js';
import { bytes, cText, count, instant, sha256 } from './columns.js';

/**
 * Where each stream of the log stands: one row a repository, and stream 0 for the server. The hot row: every operation locks
 * it as its last step, `FOR NO KEY UPDATE`, and takes the next `seq` under that lock, so order is commit order and there
 * are no gaps. No foreign key to the repository, since stream 0 has none.
 */
export const logHead = pgTable(
  'log_head',
  {
    stream: count('stream').primaryKey(),
    seq: count('seq').notNull().default(0),
    hash: sha256('hash').notNull(),
    gcEpoch: integer('gc_epoch').notNull().default(0),
    /** Counts changes of the repository itself, likewise under the lock: what a verb has read of it holds when the verb commits, or it runs again. */
    repoVersion: integer('repo_version').notNull().default(1),
    /** Counts the times that history got other ids: a gateway that sees it move forgets what it knew of the repository's commits. */
    rewrites: integer('rewrites').notNull().default(0),
    nextProposal: integer('next_proposal').notNull().default(1),
    /** Counts the batches that were added to the commit graph, likewise under the lock: a reader that has seen batch n misses none before it. */
    graphBatch: count('graph_batch').notNull().default(0),
    /** What the repository holds, counted likewise under the lock, so that limits on it are kept and nobody has to count rows. */
    branches: integer('branches').notNull().default(0),
    checkpoints: integer('checkpoints').notNull().default(0),
    openProposals: integer('open_proposals').notNull().default(0),
    packBytes: count('pack_bytes').notNull().default(0),
    /** When the newest operation ran: the repository's `updatedAt`. */
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [index('log_head_updated').on(table.updatedAt, table.stream)],
);

/**
 * The log, append-only by a trigger. `payload` holds the canonical bytes exactly as hashed (`hash = sha256(previous ||
 * payload)`) and is the truth; the other columns repeat parts of it for filters and orders. `at` never goes back within a stream.
 *
 * One index for each filter and each of the two orders, a stream's own and that across streams, so that a page of rare rows costs
 * no more than one of frequent ones: about 0.04 ms an operation altogether.
 */
export const operation = pgTable(
  'operation',
  {
    stream: count('stream').notNull().references(() => logHead.stream),
    seq: count('seq').notNull(),
    kind: cText('kind').$type<OperationKind>().notNull(),
    actor: cText('actor').notNull(),
    keyId: cText('key_id').notNull(),
    runId: cText('run_id'),
    at: instant('at').notNull(),
    payload: bytes('payload').notNull(),
    previous: sha256('previous').notNull(),
    hash: sha256('hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.stream, table.seq] }),
    index('operation_kind').on(table.stream, table.kind, table.seq),
    index('operation_actor').on(table.stream, table.actor, table.seq),
    index('operation_key').on(table.stream, table.keyId, table.seq),
    index('operation_run').on(table.stream, table.runId, table.seq).where(sql`${table.runId} is not null`),
    index('operation_moment').on(table.stream, table.at, table.seq),
    index('operation_time').on(table.at, table.stream, table.seq),
    index('operation_kind_time').on(table.kind, table.at, table.stream, table.seq),
    index('operation_actor_time').on(table.actor, table.at, table.stream, table.seq),
    index('operation_key_time').on(table.keyId, table.at, table.stream, table.seq),
    index('operation_run_time').on(table.runId, table.at, table.stream, table.seq).where(sql`${table.runId} is not null`),
  ],
);

/** Which branches each operation moved: what a filter by branch reads instead of the log. Written with the row of the log. */
export const operationBranch = pgTable(
  'operation_branch',
  {
    stream: count('stream').notNull(),
    branchName: cText('branch_name').notNull(),
    seq: count('seq').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.stream, table.branchName, table.seq] }),
    index('operation_branch_time').on(table.branchName, table.at, table.stream, table.seq),
  ],
);

/** Which proposals each operation was about or changed: what a filter by proposal reads instead of the log. Written with the row of the log. */
export const operationProposal = pgTable(
  'operation_proposal',
  {
    proposalId: count('proposal_id').notNull(),
    stream: count('stream').notNull(),
    seq: count('seq').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.proposalId, table.stream, table.seq] }),
    index('operation_proposal_time').on(table.proposalId, table.at, table.stream, table.seq),
  ],
);

/**
 * Committed operations with events that have no position yet: written with the operation, taken away by the sequencer. A
 * mark in `log_head` would do too, but the sequencer would wait there for every writer that holds the row, and would
 * have to look at all streams to find the few that moved.
 */
export const unplaced = pgTable(
  'unplaced',
  {
    stream: count('stream').notNull(),
    seq: count('seq').notNull(),
  },
  (table) => [primaryKey({ columns: [table.stream, table.seq] })],
);

/** The one order of all events. Positions are given by one sequencer at a time, without gaps, in the order of `seq` per stream. */
export const eventPosition = pgTable(
  'event_position',
  {
    position: count('position').primaryKey(),
    stream: count('stream').notNull(),
    seq: count('seq').notNull(),
  },
  (table) => [uniqueIndex('event_position_operation').on(table.stream, table.seq)],
);

/**
 * How long the client of an operation waited, in milliseconds. Outside the log and its hash, since a row of the log is written before its
 * own commit ends; it stays as long as the log.
 */
export const operationDuration = pgTable(
  'operation_duration',
  {
    stream: count('stream').notNull(),
    seq: count('seq').notNull(),
    milliseconds: doublePrecision('milliseconds').notNull(),
  },
  (table) => [primaryKey({ columns: [table.stream, table.seq] })],
);

/**
 * How many clients waited how long, counted in buckets of 2 % a minute, later an hour (`at` is its beginning): what percentiles are made of. A
 * busy repository fills a few dozen rows a minute whatever its load; rows of minutes are added up after two days, all go after ninety.
 */
export const latencyBucket = pgTable(
  'latency_bucket',
  {
    stream: count('stream').notNull(),
    at: instant('at').notNull(),
    kind: cText('kind').$type<OperationKind>().notNull(),
    bucket: integer('bucket').notNull(),
    count: integer('count').notNull(),
    longest: doublePrecision('longest').notNull(),
  },
  (table) => [primaryKey({ columns: [table.stream, table.at, table.kind, table.bucket] }), index('latency_bucket_age').on(table.at)],
);
