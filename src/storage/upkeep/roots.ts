import { and, eq, sql, type AnyColumn } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { branch, checkpoint, landing, logHead, proposal, proposalRevision, review, tag, uploadLease } from '../../../drizzle/index.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { Queries } from '../sending.js';

/** Every object from which a repository's rows lead on, and where its log stood before they were read. */
export interface Roots {
  readonly seq: number;
  /** The epoch of garbage collection. */
  readonly epoch: number;
  readonly oids: readonly Oid[];
}

/** The blobs on lease: the one kind of root that comes without a row of the log. */
export async function leasedBlobs(queries: Queries, repoId: number): Promise<Oid[]> {
  const rows = await queries.select({ oid: uploadLease.oid }).from(uploadLease).where(eq(uploadLease.repoId, repoId));
  return rows.map(({ oid }) => oid);
}

/**
 * The roots of garbage collection: heads of branches, deleted ones in their grace too, and where they forked; their checkpoints
 * in every state and what those moved from; heads, bases and merge commits of proposals and of all their revisions; what reviews judged; landings;
 * tags, annotated ones as objects; blobs on lease.
 *
 * The log is looked at first: when it still stands there later, no operation has added a root since, only {@link leasedBlobs} may have come.
 */
export async function readRoots(queries: Queries, repoId: number): Promise<Roots> {
  const [head] = await queries.select({ seq: logHead.seq, epoch: logHead.gcEpoch }).from(logHead).where(eq(logHead.stream, repoId));
  const named = (table: PgTable, column: AnyColumn, repo: AnyColumn) =>
    queries.select({ oid: sql<string>`${column}`.mapWith(branch.head) }).from(table).where(and(eq(repo, repoId), sql`${column} is not null`)).$dynamic();
  const ofProposal = (table: PgTable, column: AnyColumn, proposalId: AnyColumn) =>
    queries.select({ oid: sql<string>`${column}`.mapWith(branch.head) }).from(table).innerJoin(proposal, eq(proposal.id, proposalId)).where(and(eq(proposal.repoId, repoId), sql`${column} is not null`));
  const kept = sql`${branch.forgottenAt} is null`;
  const ofBranch = (column: AnyColumn) => queries.select({ oid: sql<string>`${column}`.mapWith(branch.head) }).from(branch).where(and(eq(branch.repoId, repoId), kept, sql`${column} is not null`)).$dynamic();
  const ofCheckpoint = (column: AnyColumn) =>
    queries.select({ oid: sql<string>`${column}`.mapWith(branch.head) }).from(checkpoint).innerJoin(branch, eq(branch.id, checkpoint.branchId)).where(and(eq(checkpoint.repoId, repoId), kept, sql`${column} is not null`));
  const rows = await ofBranch(branch.head)
    .union(ofBranch(branch.forkOid))
    .union(ofCheckpoint(checkpoint.oid))
    .union(ofCheckpoint(checkpoint.before))
    .union(named(proposal, proposal.head, proposal.repoId))
    .union(named(proposal, proposal.base, proposal.repoId))
    .union(named(proposal, proposal.mergeCommit, proposal.repoId))
    .union(ofProposal(proposalRevision, proposalRevision.head, proposalRevision.proposalId))
    .union(ofProposal(proposalRevision, proposalRevision.base, proposalRevision.proposalId))
    .union(ofProposal(review, review.headOid, review.proposalId))
    .union(named(landing, landing.sourceHead, landing.repoId))
    .union(named(landing, landing.targetCommit, landing.repoId))
    .union(named(landing, landing.base, landing.repoId))
    .union(named(tag, tag.oid, tag.repoId))
    .union(named(tag, tag.commitOid, tag.repoId))
    .union(named(uploadLease, uploadLease.oid, uploadLease.repoId));
  return { seq: head?.seq ?? 0, epoch: head?.epoch ?? 0, oids: rows.map(({ oid }) => oid) };
}
