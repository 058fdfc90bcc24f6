import { and, eq, lt, lte, notExists, sql } from 'drizzle-orm';
import { logHead, pack, packLease, retiredPack } from '../../../drizzle/index.js';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { oneOfTexts } from '../filters.js';
import { insertPack } from '../objects.js';
import { holdsFilesOf } from './lease.js';
import type { Database } from '../database.js';
import type { Queries } from '../sending.js';
import type { PackSize, RollUpRule } from './roll-up.js';

/** Another gateway replaced one of the packs first: nothing was swapped. */
export class PacksMoved extends Error {
  override readonly name = 'PacksMoved';
  constructor() {
    super('the live packs changed while they were copied');
  }
}

/** The live packs of a repository with their sizes. */
export async function packSizes(queries: Queries, repoId: number): Promise<PackSize[]> {
  return queries.select({ name: pack.name, objects: pack.objects, bytes: pack.bytes }).from(pack).where(eq(pack.repoId, repoId));
}

/** Repositories with so many live packs that may be rolled up, the most crowded first. Some of them may be a progression all the same. */
export async function crowdedRepos(queries: Queries, { minimumPacks, maxPackBytes }: RollUpRule, limit: number): Promise<number[]> {
  const rows = await queries.select({ repoId: pack.repoId }).from(pack).where(lt(pack.bytes, maxPackBytes)).groupBy(pack.repoId).having(sql`count(*) >= ${minimumPacks}`).orderBy(sql`count(*) desc`).limit(limit);
  return rows.map(({ repoId }) => repoId);
}

/**
 * Puts one pack (or none) in the place of others, whose files wait for their removal from then on. Rejects with
 * {@link PacksMoved} unless every one of them is live; the caller's transaction ends with that.
 */
export async function swapPacks(queries: Queries, repoId: number, removed: readonly string[], added: StoredPack | null): Promise<void> {
  const gone = await queries.delete(pack).where(and(eq(pack.repoId, repoId), oneOfTexts(pack.name, removed))).returning({ bytes: pack.bytes });
  if (gone.length !== removed.length) throw new PacksMoved();
  if (removed.length > 0) await queries.insert(retiredPack).values(removed.map((name) => ({ repoId, name })));
  const more = added === null ? 0 : await insertPack(queries, repoId, added);
  const less = gone.reduce((sum, { bytes }) => sum + bytes, 0);
  await queries.update(logHead).set({ packBytes: sql`${logHead.packBytes} + ${more - less}::bigint` }).where(eq(logHead.stream, repoId));
}

/** A replaced pack whose files may go. */
interface RetiredPack {
  readonly repoId: number;
  readonly name: string;
}

/**
 * A transaction that lists packs may begin before one that replaces them and yet read after it; by no more than this, in
 * seconds: a lock is waited for 10 s at most, and an idle transaction ends after 15.
 */
const SKEW_SECONDS = 60;

/** Packs that were replaced more than `graceMs` ago, and that no one holds a lease on from before; `limit` at most. */
async function packsToRemove(queries: Queries, graceMs: number, limit: number, repoId: number | null): Promise<RetiredPack[]> {
  const holders = queries
    .select({ id: packLease.id })
    .from(packLease)
    .where(and(holdsFilesOf(retiredPack.repoId), sql`${packLease.takenAt} < ${retiredPack.retiredAt} + make_interval(secs => ${SKEW_SECONDS})`));
  return queries
    .select({ repoId: retiredPack.repoId, name: retiredPack.name })
    .from(retiredPack)
    .where(and(repoId === null ? undefined : eq(retiredPack.repoId, repoId), lte(retiredPack.retiredAt, sql`now() - make_interval(secs => ${graceMs / 1000})`), notExists(holders)))
    .orderBy(retiredPack.retiredAt)
    .limit(limit);
}

/** Packs whose files are removed between two looks at the list. */
const REMOVED_AT_ONCE = 1000;

/**
 * Removes the files of packs, of one repository or of all (null), that were replaced more than `graceMs` ago and that no one holds.
 * Answers how many went. Rejects as the database and the disk do; what was not removed is there for the next call.
 */
export async function removeRetired(database: Database, remove: (name: string, repoId: number) => Promise<void>, repoId: number | null, graceMs: number): Promise<number> {
  const due = await database.run((queries) => packsToRemove(queries, graceMs, REMOVED_AT_ONCE, repoId));
  for (const retired of due) {
    // The row goes last: a crash in between leaves it for the next round.
    await remove(retired.name, retired.repoId);
    await database.run((queries) => forgetRetired(queries, retired));
  }
  return due.length;
}

/** Forgets a replaced pack whose files are gone. */
async function forgetRetired(queries: Queries, { repoId, name }: RetiredPack): Promise<void> {
  await queries.delete(retiredPack).where(and(eq(retiredPack.repoId, repoId), eq(retiredPack.name, name)));
}

/** Which of these names a repository knows, as live or as replaced. */
export async function knownPacks(queries: Queries, repoId: number, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const live = queries.select({ name: pack.name }).from(pack).where(and(eq(pack.repoId, repoId), oneOfTexts(pack.name, names)));
  const retired = queries.select({ name: retiredPack.name }).from(retiredPack).where(and(eq(retiredPack.repoId, repoId), oneOfTexts(retiredPack.name, names)));
  const rows = await live.union(retired);
  return new Set(rows.map(({ name }) => name));
}
