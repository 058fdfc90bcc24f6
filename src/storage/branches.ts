import { and, eq, inArray, isNotNull, isNull, ne, or, sql, type SQL } from 'drizzle-orm';
import { branch } from '../../drizzle/index.js';
import type { BranchKind, BranchRecord, BranchState } from '../domain/branch.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { BranchQuery } from '../domain/ports/reader.js';
import type { BranchReturn, NewBranch } from '../domain/ports/transaction.js';
import type { Queries } from './sending.js';
import { columnsOf, containsText, matchesGlobs, oneOfNamed, oneOfNumbers } from './filters.js';
import { prepared } from './prepared.js';
import { cutPages, pagesOfParents, readingOrder, type Listing, type PageOrder } from './keyset.js';
import { lockForNames } from './locks.js';

const ORDERS: Readonly<Record<BranchQuery['orderBy'], Omit<PageOrder<BranchRecord>, 'descending'>>> = {
  NAME: { columns: [branch.name, branch.id], keyOf: (row) => [row.name, row.id] },
  LAST_ACTIVITY: { columns: [branch.lastActivityAt, branch.id], keyOf: (row) => [row.lastActivityAt, row.id] },
  CREATED_AT: { columns: [branch.createdAt, branch.id], keyOf: (row) => [row.createdAt, row.id] },
};

/** What of a query is the same for many repositories. */
export type BranchFilter = Omit<BranchQuery, 'repoId'>;

const byId = prepared((queries) => queries.select().from(branch).where(oneOfNumbers(branch.id, sql.placeholder('ids'))).prepare('branches_by_id'));
const byName = prepared((queries) => {
  const named = oneOfNamed(branch.repoId, branch.name, { parents: sql.placeholder('parents'), names: sql.placeholder('names') });
  return queries.select().from(branch).where(and(named, isNull(branch.deletedAt))).prepare('branches_by_name');
});

/** Branches by id, deleted ones included. */
export async function branchesById(queries: Queries, ids: readonly number[]): Promise<BranchRecord[]> {
  return byId(queries).execute({ ids });
}

/** Live branches by repository and exact name. */
export async function branchesByName(queries: Queries, names: readonly (readonly [number, string])[]): Promise<BranchRecord[]> {
  return byName(queries).execute(columnsOf(names));
}

/** One page of the branches of each repository, in one statement. */
export async function pagesOfBranches(queries: Queries, repoIds: readonly number[], query: BranchFilter, page: PageRequest): Promise<Page<BranchRecord>[]> {
  const order = { ...ORDERS[query.orderBy], descending: query.descending };
  const listing: Listing<BranchRecord> = { from: sql`${branch}`, parent: branch.repoId, order, parentOf: (row) => row.repoId };
  const filter = and(
    query.deleted ? isNotNull(branch.deletedAt) : query.states === null ? isNull(branch.deletedAt) : undefined,
    query.states === null ? undefined : inStates(query.states, query.idleAfter),
    query.inactiveFor === null ? undefined : hasRestedFor(query.inactiveFor),
    query.marked === null ? undefined : isMarked(query.marked),
    matchesGlobs(branch.name, query.nameGlobs),
    query.nameContains === null ? undefined : containsText(branch.name, query.nameContains),
    query.kind === null ? undefined : kindIs(query.kind, query.defaultBranch),
    query.runId === null ? undefined : eq(branch.runId, query.runId),
    query.sessionId === null ? undefined : eq(branch.sessionId, query.sessionId),
  );
  const ids = pagesOfParents(listing, [branch.id], repoIds, filter, page);
  const rows = await queries.select().from(branch).where(inArray(branch.id, ids)).orderBy(...readingOrder(order, page));
  return cutPages(rows, listing, repoIds, page);
}

/** The rules of `branchState` as a condition, by the database's clock. */
function inStates(states: readonly BranchState[], idleAfter: number): SQL | undefined {
  const rested = sql`${branch.lastActivityAt} < ${ago(idleAfter)}`;
  const open = and(isNull(branch.deletedAt), isNull(branch.mergedAt));
  const conditions: Readonly<Record<BranchState, SQL | undefined>> = {
    ACTIVE: and(open, sql`not ${rested}`),
    IDLE: and(open, rested),
    MERGED: and(isNull(branch.deletedAt), isNotNull(branch.mergedAt)),
    DELETED: isNotNull(branch.deletedAt),
  };
  return or(sql`false`, ...states.map((state) => conditions[state]));
}

function hasRestedFor(milliseconds: number): SQL {
  return sql`${branch.lastActivityAt} <= ${ago(milliseconds)}`;
}

/** The rule of the mark that retention leaves: it stands until the branch moves. */
function isMarked(wanted: boolean): SQL {
  return sql`coalesce(${branch.markedAt} >= ${branch.lastActivityAt}, false) = ${wanted}`;
}

function ago(milliseconds: number): SQL {
  return sql`(now() - make_interval(secs => ${milliseconds / 1000}::double precision))`;
}

/** The rules of `branchKind` as a condition; each kind leaves out those that come before it. */
export function kindIs(kind: BranchKind, defaultBranch: string): SQL | undefined {
  const isSession = sql`${branch.name} ~ '^session/[^/]+$'`;
  const isProposal = sql`${branch.name} ~ '^proposal/[^/]+-[^/-]+$'`;
  if (kind === 'DEFAULT') return eq(branch.name, defaultBranch);
  const notDefault = ne(branch.name, defaultBranch);
  if (kind === 'SESSION') return and(notDefault, isSession);
  if (kind === 'PROPOSAL') return and(notDefault, isProposal);
  return and(notDefault, sql`not ${isSession}`, sql`not ${isProposal}`);
}

/**
 * Inserts a branch. null: a live branch has this name, the same name in another case, a directory of it (`a` for `a/b`) or it
 * as a directory. The repository's lock of names comes first, so that two branches whose names clash cannot both look and find
 * nothing; the unique index alone would not see directories.
 */
export async function insertBranch(queries: Queries, values: NewBranch): Promise<BranchRecord | null> {
  if (await nameTaken(queries, values.repoId, values.name)) return null;
  const [row] = await queries.insert(branch).values(values).onConflictDoNothing().returning();
  return row ?? null;
}

/** Branches that one statement inserts; each takes eleven of its 65,535 parameters. */
const BRANCHES_AT_ONCE = 2000;

/** Inserts the branches of a repository that nobody else can see yet, whose names are known not to clash. */
export async function insertForkedBranches(queries: Queries, repoId: number, branches: readonly Omit<NewBranch, 'repoId'>[]): Promise<void> {
  for (let start = 0; start < branches.length; start += BRANCHES_AT_ONCE) {
    await queries.insert(branch).values(branches.slice(start, start + BRANCHES_AT_ONCE).map((each) => ({ ...each, repoId })));
  }
}

/** Brings a deleted branch back; the rules of names are those of {@link insertBranch}. An expiry that has passed is dropped, or it would go again. */
export async function restoreBranch(queries: Queries, back: BranchReturn): Promise<BranchRecord | 'NAME_TAKEN' | 'MOVED'> {
  if (await nameTaken(queries, back.repoId, back.name, ne(branch.id, back.branchId))) return 'NAME_TAKEN';
  const [row] = await queries
    .update(branch)
    .set({ deletedAt: null, expiresAt: sql`case when ${branch.expiresAt} > now() then ${branch.expiresAt} end`, name: back.name, version: sql`${branch.version} + 1`, lastActivityAt: sql`now()` })
    .where(and(eq(branch.id, back.branchId), eq(branch.version, back.expectedVersion), isNotNull(branch.deletedAt), isNull(branch.forgottenAt)))
    .returning();
  return row ?? 'MOVED';
}

/** As names are compared. */
function lowered(text: string): SQL {
  return sql`lower(${text}::text collate "C")`;
}

/**
 * A select for each name that would clash, which the unique index answers, since one condition for all of them may have every branch of the
 * repository looked at. In the C collation "0" follows "/", so what begins with "name/" lies between "name/" and "name0": a range of the same index.
 */
async function nameTaken(queries: Queries, repoId: number, name: string, among?: SQL): Promise<boolean> {
  await lockForNames(queries, repoId);
  const folded = sql`lower(${branch.name})`;
  const live = (clashes: SQL) => sql`select from ${branch} where ${and(eq(branch.repoId, repoId), isNull(branch.deletedAt), clashes, among)}`;
  const segments = name.split('/');
  const same = segments.map((_, index) => live(sql`${folded} = ${lowered(segments.slice(0, index + 1).join('/'))}`));
  const below = live(sql`${folded} > ${lowered(name)} || '/' and ${folded} < ${lowered(name)} || '0'`);
  const clashing = await queries.execute(sql`${sql.join([...same, below], sql` union all `)} limit 1`);
  return clashing.length > 0;
}

/**
 * Holds the branch's row until the transaction ends. false: it has another version or is deleted. Not for a share: two holders that
 * then mark or delete the branch would each wait for the other.
 */
export async function holdBranch(queries: Queries, id: number, expectedVersion: number): Promise<boolean> {
  const [row] = await queries.select({ id: branch.id }).from(branch).where(liveAt(id, expectedVersion)).for('no key update');
  return row !== undefined;
}

/** Marks the branch as merged. Its version stays: nothing moved. */
export async function markMerged(queries: Queries, id: number): Promise<void> {
  await queries.update(branch).set({ mergedAt: sql`now()` }).where(eq(branch.id, id));
}

/** Deletes the branch; its row, checkpoints and commits stay. null: it has another version or is deleted already. */
export async function deleteBranch(queries: Queries, id: number, expectedVersion: number): Promise<BranchRecord | null> {
  const [row] = await queries
    .update(branch)
    .set({ deletedAt: sql`now()`, version: sql`${branch.version} + 1` })
    .where(liveAt(id, expectedVersion))
    .returning();
  return row ?? null;
}

/** The comparison of every compare-and-swap on a branch. */
export function liveAt(id: number, expectedVersion: number): SQL | undefined {
  return and(eq(branch.id, id), eq(branch.version, expectedVersion), isNull(branch.deletedAt));
}
