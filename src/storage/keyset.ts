import { and, asc, desc, sql, type AnyColumn, type SQL } from 'drizzle-orm';
import { PageKeyInvalid } from '../domain/ports/errors.js';
import { EMPTY_PAGE, type Page, type PageRequest } from '../domain/ports/pages.js';

/** A value that a page order compares. */
export type KeyValue = string | number | Date;

/** A total order of rows, and how to read a row's place in it. Every column points the same way, so one row comparison does. */
export interface PageOrder<Row> {
  readonly columns: readonly AnyColumn[];
  readonly descending: boolean;
  keyOf(row: Row): readonly KeyValue[];
}

/** Rows of a table that belong to parents: what a page of each of many parents is cut from. */
export interface Listing<Row> {
  /** What the rows come from, as in FROM. */
  readonly from: SQL;
  readonly parent: AnyColumn;
  readonly order: PageOrder<Row>;
  parentOf(row: Row): number;
}

/** The key of a row, opaque outside: base64url of a JSON array, dates as milliseconds. The API wraps and authenticates it. */
function encodeKey(values: readonly KeyValue[]): string {
  const plain = values.map((value) => (value instanceof Date ? value.getTime() : value));
  return Buffer.from(JSON.stringify(plain)).toString('base64url');
}

function decodeKey(key: string, columns: readonly AnyColumn[]): KeyValue[] {
  const values = parsedKey(key);
  if (!Array.isArray(values) || values.length !== columns.length) throw new PageKeyInvalid();
  return columns.map((column, index) => keyValue(column, values[index]));
}

function parsedKey(key: string): unknown {
  try {
    return JSON.parse(Buffer.from(key, 'base64url').toString('utf8'));
  } catch {
    throw new PageKeyInvalid();
  }
}

function keyValue(column: AnyColumn, value: unknown): KeyValue {
  if (column.dataType === 'number' && Number.isSafeInteger(value)) return Number(value);
  if (column.dataType === 'date' && Number.isSafeInteger(value) && Math.abs(Number(value)) <= 8.64e15) return new Date(Number(value));
  if (column.dataType === 'custom' && typeof value === 'string' && !value.includes('\0')) return value;
  throw new PageKeyInvalid();
}

/** True when the rows are read in ascending order: the list's own direction, turned around for a page that walks backwards. */
function ascending(order: { readonly descending: boolean }, page: PageRequest): boolean {
  return order.descending === page.backward;
}

/** The condition that leaves the rows beyond the page's key; undefined for a first page. Throws {@link PageKeyInvalid}. */
export function beyondKey<Row>(order: PageOrder<Row>, page: PageRequest): SQL | undefined {
  if (page.after === null) return undefined;
  const values = decodeKey(page.after, order.columns);
  const columns = sql.join(order.columns.map((column) => sql`${column}`), sql`, `);
  const place = sql.join(values.map((value, index) => sql`${sql.param(value, order.columns[index])}`), sql`, `);
  return ascending(order, page) ? sql`(${columns}) > (${place})` : sql`(${columns}) < (${place})`;
}

/** The least value of a column by which rows are put in order. */
const LEAST: Readonly<Record<string, SQL>> = { number: sql`-9223372036854775808`, date: sql`'-infinity'::timestamptz`, custom: sql`''` };

/**
 * Leaves out nothing, and leads the planner to the index of the order: it takes every parent for one of the many that have few rows, for
 * which any index of the parent and a sort will do, and where one has 100,000 that reads all of them. A value that it does not know
 * before it begins counts for it as one that leaves out two of three.
 */
function withinOrder<Row>({ columns: [first] }: PageOrder<Row>): SQL | undefined {
  const least = first === undefined ? undefined : LEAST[first.dataType];
  return least === undefined ? undefined : sql`${first} >= (select ${least})`;
}

/** The order in which rows are read for this page; the reverse of the list's own when it walks backwards. */
export function readingOrder<Row>(order: PageOrder<Row>, page: PageRequest): SQL[] {
  return order.columns.map((column) => (ascending(order, page) ? asc(column) : desc(column)));
}

/**
 * How many rows a page is cut from, as a part of the statement: of a number that comes later the planner takes a tenth of all rows, and
 * joins and sorts accordingly. As many statements as there are lengths of pages.
 */
export function rowsOf({ count }: PageRequest): SQL {
  return sql.raw(`${Math.trunc(count) + 1}`);
}

/**
 * A subquery with the `picked` columns of one page of each parent, and one row more where there is more. One statement whatever
 * the number of parents; each parent costs an index range of the page's length, not a sort of all its rows.
 */
export function pagesOfParents<Row>(listing: Listing<Row>, picked: readonly AnyColumn[], parents: readonly number[], filter: SQL | undefined, page: PageRequest): SQL {
  const chosen = sql.join(picked.map((column) => sql`${column}`), sql`, `);
  const where = and(sql`${listing.parent} = parent.id`, filter, beyondKey(listing.order, page) ?? withinOrder(listing.order));
  const order = sql.join(readingOrder(listing.order, page), sql`, `);
  return sql`(select page.* from unnest(${sql.param(parents)}::bigint[]) as parent(id) cross join lateral (select ${chosen} from ${listing.from} where ${where} order by ${order} limit ${rowsOf(page)}) as page)`;
}

/** Makes a page of rows that were read in {@link readingOrder}, at most one more than `page.count` of them. */
export function cutPage<Row>(rows: readonly Row[], order: PageOrder<Row>, page: PageRequest): Page<Row> {
  const more = rows.length > page.count;
  const edges = rows.slice(0, page.count).map((node) => ({ node, key: encodeKey(order.keyOf(node)) }));
  if (page.backward) edges.reverse();
  const behind = page.after !== null;
  return { edges, hasNext: page.backward ? behind : more, hasPrevious: page.backward ? more : behind };
}

/** Makes the page of each parent, in the order of `parents`; empty for those without rows. */
export function cutPages<Row>(rows: readonly Row[], listing: Listing<Row>, parents: readonly number[], page: PageRequest): Page<Row>[] {
  const byParent = new Map<number, Row[]>();
  for (const row of rows) {
    const parent = listing.parentOf(row);
    const group = byParent.get(parent);
    if (group === undefined) byParent.set(parent, [row]);
    else group.push(row);
  }
  return parents.map((parent) => {
    const group = byParent.get(parent);
    return group === undefined && page.after === null ? EMPTY_PAGE : cutPage(group ?? [], listing.order, page);
  });
}
