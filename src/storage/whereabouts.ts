import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { branch, checkpoint, comment, proposal, repo, review, thread } from '../../drizzle/index.js';
import type { Placed, Whereabouts } from '../domain/ports/reader.js';
import { prepared } from './prepared.js';
import type { Queries } from './sending.js';

/** Where the thing with this row is. */
export interface WhereaboutsRow extends Whereabouts {
  readonly id: number;
}

/** As the database answers: each id that was asked for has a row, or the length of the answer would tell in time what is there and what is not. */
interface Answered {
  readonly id: number;
  readonly repoName: string | null;
  readonly branchName: string | null;
}

const ASKED = sql`unnest(${sql.placeholder('ids')}::bigint[]) as asked(id)`;
const ASKED_ID = sql`asked.id`;
const OF_BRANCH = and(eq(repo.id, branch.repoId), isNull(repo.deletedAt));
const OF_PROPOSAL = and(eq(repo.id, proposal.repoId), isNull(repo.deletedAt));

function columns(branchName: PgColumn) {
  return { id: sql<number>`${ASKED_ID}`.mapWith(repo.id), repoName: repo.name, branchName: sql<string | null>`${branchName}` };
}

const STATEMENTS: Readonly<Record<Placed, (queries: Queries) => { execute(values: { readonly ids: readonly number[] }): Promise<Answered[]> }>> = {
  Repo: prepared((queries) => queries.select(columns(repo.defaultBranch)).from(ASKED).leftJoin(repo, and(eq(repo.id, ASKED_ID), isNull(repo.deletedAt))).prepare('whereabouts_of_repo')),
  Branch: prepared((queries) => queries.select(columns(branch.name)).from(ASKED).leftJoin(branch, eq(branch.id, ASKED_ID)).leftJoin(repo, OF_BRANCH).prepare('whereabouts_of_branch')),
  Checkpoint: prepared((queries) =>
    queries.select(columns(branch.name)).from(ASKED).leftJoin(checkpoint, eq(checkpoint.id, ASKED_ID)).leftJoin(branch, eq(branch.id, checkpoint.branchId)).leftJoin(repo, OF_BRANCH).prepare('whereabouts_of_checkpoint')),
  Proposal: prepared((queries) => queries.select(columns(proposal.sourceName)).from(ASKED).leftJoin(proposal, eq(proposal.id, ASKED_ID)).leftJoin(repo, OF_PROPOSAL).prepare('whereabouts_of_proposal')),
  Review: prepared((queries) =>
    queries.select(columns(proposal.sourceName)).from(ASKED).leftJoin(review, eq(review.id, ASKED_ID)).leftJoin(proposal, eq(proposal.id, review.proposalId)).leftJoin(repo, OF_PROPOSAL).prepare('whereabouts_of_review')),
  Thread: prepared((queries) =>
    queries.select(columns(proposal.sourceName)).from(ASKED).leftJoin(thread, eq(thread.id, ASKED_ID)).leftJoin(proposal, eq(proposal.id, thread.proposalId)).leftJoin(repo, OF_PROPOSAL).prepare('whereabouts_of_thread')),
  Comment: prepared((queries) =>
    queries.select(columns(proposal.sourceName)).from(ASKED).leftJoin(comment, eq(comment.id, ASKED_ID)).leftJoin(thread, eq(thread.id, comment.threadId)).leftJoin(proposal, eq(proposal.id, thread.proposalId)).leftJoin(repo, OF_PROPOSAL).prepare('whereabouts_of_comment')),
};

/** Where the things of one kind with these rows are; those of deleted repositories are nowhere. */
export async function whereaboutsOf(kind: Placed, queries: Queries, ids: readonly number[]): Promise<WhereaboutsRow[]> {
  return known(await STATEMENTS[kind](queries).execute({ ids }));
}

/** Where proposals are, by repository and number. */
export async function whereaboutsOfProposals(queries: Queries, numbers: readonly (readonly [repoId: number, number: number])[]): Promise<(Whereabouts & { readonly repoId: number; readonly number: number })[]> {
  const asked = sql`unnest(${sql.param(numbers.map(([repoId]) => repoId))}::bigint[], ${sql.param(numbers.map(([, number]) => number))}::bigint[]) as asked(repo_id, number)`;
  const rows = await queries
    .select({ repoId: sql<number>`asked.repo_id`.mapWith(proposal.repoId), number: sql<number>`asked.number`.mapWith(Number), repoName: repo.name, branchName: proposal.sourceName })
    .from(asked)
    .leftJoin(proposal, and(sql`${proposal.repoId} = asked.repo_id`, sql`${proposal.number} = asked.number`))
    .leftJoin(repo, OF_PROPOSAL);
  return known(rows);
}

/** The rows that name a place. */
function known<Row extends { readonly repoName: string | null; readonly branchName: string | null }>(rows: readonly Row[]): (Row & Whereabouts)[] {
  return rows.filter((row): row is Row & Whereabouts => row.repoName !== null && row.branchName !== null);
}
