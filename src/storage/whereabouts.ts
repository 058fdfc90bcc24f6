import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { branch, checkpoint, comment, proposal, repo, review, thread } from '../../drizzle/index.js';
import type { Placed, Whereabouts } from '../domain/ports/reader.js';
import { oneOfNumbered, oneOfNumbers } from './filters.js';
import { prepared } from './prepared.js';
import type { Queries } from './sending.js';

/** Where the thing with this row is. */
export interface WhereaboutsRow extends Whereabouts {
  readonly id: number;
}

function columns(id: PgColumn, branchName: PgColumn) {
  return { id: sql<number>`${id}`.mapWith(repo.id), repoName: repo.name, branchName: sql<string>`${branchName}` };
}

function among(id: PgColumn) {
  return and(oneOfNumbers(id, sql.placeholder('ids')), isNull(repo.deletedAt));
}

const OF_PROPOSAL = eq(repo.id, proposal.repoId);

/** Two or three columns each: a row that is found then takes as long as one that is not, within some hundredths of a millisecond. */
const STATEMENTS: Readonly<Record<Placed, (queries: Queries) => { execute(values: { readonly ids: readonly number[] }): Promise<WhereaboutsRow[]> }>> = {
  Repo: prepared((queries) => queries.select(columns(repo.id, repo.defaultBranch)).from(repo).where(among(repo.id)).prepare('whereabouts_of_repo')),
  Branch: prepared((queries) => queries.select(columns(branch.id, branch.name)).from(branch).innerJoin(repo, eq(repo.id, branch.repoId)).where(among(branch.id)).prepare('whereabouts_of_branch')),
  Checkpoint: prepared((queries) =>
    queries.select(columns(checkpoint.id, branch.name)).from(checkpoint).innerJoin(branch, eq(branch.id, checkpoint.branchId)).innerJoin(repo, eq(repo.id, branch.repoId)).where(among(checkpoint.id)).prepare('whereabouts_of_checkpoint')),
  Proposal: prepared((queries) => queries.select(columns(proposal.id, proposal.sourceName)).from(proposal).innerJoin(repo, OF_PROPOSAL).where(among(proposal.id)).prepare('whereabouts_of_proposal')),
  Review: prepared((queries) =>
    queries.select(columns(review.id, proposal.sourceName)).from(review).innerJoin(proposal, eq(proposal.id, review.proposalId)).innerJoin(repo, OF_PROPOSAL).where(among(review.id)).prepare('whereabouts_of_review')),
  Thread: prepared((queries) =>
    queries.select(columns(thread.id, proposal.sourceName)).from(thread).innerJoin(proposal, eq(proposal.id, thread.proposalId)).innerJoin(repo, OF_PROPOSAL).where(among(thread.id)).prepare('whereabouts_of_thread')),
  Comment: prepared((queries) =>
    queries.select(columns(comment.id, proposal.sourceName)).from(comment).innerJoin(thread, eq(thread.id, comment.threadId)).innerJoin(proposal, eq(proposal.id, thread.proposalId)).innerJoin(repo, OF_PROPOSAL).where(among(comment.id)).prepare('whereabouts_of_comment')),
};

/** Where the things of one kind with these rows are; those of deleted repositories are nowhere. */
export function whereaboutsOf(kind: Placed, queries: Queries, ids: readonly number[]): Promise<WhereaboutsRow[]> {
  return STATEMENTS[kind](queries).execute({ ids });
}

/** Where proposals are, by repository and number. */
export async function whereaboutsOfProposals(queries: Queries, numbers: readonly (readonly [repoId: number, number: number])[]): Promise<(Whereabouts & { readonly repoId: number; readonly number: number })[]> {
  return queries
    .select({ repoId: proposal.repoId, number: proposal.number, repoName: repo.name, branchName: proposal.sourceName })
    .from(proposal)
    .innerJoin(repo, OF_PROPOSAL)
    .where(and(oneOfNumbered(proposal.repoId, proposal.number, numbers), isNull(repo.deletedAt)));
}
