import type { Page, PageRequest } from '../src/domain/ports/pages.js';
import { cursorBinding, decodePageCursor, encodePageCursor } from '../src/domain/cursor.js';
import { DEFAULT_PAGE_SIZE } from '../src/domain/limits.js';
import { asQueryError, QueryError } from '../src/operations/reading/query-error.js';
import type { Request } from '../src/operations/request.js';
import { builder } from './builder.js';

/** The arguments of a connection, forwards and backwards alike; absent ones may be missing, null or undefined. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** `first` and `after`: the arguments of lists that are read in one direction. */
export const forwardArgs = builder.args((t) => ({
  first: t.int({ description: 'How many items at most: 50 unless given, 100 at most (`server.limits.pageSize`).' }),
  after: t.string({ description: 'The cursor after which the page begins; from the beginning unless given.' }),
}));

/** All four arguments of a Relay connection. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: 'How many items at most, counted from the beginning or from `after`: 50 unless given, 100 at most.' }),
  after: t.string({ description: 'The cursor after which the page begins.' }),
  last: t.int({ description: 'How many items at most, counted back from the end or from `before`. Not together with `first`.' }),
  before: t.string({ description: 'The cursor before which the page ends.' }),
}));

/** What a page costs: its items, each times what is selected of it. */
export function pageCost(args: Record<string, unknown>): { readonly field: number; readonly multiplier: number } {
  const size = args['first'] ?? args['last'];
  return { field: 1, multiplier: typeof size === 'number' && size >= 0 ? size : DEFAULT_PAGE_SIZE };
}

/** What a connection resolver answers. */
export interface Connection<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Which list a page is of: a cursor is good for the list that made it alone. */
export interface PagedList {
  /** `Type.field`. */
  readonly field: string;
  /** The id of the node that the list belongs to; null for lists of the query root. */
  readonly parent: string | null;
  /** Every argument that decides which items there are and in what order. */
  readonly rows?: Readonly<Record<string, unknown>>;
}

/** Reads one page. Rejects with CURSOR_INVALID for cursors of other lists, INVALID_ARGUMENT for sizes out of bounds. */
export async function connect<T>(request: Request, args: PageArgs, list: PagedList, read: (page: PageRequest) => Promise<Page<T>>): Promise<Connection<T>> {
  const binding = cursorBinding(list.field, list.parent, list.rows ?? {});
  try {
    const page = await read(pageRequest(request, args, binding));
    const edges = page.edges.map(({ node, key }) => ({ node, cursor: encodePageCursor(binding, key) }));
    return {
      edges,
      pageInfo: {
        hasNextPage: page.hasNext,
        hasPreviousPage: page.hasPrevious,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  } catch (error) {
    throw asQueryError(error) ?? error;
  }
}

/** The page that the arguments ask for; `binding` is that of the list. */
export function pageRequest(request: Request, args: PageArgs, binding: string): PageRequest {
  const { first = null, last = null, after = null, before = null } = args;
  if (first !== null && last !== null) throw new QueryError('INVALID_ARGUMENT', '"first" and "last" exclude each other: a page is counted from one end.');
  const backward = last !== null || (first === null && before !== null && after === null);
  if ((backward ? after : before) !== null) {
    throw new QueryError('INVALID_ARGUMENT', backward ? '"after" goes with "first"; with "last" use "before".' : '"before" goes with "last"; with "first" use "after".');
  }
  const count = first ?? last ?? DEFAULT_PAGE_SIZE;
  const maximum = request.gateway.limits.pageSize;
  if (count < 0 || count > maximum) {
    throw new QueryError('INVALID_ARGUMENT', `A page has 0 to ${maximum} items; "${backward ? 'last' : 'first'}" was ${count}.`);
  }
  const cursor = backward ? before : after;
  return { count, backward, after: cursor === null ? null : decodePageCursor(binding, cursor) };
}
