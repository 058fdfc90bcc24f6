import { aliasedTable, and, asc, count, desc, eq, exists, getTableColumns, gte, inArray, isNull, lt, sql, type SQL } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { logHead, proposal, proposalRevision, repo, review } from '../../drizzle/index.js';
import { StreamMissing } from '../domain/ports/errors.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { ProposalCount, ProposalQuery } from '../domain/ports/reader.js';
import type { NewProposal, NewReview, ProposalChange, ProposalRevision } from '../domain/ports/transaction.js';
import { isPending, type ProposalRecord, type ReviewRecord, type RevisionRecord } from '../domain/proposal.js';
import type { Queries } from './sending.js';
import { columnsOf, matchesGlobs, oneOfNamed, oneOfNumbered, oneOfNumbers, oneOfTexts } from './filters.js';
import { beyondKey, cutPage, cutPages, pagesOfParents, readingOrder, type Listing } from './keyset.js';

/** What of a query is the same for many repositories. */
export type ProposalFilter = Omit<ProposalQuery, 'repoId' | 'repoGlobs'>;

const PROPOSALS: Listing<ProposalRecord> = {
  from: sql`${proposal}`,
  parent: proposal.repoId,
  order: { columns: [proposal.id], descending: true, keyOf: (row) => [row.id] },
  parentOf: (row) => row.repoId,
};

const REVIEWS: Listing<ReviewRecord> = {
  from: sql`${review}`,
  parent: review.proposalId,
  order: { columns: [review.id], descending: false, keyOf: (row) => [row.id] },
  parentOf: (row) => row.proposalId,
};

const REVISIONS: Listing<RevisionRecord> = {
  from: sql`${proposalRevision}`,
  parent: proposalRevision.proposalId,
  order: { columns: [proposalRevision.number], descending: false, keyOf: (row) => [row.number] },
  parentOf: (row) => row.proposalId,
};

function wanted(query: ProposalFilter): SQL | undefined {
  return and(
    matchesGlobs(proposal.sourceName, query.branchGlobs),
    query.states === null ? undefined : oneOfTexts(proposal.state, query.states),
    query.sourceBranchId === null ? undefined : eq(proposal.sourceBranchId, query.sourceBranchId),
    query.targetName === null ? undefined : eq(proposal.targetName, query.targetName),
    query.createdBy === null ? undefined : eq(proposal.createdBy, query.createdBy),
    query.runId === null ? undefined : eq(proposal.runId, query.runId),
    query.reviewedBy ? sql`exists (select 1 from ${review} where ${review.proposalId} = ${proposal.id} and ${review.actor} = ${query.reviewedBy})` : undefined,
    query.openedBefore ? lt(proposal.createdAt, query.openedBefore) : undefined,
    query.openedSince ? gte(proposal.createdAt, query.openedSince) : undefined,
  );
}

/** Proposals by id. */
export async function proposalsById(queries: Queries, ids: readonly number[]): Promise<ProposalRecord[]> {
  return queries.select().from(proposal).where(oneOfNumbers(proposal.id, ids));
}

/** Proposals by repository and number. */
export async function proposalsByNumber(queries: Queries, numbers: readonly (readonly [number, number])[]): Promise<ProposalRecord[]> {
  return queries.select().from(proposal).where(oneOfNumbered(proposal.repoId, proposal.number, numbers));
}

/** One page of the proposals of each repository, newest first, in one statement. */
export async function pagesOfProposals(queries: Queries, repoIds: readonly number[], query: ProposalFilter, page: PageRequest): Promise<Page<ProposalRecord>[]> {
  const ids = pagesOfParents(PROPOSALS, [proposal.id], repoIds, wanted(query), page);
  const rows = await queries.select().from(proposal).where(inArray(proposal.id, ids)).orderBy(...readingOrder(PROPOSALS.order, page));
  return cutPages(rows, PROPOSALS, repoIds, page);
}

/** One page of the proposals of every live repository that the globs reach, newest first. */
export async function pageOfAllProposals(queries: Queries, query: ProposalQuery, page: PageRequest): Promise<Page<ProposalRecord>> {
  const reachable = inReach(queries, query);
  const { order } = PROPOSALS;
  const rows = await queries
    .select()
    .from(proposal)
    .where(and(reachable, wanted(query), beyondKey(order, page)))
    .orderBy(...readingOrder(order, page))
    .limit(page.count + 1);
  return cutPage(rows, order, page);
}

/** The condition that a proposal is in a live repository that the globs reach. */
function inReach(queries: Queries, { repoGlobs }: ProposalQuery): SQL {
  return exists(queries.select({ id: repo.id }).from(repo).where(and(eq(repo.id, proposal.repoId), isNull(repo.deletedAt), matchesGlobs(repo.name, repoGlobs))));
}

/** How many proposals of live repositories the query reaches, by state. */
export async function countsOfProposals(queries: Queries, query: ProposalQuery): Promise<ProposalCount[]> {
  return queries
    .select({ state: proposal.state, count: count() })
    .from(proposal)
    .where(and(inReach(queries, query), query.repoId === null ? undefined : eq(proposal.repoId, query.repoId), wanted(query)))
    .groupBy(proposal.state);
}

/** Reviews by id. */
export async function reviewsById(queries: Queries, ids: readonly number[]): Promise<ReviewRecord[]> {
  return queries.select().from(review).where(oneOfNumbers(review.id, ids));
}

/** The newest review of each proposal by each actor. */
export async function lastReviewsBy(queries: Queries, pairs: readonly (readonly [number, string])[]): Promise<ReviewRecord[]> {
  return queries
    .selectDistinctOn([review.proposalId, review.actor])
    .from(review)
    .where(oneOfNamed(review.proposalId, review.actor, columnsOf(pairs)))
    .orderBy(asc(review.proposalId), asc(review.actor), desc(review.id));
}

/** Revisions by proposal and number. */
export async function revisionsByNumber(queries: Queries, numbers: readonly (readonly [number, number])[]): Promise<RevisionRecord[]> {
  return queries.select().from(proposalRevision).where(oneOfNumbered(proposalRevision.proposalId, proposalRevision.number, numbers));
}

/** One page of the reviews of each proposal, oldest first, in one statement. */
export async function pagesOfReviews(queries: Queries, proposalIds: readonly number[], page: PageRequest): Promise<Page<ReviewRecord>[]> {
  const ids = pagesOfParents(REVIEWS, [review.id], proposalIds, undefined, page);
  const rows = await queries.select().from(review).where(inArray(review.id, ids)).orderBy(...readingOrder(REVIEWS.order, page));
  return cutPages(rows, REVIEWS, proposalIds, page);
}

/** One page of the revisions of each proposal, oldest first, in one statement. */
export async function pagesOfRevisions(queries: Queries, proposalIds: readonly number[], page: PageRequest): Promise<Page<RevisionRecord>[]> {
  const places = pagesOfParents(REVISIONS, [proposalRevision.proposalId, proposalRevision.number], proposalIds, undefined, page);
  const rows = await queries.select().from(proposalRevision).where(sql`(${proposalRevision.proposalId}, ${proposalRevision.number}) in ${places}`).orderBy(...readingOrder(REVISIONS.order, page));
  return cutPages(rows, REVISIONS, proposalIds, page);
}

/**
 * Inserts a proposal with its repository's next number, and its first revision. Takes the log head's lock, so after it only `append` may
 * take locks.
 */
export async function insertProposal(queries: Queries, values: NewProposal): Promise<ProposalRecord> {
  const [next] = await queries
    .update(logHead)
    .set({ nextProposal: sql`${logHead.nextProposal} + 1` })
    .where(eq(logHead.stream, values.repoId))
    .returning({ number: sql`${logHead.nextProposal} - 1`.mapWith(proposal.number) });
  if (next === undefined) throw new StreamMissing(values.repoId);
  const [row] = await queries.insert(proposal).values({ ...values, number: next.number }).returning();
  if (row === undefined) throw new StreamMissing(values.repoId);
  await insertRevision(queries, row);
  return row;
}

/** A proposal as a change left it, and by how many it changed the number of those that are open: -1, 0 or 1. */
export interface ChangedProposal {
  readonly proposal: ProposalRecord;
  readonly opened: number;
}

/** Changes a proposal by compare-and-swap of its version. null: it has another version. */
export async function updateProposal(queries: Queries, change: ProposalChange): Promise<ChangedProposal | null> {
  const { id, expectedVersion, ...changed } = change;
  return changeProposal(queries, id, expectedVersion, { ...changed, ...closing(change) });
}

/** Gives a proposal its next revision by compare-and-swap of its version. null: it has another version. */
export async function reviseProposal(queries: Queries, revision: ProposalRevision): Promise<ChangedProposal | null> {
  const { id, expectedVersion, judgedAnew = false, ...changed } = revision;
  const next = sql`${proposal.revision} + 1`;
  const done = await changeProposal(queries, id, expectedVersion, { ...changed, ...closing(revision), revision: next, ...(judgedAnew ? { judgedFrom: next } : {}) });
  if (done !== null) await insertRevision(queries, done.proposal);
  return done;
}

/** What the old row said of the state is joined from the statement's snapshot: it changes only with the version, and a row of another one is not updated. */
async function changeProposal(queries: Queries, id: number, expectedVersion: number, changed: PgUpdateSetSource<typeof proposal>): Promise<ChangedProposal | null> {
  const previous = aliasedTable(proposal, 'previous');
  const [row] = await queries
    .update(proposal)
    .set({ ...changed, version: sql`${proposal.version} + 1` })
    .from(previous)
    .where(and(eq(proposal.id, id), eq(proposal.version, expectedVersion), eq(previous.id, proposal.id)))
    .returning({ ...getTableColumns(proposal), before: previous.state });
  if (row === undefined) return null;
  const { before, ...after } = row;
  return { proposal: after, opened: Number(isPending(after.state)) - Number(isPending(before)) };
}

/** When a proposal ended, as far as its new state decides. */
function closing({ state }: ProposalChange): { readonly closedAt?: SQL | null } {
  if (state === undefined) return {};
  return { closedAt: isPending(state) ? null : sql`now()` };
}

async function insertRevision(queries: Queries, { id, revision, head, base }: ProposalRecord): Promise<void> {
  await queries.insert(proposalRevision).values({ proposalId: id, number: revision, head, base });
}

/** Proposals from this branch that have not ended, locked in order of id until the transaction ends. */
export async function lockPendingProposals(queries: Queries, sourceBranchId: number): Promise<ProposalRecord[]> {
  return queries
    .select()
    .from(proposal)
    .where(and(eq(proposal.sourceBranchId, sourceBranchId), inArray(proposal.state, ['OPEN', 'CHANGES_REQUESTED', 'APPROVED'])))
    .orderBy(asc(proposal.id))
    .for('no key update');
}

/** Inserts a review. */
export async function insertReview(queries: Queries, values: NewReview): Promise<ReviewRecord | null> {
  const [row] = await queries.insert(review).values(values).returning();
  return row ?? null;
}
