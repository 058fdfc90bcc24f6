import { and, asc, eq, getTableColumns, inArray, isNotNull, isNull, lte, ne, sql, type SQL } from 'drizzle-orm';
import { logHead, pack, repo } from '../../drizzle/index.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { RepoQuery, RepoUsageRecord } from '../domain/ports/reader.js';
import type { NewRepo, RepoChange } from '../domain/ports/transaction.js';
import type { OwnSettings } from '../domain/repo-settings.js';
import type { DeletedRepoRecord, RepoRecord } from '../domain/repo.js';
import type { Queries } from './sending.js';
import { containsText, matchesGlobs, oneOfNumbers, oneOfTexts } from './filters.js';
import { prepared } from './prepared.js';
import { beyondKey, cutPage, readingOrder, type PageOrder } from './keyset.js';
import { COUNTS } from './log.js';
import { lockForReposOfKey, lockForRepoName } from './locks.js';
import { EMPTY_HASH } from './log-row.js';

const { deletedAt: _deleted, purgedAt: _purged, keyId: _key, ...repoColumns } = getTableColumns(repo);

/** A repository's row with what its log head knows of it. */
const COLUMNS = { ...repoColumns, gcEpoch: logHead.gcEpoch, rewrites: logHead.rewrites, version: logHead.repoVersion, packBytes: logHead.packBytes, updatedAt: logHead.updatedAt };

function select(queries: Queries) {
  return queries.select(COLUMNS).from(repo).innerJoin(logHead, eq(logHead.stream, repo.id)).$dynamic();
}

const ORDERS: Readonly<Record<RepoQuery['orderBy'], Omit<PageOrder<RepoRecord>, 'descending'>>> = {
  NAME: { columns: [repo.name], keyOf: (row) => [row.name] },
  CREATED_AT: { columns: [repo.createdAt, repo.id], keyOf: (row) => [row.createdAt, row.id] },
  UPDATED_AT: { columns: [logHead.updatedAt, logHead.stream], keyOf: (row) => [row.updatedAt, row.id] },
};

const byId = prepared((queries) => select(queries).where(and(oneOfNumbers(repo.id, sql.placeholder('ids')), isNull(repo.deletedAt))).prepare('repos_by_id'));
const byName = prepared((queries) => select(queries).where(and(oneOfTexts(repo.name, sql.placeholder('names')), isNull(repo.deletedAt))).prepare('repos_by_name'));

/** Live repositories by id. */
export async function reposById(queries: Queries, ids: readonly number[]): Promise<RepoRecord[]> {
  return byId(queries).execute({ ids });
}

/** Deleted, and not being removed for good. */
const RESTORABLE = and(isNotNull(repo.deletedAt), isNull(repo.purgedAt));

function selectDeleted(queries: Queries) {
  return queries.select({ ...COLUMNS, deletedAt: sql`${repo.deletedAt}`.mapWith(repo.createdAt) }).from(repo).innerJoin(logHead, eq(logHead.stream, repo.id)).$dynamic();
}

/** Deleted repositories by id. */
export async function deletedReposById(queries: Queries, ids: readonly number[]): Promise<DeletedRepoRecord[]> {
  return selectDeleted(queries).where(and(inArray(repo.id, [...ids]), RESTORABLE));
}

const LAST_DELETED_FIRST: PageOrder<DeletedRepoRecord> = { columns: [repo.deletedAt, repo.id], descending: true, keyOf: (row) => [row.deletedAt, row.id] };

/** One page of the deleted repositories whose names match, the last deleted first. */
export async function pageOfDeletedRepos(queries: Queries, nameGlobs: readonly string[], page: PageRequest): Promise<Page<DeletedRepoRecord>> {
  const rows = await selectDeleted(queries)
    .where(and(RESTORABLE, matchesGlobs(repo.name, nameGlobs), beyondKey(LAST_DELETED_FIRST, page)))
    .orderBy(...readingOrder(LAST_DELETED_FIRST, page))
    .limit(page.count + 1);
  return cutPage(rows, LAST_DELETED_FIRST, page);
}

/** Ids of repositories that were deleted at `before` or earlier and can be restored, those deleted first, `limit` at most. */
export async function reposDeletedBefore(queries: Queries, before: Date, limit: number): Promise<number[]> {
  const rows = await queries.select({ id: repo.id }).from(repo).where(and(lte(repo.deletedAt, before), isNull(repo.purgedAt))).orderBy(asc(repo.deletedAt), asc(repo.id)).limit(limit);
  return rows.map(({ id }) => id);
}

/** Gives a repository up that was deleted at `before` or earlier; false when it was restored, or given up, meanwhile. */
export async function giveUpRepo(queries: Queries, id: number, before: Date): Promise<boolean> {
  const [row] = await queries.update(repo).set({ purgedAt: sql`now()` }).where(and(eq(repo.id, id), lte(repo.deletedAt, before), isNull(repo.purgedAt))).returning({ id: repo.id });
  return row !== undefined;
}

/** Live repositories by exact name. */
export async function reposByName(queries: Queries, names: readonly string[]): Promise<RepoRecord[]> {
  return byName(queries).execute({ names });
}

/** One page of the live repositories that the query wants. */
export async function pageOfRepos(queries: Queries, query: RepoQuery, page: PageRequest): Promise<Page<RepoRecord>> {
  const order: PageOrder<RepoRecord> = { ...ORDERS[query.orderBy], descending: query.descending };
  const rows = await select(queries)
    .where(
      and(
        isNull(repo.deletedAt),
        matchesGlobs(repo.name, query.nameGlobs),
        query.nameContains === null ? undefined : containsText(repo.name, query.nameContains),
        archivedIs(query.archived),
        beyondKey(order, page),
      ),
    )
    .orderBy(...readingOrder(order, page))
    .limit(page.count + 1);
  return cutPage(rows, order, page);
}

function archivedIs(archived: boolean | null) {
  if (archived === null) return undefined;
  return archived ? isNotNull(repo.archivedAt) : isNull(repo.archivedAt);
}

/** An id for a repository to be. */
export async function reserveRepoId(queries: Queries): Promise<number> {
  const [row] = await queries.select({ id: sql`nextval('repo_id_seq')`.mapWith(repo.id) }).from(sql`(select) as once`);
  return row?.id ?? 0;
}

/** Inserts the repository and the head of its stream of the log. null: a live repository has this name. */
export async function insertRepo(queries: Queries, values: NewRepo): Promise<RepoRecord | null> {
  await lockForRepoName(queries, values.name);
  const [row] = await queries.insert(repo).values({ ...values, settings: documentOf(values.settings) }).onConflictDoNothing().returning(repoColumns);
  if (row === undefined) return null;
  await queries.insert(logHead).values({ stream: row.id, hash: EMPTY_HASH });
  return { ...row, gcEpoch: 0, rewrites: 0, version: 1, packBytes: 0, updatedAt: row.createdAt };
}

/** How many live repositories the key that made this one has made. The lock of the key comes first, or two could count and miss each other. */
export async function reposOfSameKey(queries: Queries, repoId: number): Promise<number> {
  const [made] = await queries.select({ keyId: repo.keyId }).from(repo).where(eq(repo.id, repoId));
  if (made === undefined || made.keyId === null) return 0;
  await lockForReposOfKey(queries, made.keyId);
  return queries.$count(repo, and(eq(repo.keyId, made.keyId), isNull(repo.deletedAt)));
}

/** Changes a live repository, or brings a deleted one back; a new name must be free, and stays so until the transaction ends. */
export async function updateRepo(queries: Queries, { id, settings = {}, archived, deleted, ...columns }: RepoChange): Promise<'DONE' | 'NAME_TAKEN' | 'GONE'> {
  if (columns.name !== undefined && (await nameTaken(queries, columns.name, id))) return 'NAME_TAKEN';
  const values = { ...columns, ...(archived === undefined ? {} : { archivedAt: nowOrNever(archived) }), ...(deleted === undefined ? {} : { deletedAt: nowOrNever(deleted) }), settings: sql`${repo.settings} || ${documentOf(settings)}` };
  const [row] = await queries.update(repo).set(values).where(and(eq(repo.id, id), deleted === false ? RESTORABLE : isNull(repo.deletedAt))).returning({ id: repo.id });
  return row === undefined ? 'GONE' : 'DONE';
}

/** True when another live repository has this name. The lock of the name comes first, or two could look and find nothing. */
async function nameTaken(queries: Queries, name: string, id: number): Promise<boolean> {
  await lockForRepoName(queries, name);
  const [other] = await queries.select({ id: repo.id }).from(repo).where(and(eq(repo.name, name), isNull(repo.deletedAt), ne(repo.id, id)));
  return other !== undefined;
}

function nowOrNever(now: boolean): SQL | null {
  return now ? sql`now()` : null;
}

function documentOf(own: OwnSettings): SQL {
  return sql`${JSON.stringify(own)}::jsonb`;
}

/** What each of these repositories takes, in no order. Read from the head, but for the number of packs, which are some tens. */
export async function usageOfRepos(queries: Queries, ids: readonly number[]): Promise<(RepoUsageRecord & { readonly id: number })[]> {
  return queries
    .select({
      id: logHead.stream,
      ...COUNTS,
      packs: sql`(select count(*) from ${pack} where ${pack.repoId} = ${logHead.stream})`.mapWith(Number),
    })
    .from(logHead)
    .where(oneOfNumbers(logHead.stream, ids));
}
