import { aliasedTable, and, eq, gte, isNull, lt, or, sql, type SQL } from 'drizzle-orm';
import { operation, operationBranch, operationDuration, operationProposal, repo } from '../../drizzle/index.js';
import { SERVER_STREAM, type OperationRecord } from '../domain/operation.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { OperationQuery } from '../domain/ports/reader.js';
import type { Queries } from './sending.js';
import { matchesGlobs, oneOfNumbered } from './filters.js';
import { beyondKey, cutPage, cutPages, readingOrder, rowsOf, type Listing, type PageOrder } from './keyset.js';
import { decodePayload } from './log-row.js';

/** What of a query is the same for many streams. */
export type OperationFilter = Omit<OperationQuery, 'stream' | 'repoGlobs' | 'server'>;

const WAITED = sql`(select ${operationDuration.milliseconds} from ${operationDuration} where ${operationDuration.stream} = ${operation.stream} and ${operationDuration.seq} = ${operation.seq})`;

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

function ofOneStream(descending: boolean): Listing<OperationRecord> {
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

/** Rows of the log by stream and seq. */
export async function operationsBySeq(queries: Queries, places: readonly (readonly [number, number])[]): Promise<OperationRecord[]> {
  const rows = await queries.select(COLUMNS).from(operation).where(oneOfNumbered(operation.stream, operation.seq, places));
  return rows.map(toRecord);
}

/** One page of each stream in one statement: newest first, or oldest first behind `afterSeq`. */
export async function pagesOfOperations(queries: Queries, streams: readonly number[], query: OperationFilter, page: PageRequest): Promise<Page<OperationRecord>[]> {
  const { order, ...list } = ofOneStream(query.afterSeq === null);
  const rows = await operationRows(queries, placesInStreams(streams, query, page), readingOrder(order, page));
  return cutPages(rows.map(toRecord), { order, ...list }, streams, page);
}

/** One page across every live repository that the globs reach, and the server's stream when asked for; newest first. */
export async function pageOfAllOperations(queries: Queries, query: OperationQuery, page: PageRequest): Promise<Page<OperationRecord>> {
  const rows = await operationRows(queries, placesAcross(query, page), readingOrder(ACROSS, page));
  return cutPage(rows.map(toRecord), ACROSS, page);
}

/** The rows at these places. The places are joined, never looked up in a set: then the planner has nothing to guess about. */
export function operationRows(queries: Queries, places: SQL, order: readonly SQL[]) {
  const place = sql`${places} as place`;
  return queries.select(COLUMNS).from(operation).innerJoin(place, sql`${operation.stream} = place.stream and ${operation.seq} = place.seq`).orderBy(...order);
}

/** The places of one page of each stream, as a subquery, and one more where there is more. */
export function placesInStreams(streams: readonly number[], query: OperationFilter, page: PageRequest): SQL {
  const { order } = ofOneStream(query.afterSeq === null);
  const parent = sql`parent.id`;
  const conditions = and(
    sql`${operation.stream} = ${parent}`,
    query.since === null ? undefined : sql`${operation.seq} >= ${seqAt(parent, query.since, 'since')}`,
    query.until === null ? undefined : sql`${operation.seq} <= ${seqAt(parent, query.until, 'until')}`,
    query.afterSeq === null ? undefined : sql`${operation.seq} > ${query.afterSeq}`,
    beyondKey(order, page),
  );
  return sql`(select page.* from unnest(${sql.param(streams)}::bigint[]) as parent(id) cross join lateral (${firstPlaces(query, conditions, readingOrder(order, page), page)}) as page)`;
}

/** The places of one page across streams, as a subquery, and one more where there is more. */
export function placesAcross(query: OperationQuery, page: PageRequest): SQL {
  const globs = matchesGlobs(repo.name, query.repoGlobs);
  // Not `exists`, for which the planner may read all repositories into a table of its own before it looks at the first operation.
  const live = sql`coalesce((select true from ${repo} where ${and(eq(repo.id, operation.stream), isNull(repo.deletedAt), globs)}), false)`;
  const conditions = and(
    or(live, query.server ? eq(operation.stream, SERVER_STREAM) : undefined),
    query.since === null ? undefined : gte(operation.at, query.since),
    query.until === null ? undefined : lt(operation.at, query.until),
    beyondKey(ACROSS, page),
  );
  return sql`(${firstPlaces(query, conditions, readingOrder(ACROSS, page), page)})`;
}

/** The log by another name, where the places come from the branches that it moved. */
const entry = aliasedTable(operation, 'entry');

function matching({ actor, keyId, runId }: OperationFilter, table: typeof operation | typeof entry): SQL | undefined {
  return and(
    actor === null ? undefined : eq(table.actor, actor),
    keyId === null ? undefined : eq(table.keyId, keyId),
    runId === null ? undefined : eq(table.runId, runId),
  );
}

/** The first places in this order. Several kinds are one search each, merged: an index over kinds has the order only within a kind. */
function firstPlaces(query: OperationFilter, conditions: SQL | undefined, order: readonly SQL[], page: PageRequest): SQL {
  const { kinds } = query;
  const picked = sql`${operation.stream}, ${operation.seq}, ${operation.at}`;
  const ordered = sql`order by ${sql.join([...order], sql`, `)} limit ${rowsOf(page)}`;
  const one = sql`select ${picked} from ${placesFrom(query, conditions)} ${ordered}`;
  return kinds === null ? one : sql`select ${picked} from unnest(${sql.param([...new Set(kinds)])}::text[]) as asked(kind) cross join lateral (${one}) as operation ${ordered}`;
}

/**
 * FROM and WHERE of the places. With a proposal they are those of the table of concerned proposals, with a branch those of the table of
 * moved branches, under the name of the log so that orders and keys fit all; what else is asked of a row is looked up one by one, as a
 * plain join would make the planner read everything.
 */
function placesFrom(query: OperationFilter, conditions: SQL | undefined): SQL {
  const { kinds, branchName, proposalId } = query;
  const ofKind = (table: typeof operation | typeof entry): SQL | undefined => (kinds === null ? undefined : sql`${table.kind} = asked.kind`);
  if (branchName === null && proposalId === null) return sql`${operation} where ${and(ofKind(operation), matching(query, operation), conditions)}`;
  const others = and(ofKind(entry), matching(query, entry), proposalId === null || branchName === null ? undefined : movedAt(entry, branchName));
  const same = and(sql`${entry.stream} = ${operation.stream}`, sql`${entry.seq} = ${operation.seq}`, others);
  const matched = others === undefined ? sql`` : sql`cross join lateral (select from ${operation} as entry where ${same} limit 1) as matched`;
  const [places, named] = proposalId === null ? [operationBranch, sql`${operation}.branch_name = ${branchName}`] : [operationProposal, sql`${operation}.proposal_id = ${proposalId}`];
  return sql`${places} as operation ${matched} where ${and(named, conditions)}`;
}

function movedAt({ stream, seq }: typeof entry, branchName: string): SQL {
  return sql`exists (select from ${operationBranch} where ${operationBranch.stream} = ${stream} and ${operationBranch.branchName} = ${branchName} and ${operationBranch.seq} = ${seq})`;
}

/**
 * The seq at which a span of time begins or ends in a stream; null, with which nothing compares as true, where no row lies in it. Times do
 * not go back within a stream, so one look into the index of times finds it.
 */
function seqAt(stream: SQL, time: Date, bound: 'since' | 'until'): SQL {
  const at = sql`${sql.param(time, operation.at)}::timestamptz`;
  const [within, order] = bound === 'since' ? [sql`bound.at >= ${at}`, sql`bound.at, bound.seq`] : [sql`bound.at < ${at}`, sql`bound.at desc, bound.seq desc`];
  return sql`(select bound.seq from ${operation} as bound where bound.stream = ${stream} and ${within} order by ${order} limit 1)`;
}
