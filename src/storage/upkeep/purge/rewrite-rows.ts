import { and, asc, eq, isNull, sql, type AnyColumn } from 'drizzle-orm';
import { branch, checkpoint, idempotency, landing, logHead, prompt, proposal, proposalRevision, purge, review, tag, thread, uploadLease } from '../../../../drizzle/index.js';
import type { EventPayload, RefChange } from '../../../domain/operation.js';
import type { GraphRow } from '../../../git/history/graph-row.js';
import type { Oid } from '../../../git/objects/object-source.js';
import { TOMBSTONE_MESSAGE } from '../../../git/rewrite/tombstone.js';
import { bytesArray, oneOfTexts } from '../../filters.js';
import { insertCommits } from '../../commit-graphs.js';
import type { Queries } from '../../sending.js';

/** Pairs that one statement carries. */
const CHUNK = 5000;

/** Takes the locks that writers take, in their order and before the log's head: after it no branch and no proposal moves. */
export async function lockRows(queries: Queries, repoId: number): Promise<void> {
  await queries.select({ id: branch.id }).from(branch).where(eq(branch.repoId, repoId)).orderBy(asc(branch.id)).for('no key update');
  await queries.select({ id: proposal.id }).from(proposal).where(eq(proposal.repoId, repoId)).orderBy(asc(proposal.id)).for('no key update');
}

/** Lays the new ids out for the statements of this transaction, which then join them. */
export async function layOutIds(queries: Queries, pairs: readonly (readonly [Oid, Oid])[]): Promise<void> {
  await queries.execute(sql`create temporary table rewritten_id (before bytea primary key, after bytea not null) on commit drop`);
  for (let start = 0; start < pairs.length; start += CHUNK) {
    const chunk = pairs.slice(start, start + CHUNK);
    await queries.execute(sql`insert into rewritten_id select * from unnest(${bytesArray(chunk.map(([before]) => before))}, ${bytesArray(chunk.map(([, after]) => after))})`);
  }
  await queries.execute(sql`analyze rewritten_id`);
}

/** What moves, as the log and the operator are told. */
export interface MovedRows {
  readonly refs: readonly RefChange[];
  readonly events: readonly EventPayload[];
  /** Numbers of the proposals with another head, base or merge commit. */
  readonly proposals: readonly number[];
}

/** The live branches whose head gets another id, and the proposals. Asked before {@link renameIds}. */
export async function rowsToMove(queries: Queries, repo: { readonly id: number; readonly name: string }): Promise<MovedRows> {
  const rows = await queries
    .select({ id: branch.id, name: branch.name, head: branch.head, after: sql<string>`rewritten_id.after`.mapWith(branch.head), version: branch.version, checkpointId: branch.checkpointId })
    .from(branch)
    .innerJoin(sql`rewritten_id`, sql`rewritten_id.before = ${branch.head}`)
    .where(and(eq(branch.repoId, repo.id), isNull(branch.deletedAt)))
    .orderBy(asc(branch.id));
  const proposals = await queries
    .select({ number: proposal.number })
    .from(proposal)
    .where(and(eq(proposal.repoId, repo.id), sql`exists (select from rewritten_id where before in (${proposal.head}, ${proposal.base}, ${proposal.mergeCommit}))`))
    .orderBy(asc(proposal.number));
  return {
    proposals: proposals.map(({ number }) => number),
    refs: rows.map(({ name, head, after }) => ({ branchName: name, before: head, after })),
    events: rows.map(({ id, name, head, after, version, checkpointId }) => ({ kind: 'BRANCH_MOVED', repoName: repo.name, branchId: id, branchName: name, before: head, after, version: version + 1, checkpointId })),
  };
}

/** A column that names commits or tags, and the one by which its row belongs to a repository or to a proposal. */
interface IdColumn {
  readonly column: AnyColumn;
  readonly of: AnyColumn;
  /** Whether a new id counts as a move of its row, so that whoever read it before loses. */
  readonly counted?: true;
}

/**
 * Every column that leads to commits: those from which the collection of garbage starts (`readRoots`). Not among them is the commit
 * graph, which is replaced as a whole, the leases on uploads, which end, and the log, which says what was.
 */
export const ID_COLUMNS: readonly IdColumn[] = [
  { column: branch.head, of: branch.repoId, counted: true },
  { column: branch.forkOid, of: branch.repoId },
  { column: checkpoint.oid, of: checkpoint.repoId },
  { column: checkpoint.before, of: checkpoint.repoId },
  { column: proposal.head, of: proposal.repoId, counted: true },
  { column: proposal.base, of: proposal.repoId },
  { column: proposal.mergeCommit, of: proposal.repoId },
  { column: proposalRevision.head, of: proposalRevision.proposalId },
  { column: proposalRevision.base, of: proposalRevision.proposalId },
  { column: review.headOid, of: review.proposalId },
  { column: thread.commit, of: thread.proposalId },
  { column: landing.sourceHead, of: landing.repoId },
  { column: landing.targetCommit, of: landing.repoId },
  { column: landing.base, of: landing.repoId },
  { column: tag.oid, of: tag.repoId },
  { column: tag.commitOid, of: tag.repoId },
];

/** Puts the new id in every row of the repository that names an old one. */
export async function renameIds(queries: Queries, repoId: number): Promise<void> {
  for (const { column, of, counted } of ID_COLUMNS) {
    const mine = of.name === 'repo_id' ? sql`${of} = ${repoId}` : sql`${of} in (select id from proposal where repo_id = ${repoId})`;
    const move = counted === true ? sql`, version = version + 1` : sql``;
    await queries.execute(sql`update ${column.table} set ${sql.identifier(column.name)} = rewritten_id.after ${move} from rewritten_id where ${mine} and ${column} = rewritten_id.before`);
  }
}

/** Puts the new commits in the place of the old ones in the commit graph, as one batch; the trailers of the old ones go with them. The caller holds the log head's lock. */
export async function replaceGraphRows(queries: Queries, repoId: number, rows: readonly GraphRow[], batch: number): Promise<void> {
  await queries.execute(sql`delete from commit_graph using rewritten_id where repo_id = ${repoId} and oid = rewritten_id.before`);
  await queries.execute(sql`delete from commit_trailer using rewritten_id where repo_id = ${repoId} and oid = rewritten_id.before`);
  await insertCommits(queries, repoId, rows, batch);
}

/** Ends the leases on what goes: nobody may refer to it any more. */
export async function endLeases(queries: Queries, repoId: number, blobs: readonly Oid[]): Promise<void> {
  for (let start = 0; start < blobs.length; start += CHUNK) {
    await queries.delete(uploadLease).where(and(eq(uploadLease.repoId, repoId), sql`${uploadLease.oid} = any(${bytesArray(blobs.slice(start, start + CHUNK))})`));
  }
}

/** Erases what the checkpoints of these runs say: prompts with their salts, so that the log's digests say nothing any more, and messages. */
export async function silenceRuns(queries: Queries, repoId: number, runs: readonly string[]): Promise<void> {
  if (runs.length === 0) return;
  const theirs = and(eq(checkpoint.repoId, repoId), oneOfTexts(checkpoint.runId, runs));
  await queries.delete(prompt).where(sql`${prompt.checkpointId} in (${queries.select({ id: checkpoint.id }).from(checkpoint).where(theirs)})`);
  await queries.update(checkpoint).set({ message: TOMBSTONE_MESSAGE }).where(theirs);
}

const OID = /\b[0-9a-f]{40}\b/gu;

/** Puts the new ids into stored outcomes: a call that is repeated by its idempotency key answers with what exists. */
export async function renameInReceipts(queries: Queries, repoId: number, newId: (oid: Oid) => Oid): Promise<void> {
  const rows = await queries
    .select({ keyId: idempotency.keyId, idempotencyKey: idempotency.idempotencyKey, receipt: sql<string>`${idempotency.receipt}::text` })
    .from(idempotency)
    .where(sql`${idempotency.receipt} #>> '{value,repoId}' = ${String(repoId)}`);
  for (const { keyId, idempotencyKey, receipt } of rows) {
    const renamed = receipt.replaceAll(OID, newId);
    if (renamed === receipt) continue;
    await queries.update(idempotency).set({ receipt: sql`${renamed}::jsonb` }).where(and(eq(idempotency.keyId, keyId), eq(idempotency.idempotencyKey, idempotencyKey)));
  }
}

/** Notes what is to vanish from the disk, and moves both counters by which other gateways learn of it. The caller holds the log head's lock. */
export async function notePurge(queries: Queries, repoId: number, blobs: readonly Oid[]): Promise<void> {
  await queries.insert(purge).values({ repoId, blobs });
  await queries.update(logHead).set({ gcEpoch: sql`${logHead.gcEpoch} + 1`, rewrites: sql`${logHead.rewrites} + 1` }).where(eq(logHead.stream, repoId));
}
