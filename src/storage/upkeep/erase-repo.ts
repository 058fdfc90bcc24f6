import { eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import {
  branch, checkpoint, comment, commentBody, commitGraph, commitTrailer, declinedChange, landing, latencyBucket, logHead, mirror, operationDuration, pack, packLease, prompt, proposal,
  proposalRevision, purge, repo, retentionTurn, retiredPack, review, tag, thread, uploadLease,
} from '../../../drizzle/index.js';
import { oneOfNumbers } from '../filters.js';
import type { Queries } from '../sending.js';
import { hasReaders } from './lease.js';
import type { Workplace } from './replace-packs.js';

/** Rows that one transaction removes, with those that belong to them: a stop never waits for more. */
const SLICE = 2000;

/** Rows that others belong to: `remove` takes those along, deepest first. */
interface Family {
  readonly id: PgColumn;
  readonly repoId: PgColumn;
  readonly table: PgTable;
  remove(queries: Queries, ids: readonly number[]): Promise<void>;
}

/** In the order in which they go: proposals name branches, and so do checkpoints. */
const FAMILIES: readonly Family[] = [
  { table: proposal, id: proposal.id, repoId: proposal.repoId, remove: removeProposals },
  { table: checkpoint, id: checkpoint.id, repoId: checkpoint.repoId, remove: removeCheckpoints },
  { table: branch, id: branch.id, repoId: branch.repoId, remove: async (queries, ids) => void (await queries.delete(branch).where(oneOfNumbers(branch.id, ids))) },
];

/** Tables of which rows go that nothing else belongs to, by the column that names the repository. */
const ALONE: readonly { readonly table: PgTable; readonly repoId: PgColumn }[] = [
  { table: landing, repoId: landing.repoId },
  { table: tag, repoId: tag.repoId },
  { table: uploadLease, repoId: uploadLease.repoId },
  { table: commitTrailer, repoId: commitTrailer.repoId },
  { table: commitGraph, repoId: commitGraph.repoId },
  { table: pack, repoId: pack.repoId },
  { table: retiredPack, repoId: retiredPack.repoId },
  { table: purge, repoId: purge.repoId },
  { table: mirror, repoId: mirror.repoId },
  { table: retentionTurn, repoId: retentionTurn.repoId },
  { table: latencyBucket, repoId: latencyBucket.stream },
  { table: operationDuration, repoId: operationDuration.stream },
];

/** Every table in which nothing of a removed repository is left. */
export const ERASED: readonly PgTable[] = [
  ...FAMILIES.map(({ table }) => table), ...ALONE.map(({ table }) => table),
  prompt, proposalRevision, review, declinedChange, thread, comment, commentBody, packLease, repo,
];

/** Repositories that were given up and are not gone yet. */
export async function givenUpRepos(queries: Queries): Promise<number[]> {
  const rows = await queries.select({ id: repo.id }).from(repo).where(isNotNull(repo.purgedAt)).orderBy(repo.id);
  return rows.map(({ id }) => id);
}

/**
 * Removes a repository that was given up: its rows slice by slice, then its files, then its own row, so that whoever comes after a crash
 * goes on with what is left. Leaves it for another time while somebody holds a lease on its packs. The log stays, as all of the log does.
 * Rejects as the database and the disk do.
 */
export async function eraseRepo({ repoId, database, signal, faults }: Workplace, removeFiles: () => Promise<void>): Promise<void> {
  if (await database.run((queries) => hasReaders(queries, repoId))) return;
  for (const family of FAMILIES) {
    while ((await database.transaction((queries) => removeSlice(queries, family, repoId))) > 0) signal.throwIfAborted();
    faults?.at('erase.rows');
  }
  for (const { table, repoId: column } of ALONE) {
    while ((await database.run((queries) => removeAlone(queries, table, column, repoId))) > 0) signal.throwIfAborted();
  }
  faults?.at('erase.packs');
  await removeFiles();
  faults?.at('erase.files');
  await database.transaction(async (queries) => {
    await queries.delete(packLease).where(eq(packLease.repoId, repoId));
    await queries.delete(repo).where(eq(repo.id, repoId));
    await queries.update(logHead).set({ branches: 0, checkpoints: 0, openProposals: 0, packBytes: 0 }).where(eq(logHead.stream, repoId));
    faults?.at('erase.before-commit');
  });
}

async function removeSlice(queries: Queries, { table, id, repoId: column, remove }: Family, repoId: number): Promise<number> {
  const rows = await queries.select({ id }).from(table).where(eq(column, repoId)).limit(SLICE);
  const ids = rows.map((row) => Number(row.id));
  if (ids.length > 0) await remove(queries, ids);
  return ids.length;
}

async function removeAlone(queries: Queries, table: PgTable, column: PgColumn, repoId: number): Promise<number> {
  const gone = await queries.execute(sql`delete from ${table} where ctid = any(array(select ctid from ${table} where ${column} = ${repoId} limit ${SLICE})) returning 1`);
  return gone.length;
}

async function removeProposals(queries: Queries, ids: readonly number[]): Promise<void> {
  const threads = queries.select({ id: thread.id }).from(thread).where(oneOfNumbers(thread.proposalId, ids));
  const comments = queries.select({ id: comment.id }).from(comment).where(inArray(comment.threadId, threads));
  await queries.delete(commentBody).where(inArray(commentBody.commentId, comments));
  await queries.delete(comment).where(inArray(comment.threadId, threads));
  for (const part of [thread, review, proposalRevision, declinedChange]) await queries.delete(part).where(oneOfNumbers(part.proposalId, ids));
  await queries.delete(proposal).where(oneOfNumbers(proposal.id, ids));
}

async function removeCheckpoints(queries: Queries, ids: readonly number[]): Promise<void> {
  await queries.delete(prompt).where(oneOfNumbers(prompt.checkpointId, ids));
  await queries.delete(checkpoint).where(oneOfNumbers(checkpoint.id, ids));
}
