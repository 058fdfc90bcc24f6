import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { logHead, operation, operationBranch, operationProposal, unplaced } from '../../drizzle/index.js';
import { StreamMissing } from '../domain/ports/errors.js';
import { EpochMoved, QuotaPassed, RepoChanged, type NewOperation } from '../domain/ports/transaction.js';
import { addCounts, quotaPassed, type RepoCounts, type RepoQuotas } from '../domain/quotas.js';
import type { Queries } from './sending.js';
import { chainHash, EMPTY_HASH, encodePayload, type TextDigests } from './log-row.js';

/**
 * A stream's head, locked until the transaction ends. `at` is the database's clock at the moment of the lock, or the time of the row
 * before where the clock was set back since: within a stream the times never go back, so that a span of time is a span of `seq`.
 */
export interface LockedHead extends RepoCounts {
  readonly stream: number;
  readonly seq: number;
  readonly hash: string;
  readonly graphBatch: number;
  readonly repoVersion: number;
  readonly at: Date;
}

/** What a repository holds, as its head counts it. */
export const COUNTS = { branches: logHead.branches, checkpoints: logHead.checkpoints, openProposals: logHead.openProposals, packBytes: logHead.packBytes };

/**
 * Locks the head of a stream: the last lock that a transaction takes. FOR NO KEY UPDATE, because rows of the log refer to it
 * and a foreign key's share lock must not wait here. Rejects with EpochMoved when garbage was collected since `gcEpoch`.
 */
export async function lockHead(queries: Queries, stream: number, gcEpoch: number | null): Promise<LockedHead> {
  const [head] = await queries
    .select({ stream: logHead.stream, seq: logHead.seq, hash: logHead.hash, graphBatch: logHead.graphBatch, repoVersion: logHead.repoVersion, gcEpoch: logHead.gcEpoch, ...COUNTS, at: sql`greatest(clock_timestamp(), ${logHead.updatedAt})`.mapWith(logHead.updatedAt) })
    .from(logHead)
    .where(eq(logHead.stream, stream))
    .for('no key update');
  if (head === undefined) throw new StreamMissing(stream);
  if (gcEpoch !== null && gcEpoch !== head.gcEpoch) throw new EpochMoved();
  return head;
}

/** The head as it is to be left by an operation that read the repository at `seen`, and may have changed it. Throws RepoChanged when another did. */
export function withRepoVersion(head: LockedHead, seen: number | null, changed: boolean): LockedHead {
  if (seen !== null && seen !== head.repoVersion) throw new RepoChanged();
  return changed ? { ...head, repoVersion: head.repoVersion + 1 } : head;
}

/** The head as it is to be left by an operation that adds this (or takes it away). Throws QuotaPassed when that does not fit; without quotas all does. */
export function withCounts(head: LockedHead, added: RepoCounts, quotas: RepoQuotas | undefined): LockedHead {
  const passed = quotas === undefined ? null : quotaPassed(head, added, quotas);
  if (passed !== null) throw new QuotaPassed(passed);
  return { ...head, ...addCounts(head, added) };
}

/** Writes the row that follows the locked head, moves the head (its `graphBatch`, `repoVersion` and counts too), and leaves word for the sequencer when there are events. */
export async function appendBehind(queries: Queries, head: LockedHead, appended: NewOperation, digests: TextDigests): Promise<{ readonly stream: number; readonly seq: number }> {
  const { stream, graphBatch, repoVersion, branches, checkpoints, openProposals, packBytes } = head;
  const seq = head.seq + 1;
  const payload = encodePayload(appended, { seq, at: head.at }, digests);
  const hash = chainHash(head.hash, payload);
  const branchNames = [...new Set(appended.refs.map((ref) => ref.branchName))];
  const proposalIds = proposalsOf(appended);
  const { kind, actor, keyId, runId } = appended;
  await Promise.all([
    queries.insert(operation).values({ stream, seq, kind, actor, keyId, runId, at: head.at, payload, previous: head.hash, hash }).execute(),
    branchNames.length === 0 ? null : insertMoved(queries, { stream, seq, at: head.at }, branchNames),
    proposalIds.length === 0 ? null : insertConcerned(queries, { stream, seq, at: head.at }, proposalIds),
    queries.update(logHead).set({ seq, hash, graphBatch, repoVersion, branches, checkpoints, openProposals, packBytes, updatedAt: head.at }).where(eq(logHead.stream, stream)).execute(),
    appended.events.length === 0 ? null : queries.insert(unplaced).values({ stream, seq }).execute(),
  ]);
  return { stream, seq };
}

/** One parameter however many branches there are: an import moves thousands. */
async function insertMoved(queries: Queries, { stream, seq, at }: { readonly stream: number; readonly seq: number; readonly at: Date }, branchNames: readonly string[]): Promise<void> {
  await queries.execute(sql`
    insert into ${operationBranch} (stream, branch_name, seq, at)
    select ${stream}::bigint, moved.name, ${seq}::bigint, ${sql.param(at, operationBranch.at)}::timestamptz from unnest(${sql.param(branchNames)}::text[]) as moved(name)`);
}

function proposalsOf({ subject, events }: NewOperation): readonly number[] {
  const about = subject?.type === 'Proposal' ? [Number(subject.id)] : [];
  return [...new Set([...about, ...events.flatMap(({ proposalId }) => proposalId ?? [])])];
}

async function insertConcerned(queries: Queries, { stream, seq, at }: { readonly stream: number; readonly seq: number; readonly at: Date }, proposalIds: readonly number[]): Promise<void> {
  await queries.execute(sql`
    insert into ${operationProposal} (proposal_id, stream, seq, at)
    select concerned.id, ${stream}::bigint, ${seq}::bigint, ${sql.param(at, operationProposal.at)}::timestamptz from unnest(${sql.param(proposalIds)}::bigint[]) as concerned(id)`);
}

/** Moves what else a locked head counts; for the rare transaction that adds commits or rows without an operation. */
export async function moveCounts(queries: Queries, head: LockedHead): Promise<void> {
  const { stream, graphBatch, branches, checkpoints, openProposals, packBytes } = head;
  await queries.update(logHead).set({ graphBatch, branches, checkpoints, openProposals, packBytes }).where(eq(logHead.stream, stream));
}

/** The first thing that is wrong with a stream of the log, or how many rows were found true. */
export type ChainVerdict = { readonly ok: true; readonly rows: number } | { readonly ok: false; readonly seq: number; readonly reason: string };

const VERIFY_BATCH = 1000;

/**
 * Walks a stream from its first row and checks that `seq` has no gaps, every hash follows from the previous one and the
 * stored bytes, and the head stands at the last row. For `weir doctor`.
 */
export async function verifyChain(queries: Queries, stream: number): Promise<ChainVerdict> {
  const [head] = await queries.select().from(logHead).where(eq(logHead.stream, stream));
  if (head === undefined) return { ok: false, seq: 0, reason: 'the stream has no head' };
  let seq = 0;
  let hash = EMPTY_HASH;
  while (seq < head.seq) {
    const rows = await queries.select().from(operation).where(and(eq(operation.stream, stream), gt(operation.seq, seq))).orderBy(asc(operation.seq)).limit(Math.min(VERIFY_BATCH, head.seq - seq));
    if (rows.length === 0) return { ok: false, seq: seq + 1, reason: 'the row is missing' };
    for (const row of rows) {
      if (row.seq !== seq + 1) return { ok: false, seq: seq + 1, reason: 'the row is missing' };
      if (row.previous !== hash) return { ok: false, seq: row.seq, reason: 'it does not follow the row before it' };
      hash = chainHash(hash, row.payload);
      if (row.hash !== hash) return { ok: false, seq: row.seq, reason: 'its bytes do not have its hash' };
      seq = row.seq;
    }
  }
  return head.hash === hash ? { ok: true, rows: seq } : { ok: false, seq, reason: 'the head has another hash than the last row' };
}
