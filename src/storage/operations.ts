import { and, asc, eq, exists, isNull, or, sql, type SQL } from 'drizzle-orm';
import { latency, operation, repo } from '../../drizzle/index.js';
import { SERVER_STREAM, type OperationKind, type OperationRecord } from '../domain/operation.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { LatencyRecord, OperationQuery } from '../domain/ports/reader.js';
import type { Queries } from './sending.js';
import { matchesGlobs, oneOfNumbered, oneOfTexts } from './filters.js';
import { beyondKey, cutPage, cutPages, pagesOfParents, readingOrder, type Listing, type PageOrder } from './keyset.js';
import { decodePayload } from './log-row.js';

/** What of a query is the same for many streams. */
export type OperationFilter = Omit<OperationQuery, 'stream' | 'repoGlobs' | 'server'>;

const WAITED = sql`(select max(${latency.milliseconds}) from ${latency} where ${latency.stream} = ${operation.stream} and ${latency.seq} = ${operation.seq})`;

const COLUMNS = {
  at: operation.at,
  payload: operation.payload,
  previousHash: operation.previous,
  hash: operation.hash,
  durationMs: sql<number | null>`${WAITED}`,
};

interface StoredOperation {
  readonly at: Date;
  readonly payload: Buffer;
  readonly previousHash: string;
  readonly hash: string;
  readonly durationMs: number | null;
}

/** The payload is the truth; `at` is taken from the column because page keys are made of it, and the two are equal. */
function toRecord(row: StoredOperation): OperationRecord {
  const { prompts: _prompts, ...said } = decodePayload(row.payload);
  return { ...said, at: row.at, previousHash: row.previousHash, hash: row.hash, durationMs: row.durationMs };
}

function listing(descending: boolean): Listing<OperationRecord> {
  return {
    from: sql`${operation}`,
    parent: operation.stream,
    order: { columns: [operation.seq], descending, keyOf: (row) => [row.seq] },
    parentOf: (row) => row.stream,
  };
}

const ACROSS: PageOrder<OperationRecord> = {
  columns: [operation.at, operation.stream, operation.seq],
  descending: true,
  keyOf: (row) => [row.at, row.stream, row.seq],
};

function wanted(query: OperationFilter): SQL | undefined {
  return and(
    query.kinds === null ? undefined : oneOfTexts(operation.kind, query.kinds),
    query.actor === null ? undefined : eq(operation.actor, query.actor),
    query.branchName === null ? undefined : sql`${query.branchName} = any(${operation.branchNames})`,
    query.runId === null ? undefined : eq(operation.runId, query.runId),
    query.afterSeq === null ? undefined : sql`${operation.seq} > ${query.afterSeq}`,
  );
}

/** Rows of the log by stream and seq. */
export async function operationsBySeq(queries: Queries, places: readonly (readonly [number, number])[]): Promise<OperationRecord[]> {
  const rows = await queries.select(COLUMNS).from(operation).where(oneOfNumbered(operation.stream, operation.seq, places));
  return rows.map(toRecord);
}

/** One page of each stream in one statement: newest first, or oldest first behind `afterSeq`. */
export async function pagesOfOperations(queries: Queries, streams: readonly number[], query: OperationFilter, page: PageRequest): Promise<Page<OperationRecord>[]> {
  const list = listing(query.afterSeq === null);
  const places = pagesOfParents(list, [operation.stream, operation.seq], streams, wanted(query), page);
  const rows = await queries.select(COLUMNS).from(operation).where(sql`(${operation.stream}, ${operation.seq}) in ${places}`).orderBy(...readingOrder(list.order, page));
  return cutPages(rows.map(toRecord), list, streams, page);
}

/** One page across every live repository that the globs reach, and the server's stream when asked for; newest first. */
export async function pageOfAllOperations(queries: Queries, query: OperationQuery, page: PageRequest): Promise<Page<OperationRecord>> {
  const reachable = exists(
    queries.select({ id: repo.id }).from(repo).where(and(eq(repo.id, operation.stream), isNull(repo.deletedAt), matchesGlobs(repo.name, query.repoGlobs))),
  );
  const rows = await queries
    .select(COLUMNS)
    .from(operation)
    .where(and(or(reachable, query.server ? eq(operation.stream, SERVER_STREAM) : undefined), wanted(query), beyondKey(ACROSS, page)))
    .orderBy(...readingOrder(ACROSS, page))
    .limit(page.count + 1);
  return cutPage(rows.map(toRecord), ACROSS, page);
}

function percentile(share: number): SQL<number | null> {
  return sql`percentile_cont(${share}::double precision) within group (order by ${latency.milliseconds})`;
}

/** Percentiles of what clients waited in the last `windowMs`, of one kind or of every kind that occurred. Interpolated between rows. */
export async function latencyOf(queries: Queries, stream: number, kind: OperationKind | null, windowMs: number): Promise<LatencyRecord[]> {
  const since = sql`now() - make_interval(secs => ${windowMs / 1000}::double precision)`;
  return queries
    .select({ kind: latency.kind, count: sql`count(*)`.mapWith(Number), p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99), max: sql<number | null>`max(${latency.milliseconds})` })
    .from(latency)
    .where(and(eq(latency.stream, stream), sql`${latency.at} > ${since}`, kind === null ? undefined : eq(latency.kind, kind)))
    .groupBy(latency.kind)
    .orderBy(asc(latency.kind));
}
