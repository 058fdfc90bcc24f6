import { and, desc, eq, gt, sql, type AnyColumn } from 'drizzle-orm';
import { branch, checkpoint, landing, pack, proposal, proposalRevision, tag, uploadLease } from '../../drizzle/index.js';
import type { LandingRecord } from '../domain/landing.js';
import type { StoredPack } from '../domain/ports/repo-objects.js';
import type { NewLanding } from '../domain/ports/transaction.js';
import type { Oid } from '../git/objects/object-source.js';
import type { Queries } from './sending.js';
import { bytesArray, matchesGlobs, oneOfNumbers } from './filters.js';

/** Names of the packs that count, in no order. */
export async function livePacks(queries: Queries, repoId: number): Promise<string[]> {
  const rows = await queries.select({ name: pack.name }).from(pack).where(eq(pack.repoId, repoId));
  return rows.map((row) => row.name);
}

/** Makes a pack live; answers the bytes that this adds, for the log head to count. A pack is named by its content, so one that is live already is the same pack and adds none. */
export async function insertPack(queries: Queries, repoId: number, stored: StoredPack): Promise<number> {
  const { name, bytes, objects } = stored;
  const [added] = await queries.insert(pack).values({ repoId, name, bytes, objects }).onConflictDoNothing().returning({ bytes: pack.bytes });
  return added?.bytes ?? 0;
}

/** Leases a blob to the key that streamed it in, for 24 h from now. The caller holds the log head's lock, at the epoch in which the blob was found or written. */
export async function leaseUpload(queries: Queries, repoId: number, keyId: string, oid: string): Promise<void> {
  const expiresAt = sql`now() + interval '24 hours'`;
  await queries
    .insert(uploadLease)
    .values({ repoId, keyId, oid, expiresAt })
    .onConflictDoUpdate({ target: [uploadLease.repoId, uploadLease.keyId, uploadLease.oid], set: { expiresAt } });
}

/** True while the key's lease on the blob lasts. */
export async function holdsLease(queries: Queries, repoId: number, keyId: string, oid: string): Promise<boolean> {
  const [row] = await queries
    .select({ oid: uploadLease.oid })
    .from(uploadLease)
    .where(and(eq(uploadLease.repoId, repoId), eq(uploadLease.keyId, keyId), eq(uploadLease.oid, oid), gt(uploadLease.expiresAt, sql`now()`)));
  return row !== undefined;
}

/** Removes leases that have ended, `limit` at most. */
export async function removeEndedLeases(queries: Queries, limit: number): Promise<void> {
  const ended = sql`select ctid from ${uploadLease} where ${uploadLease.expiresAt} <= now() limit ${limit} for update skip locked`;
  await queries.delete(uploadLease).where(sql`ctid = any(array(${ended}))`);
}

/** Records where a squash, rebase or partial merge landed. */
export async function insertLanding(queries: Queries, values: NewLanding): Promise<void> {
  await queries.insert(landing).values(values);
}

/** The landings of each repository that has any, newest first. */
export async function landingsOf(queries: Queries, repoIds: readonly number[]): Promise<{ readonly repoId: number; readonly rows: readonly LandingRecord[] }[]> {
  const rows = await queries.select().from(landing).where(oneOfNumbers(landing.repoId, repoIds)).orderBy(desc(landing.id));
  const found = new Map<number, LandingRecord[]>();
  for (const { repoId, ...row } of rows) {
    const alike = found.get(repoId);
    if (alike === undefined) found.set(repoId, [row]);
    else alike.push(row);
  }
  return [...found].map(([repoId, landings]) => ({ repoId, rows: landings }));
}

/** The landings whose own commit or whose source's head is one of these, newest first. */
export async function landingsAt(queries: Queries, repoId: number, oids: readonly Oid[]): Promise<readonly LandingRecord[]> {
  const among = bytesArray(oids);
  const at = (column: AnyColumn) => queries.select().from(landing).where(and(eq(landing.repoId, repoId), sql`${column} = any(${among})`));
  return at(landing.sourceHead).union(at(landing.targetCommit)).orderBy(desc(landing.id));
}

/** Where readable history begins; the rules are at `Reader.tips`. Deleted branches count by their checkpoints alone. */
export async function tipsOf(queries: Queries, repoId: number, branchGlobs: readonly string[]): Promise<string[]> {
  const readable = and(eq(branch.repoId, repoId), matchesGlobs(branch.name, branchGlobs));
  const proposed = and(eq(proposal.repoId, repoId), matchesGlobs(proposal.sourceName, branchGlobs));
  const heads = queries.select({ tip: branch.head }).from(branch).where(and(readable, sql`${branch.deletedAt} is null`));
  const checkpoints = queries.select({ tip: checkpoint.oid }).from(checkpoint).innerJoin(branch, eq(branch.id, checkpoint.branchId)).where(and(readable, sql`${branch.forgottenAt} is null`));
  const revised = queries.select({ tip: proposalRevision.head }).from(proposalRevision).innerJoin(proposal, eq(proposal.id, proposalRevision.proposalId)).where(proposed);
  const bases = queries.select({ tip: sql<string>`${proposalRevision.base}`.mapWith(proposalRevision.head) }).from(proposalRevision).innerJoin(proposal, eq(proposal.id, proposalRevision.proposalId)).where(and(proposed, sql`${proposalRevision.base} is not null`));
  const held = queries.select({ tip: sql<string>`${proposal.base}`.mapWith(proposal.head) }).from(proposal).where(and(proposed, sql`${proposal.base} is not null`));
  const landed = queries.select({ tip: landing.base }).from(landing).innerJoin(proposal, and(eq(proposal.repoId, landing.repoId), eq(proposal.head, landing.sourceHead))).where(proposed);
  const tags = queries.select({ tip: sql<string>`${tag.commitOid}`.mapWith(tag.oid) }).from(tag).where(and(eq(tag.repoId, repoId), sql`${tag.commitOid} is not null`));
  const rows = await heads.union(checkpoints).union(revised).union(bases).union(held).union(landed).union(tags);
  return rows.map((row) => row.tip);
}
