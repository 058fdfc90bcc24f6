import { and, asc, eq, getTableColumns, isNull, lte, or, sql, type SQL } from 'drizzle-orm';
import { branch, proposal, repo, retentionTurn } from '../../drizzle/index.js';
import type { ReviewSettings } from '../domain/target-rules.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { RetentionQuery } from '../domain/ports/reader.js';
import type { RetentionFacts, RetentionGround, RetentionRule } from '../domain/retention.js';
import { kindIs } from './branches.js';
import { matchesGlobs, oneOfNumbers } from './filters.js';
import { beyondKey, cutPage, readingOrder, type PageOrder } from './keyset.js';
import type { Queries } from './sending.js';

const OLDEST_FIRST: PageOrder<RetentionFacts> = {
  columns: [branch.createdAt, branch.id],
  descending: false,
  keyOf: ({ branch: row }) => [row.createdAt, row.id],
};

const PENDING = sql`${proposal.state} in ('OPEN', 'CHANGES_REQUESTED', 'APPROVED')`;

const PENDING_FROM = sql`(select count(*) from ${proposal} where ${proposal.sourceBranchId} = ${branch.id} and ${PENDING})`;
const PENDING_INTO = sql`(select count(*) from ${proposal} where ${proposal.targetBranchId} = ${branch.id} and ${PENDING})`;

/** Nested, because the names of columns right in a selected expression lose their tables. */
const COLUMNS = { branch: getTableColumns(branch), pendingFrom: sql`${PENDING_FROM}`.mapWith(Number), pendingInto: sql`${PENDING_INTO}`.mapWith(Number) };

/** One page of what a policy has done at an instant, oldest branch first: the statement says what `retentionVerdict` says. */
export async function pageOfDueBranches(queries: Queries, query: RetentionQuery, page: PageRequest): Promise<Page<RetentionFacts>> {
  const exempt = or(eq(branch.name, query.defaultBranch), branch.protected, protectedBySettings(query.settings), sql`exists (select from ${proposal} where ${proposal.targetBranchId} = ${branch.id} and ${PENDING})`);
  const where = and(eq(branch.repoId, query.repoId), isNull(branch.deletedAt), matchesGlobs(branch.name, query.readGlobs), matchesGlobs(branch.name, query.writeGlobs), due(query), sql`not (${exempt})`, beyondKey(OLDEST_FIRST, page));
  const rows = await queries.select(COLUMNS).from(branch).where(where).orderBy(...readingOrder(OLDEST_FIRST, page)).limit(page.count + 1);
  return cutPage(rows.map((row) => ({ ...row, defaultBranch: query.defaultBranch, settings: query.settings })), OLDEST_FIRST, page);
}

/** These branches as of now, without those that are deleted, locked in order of id until the transaction ends. */
export async function holdForRetention(queries: Queries, repoId: number, branchIds: readonly number[], { defaultBranch, settings }: RetentionGround): Promise<RetentionFacts[]> {
  const mine = and(eq(branch.repoId, repoId), oneOfNumbers(branch.id, branchIds), isNull(branch.deletedAt));
  await queries.select({ id: branch.id }).from(branch).where(mine).orderBy(asc(branch.id)).for('no key update');
  // A statement of its own: proposals that were made while the first one waited for a lock are seen by it.
  const rows = await queries.select(COLUMNS).from(branch).where(mine);
  return rows.map((row) => ({ ...row, defaultBranch, settings }));
}

/** Marks the branch, as of now. Its version stays: nothing moved. */
export async function markBranch(queries: Queries, id: number): Promise<void> {
  await queries.update(branch).set({ markedAt: sql`now()` }).where(eq(branch.id, id));
}

/** Whether a branch was deleted at `before` or earlier and is still kept. */
export async function hasDeletedBranch(queries: Queries, repoId: number, before: Date): Promise<boolean> {
  const [row] = await queries.select({ id: branch.id }).from(branch).where(and(eq(branch.repoId, repoId), lte(branch.deletedAt, before), isNull(branch.forgottenAt))).limit(1);
  return row !== undefined;
}

/** Lets go of branches that were deleted at `before` or earlier. Locked in order of id, as everywhere; one that comes back meanwhile stays. */
export async function forgetBranches(queries: Queries, repoId: number, before: Date, count: number): Promise<number> {
  const due = and(eq(branch.repoId, repoId), lte(branch.deletedAt, before), isNull(branch.forgottenAt));
  const held = await queries.select({ id: branch.id }).from(branch).where(due).orderBy(asc(branch.id)).limit(count).for('no key update');
  const rows = await queries.update(branch).set({ forgottenAt: sql`now()` }).where(and(oneOfNumbers(branch.id, held.map(({ id }) => id)), due)).returning({ id: branch.id });
  return rows.length;
}

/**
 * Takes the turns that have come, of repositories where there may be something to do, `count` at most, and answers their ids. Each
 * comes again after `intervalMs`. Of gateways that ask at once, one gets a turn.
 */
export async function takeRetentionTurns(queries: Queries, intervalMs: number, count: number): Promise<number[]> {
  const hasRules = sql`${repo.settings} #> '{retention,rules,0}' is not null or jsonb_typeof(${repo.settings} #> '{retention,keepDeleted}') = 'number'`;
  const hasExpired = sql`exists (select from ${branch} where ${branch.repoId} = ${repo.id} and ${branch.expiresAt} <= now() and ${branch.deletedAt} is null)`;
  const isWaiting = sql`exists (select from ${retentionTurn} where ${retentionTurn.repoId} = ${repo.id} and ${retentionTurn.nextAt} > now())`;
  const rows = await queries
    .insert(retentionTurn)
    .select(
      queries
        .select({ repoId: repo.id, nextAt: sql`${afterNow(intervalMs)}`.as('next_at') })
        .from(repo)
        .where(and(isNull(repo.deletedAt), isNull(repo.archivedAt), or(hasRules, hasExpired), sql`not ${isWaiting}`))
        .orderBy(asc(repo.id))
        .limit(count),
    )
    .onConflictDoUpdate({ target: retentionTurn.repoId, set: { nextAt: sql`excluded.next_at` }, setWhere: lte(retentionTurn.nextAt, sql`now()`) })
    .returning({ repoId: retentionTurn.repoId });
  return rows.map(({ repoId }) => repoId);
}

/** Moves a turn that is being used on, so that no other gateway takes it before the work is done. */
export async function keepRetentionTurn(queries: Queries, repoId: number, intervalMs: number): Promise<void> {
  await queries.update(retentionTurn).set({ nextAt: afterNow(intervalMs) }).where(eq(retentionTurn.repoId, repoId));
}

function afterNow(milliseconds: number): SQL {
  return sql`now() + make_interval(secs => ${milliseconds / 1000}::double precision)`;
}

/** The first rule of review for a name decides whether it is protected, so the rules are the arms of one CASE, in order. */
function protectedBySettings({ review }: ReviewSettings): SQL | undefined {
  const arms = review.rules.map((rule) => sql`when ${matchesGlobs(branch.name, rule.targets) ?? sql`true`} then ${rule.protected}::boolean`);
  return arms.length === 0 ? undefined : sql`(case ${sql.join(arms, sql` `)} else false end)`;
}

/** The first rule that is for a branch decides, so the rules are the arms of one CASE, in order. */
function due({ policy, defaultBranch, now }: RetentionQuery): SQL {
  const arms = policy.rules.map((rule) => sql`when ${isFor(rule, defaultBranch, now)} then ${leavesSomethingToDo(rule)}`);
  const expired = lte(branch.expiresAt, now);
  return arms.length === 0 ? sql`(${expired})` : sql`(case when ${expired} then true ${sql.join(arms, sql` `)} else false end)`;
}

function isFor(rule: RetentionRule, defaultBranch: string, now: Date): SQL | undefined {
  const before = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);
  return and(
    sql`true`,
    matchesGlobs(branch.name, rule.branches),
    rule.kinds === null ? undefined : (or(...rule.kinds.map((kind) => kindIs(kind, defaultBranch))) ?? sql`false`),
    rule.merged ? sql`${branch.mergedAt} is not null` : undefined,
    rule.maxAge === null ? undefined : sql`${branch.createdAt} < ${sql.param(before(rule.maxAge), branch.createdAt)}`,
    rule.maxInactivity === null ? undefined : sql`${branch.lastActivityAt} < ${sql.param(before(rule.maxInactivity), branch.lastActivityAt)}`,
  );
}

function leavesSomethingToDo({ action }: RetentionRule): SQL {
  if (action === 'MARK') return sql`${branch.markedAt} is null or ${branch.markedAt} < ${branch.lastActivityAt}`;
  if (action === 'CLOSE_PROPOSAL') return sql`exists (select from ${proposal} where ${proposal.sourceBranchId} = ${branch.id} and ${PENDING})`;
  return action === 'KEEP' ? sql`false` : sql`true`;
}
