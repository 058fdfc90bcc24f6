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
  /** The id of the node that the list belongs to, or how it is made, where most pages are asked for without cursors; null for lists of the query root. */
  readonly parent: string | null | (() => string);
  /** Every argument that decides which items there are and in what order. */
  readonly rows?: Readonly<Record<string, unknown>>;
}

/** Reads one page. Rejects with CURSOR_INVALID for cursors of other lists, INVALID_ARGUMENT for sizes out of bounds. */
export function connect<T>(request: Request, args: PageArgs, list: PagedList, read: (page: PageRequest) => Page<T> | Promise<Page<T>>): Connection<T> | Promise<Connection<T>> {
  const binding = new Binding(list);
  try {
    const page = read(pageRequest(request, args, binding));
    return page instanceof Promise ? connectLater(page, binding) : connectionOf(page, binding);
  } catch (error) {
    throw asQueryError(error) ?? error;
  }
}

async function connectLater<T>(page: Promise<Page<T>>, binding: Binding): Promise<Connection<T>> {
  try {
    return connectionOf(await page, binding);
  } catch (error) {
    throw asQueryError(error) ?? error;
  }
}

/** What the cursors of a list are bound to, worked out for the first cursor that is read or made: three digests cost more than an everyday page. */
class Binding {
  readonly #list: PagedList;
  #value: string | null = null;

  constructor(list: PagedList) {
    this.#list = list;
  }

  get value(): string {
    const { field, parent, rows = {} } = this.#list;
    this.#value ??= cursorBinding(field, typeof parent === 'function' ? parent() : parent, rows);
    return this.#value;
  }
}

/** An edge whose cursor is made when it is selected. */
class Edge<T> {
  readonly node: T;
  readonly #key: string;
  readonly #binding: Binding;

  constructor(node: T, key: string, binding: Binding) {
    this.node = node;
    this.#key = key;
    this.#binding = binding;
  }

  get cursor(): string {
    return encodePageCursor(this.#binding.value, this.#key);
  }
}

function connectionOf<T>(page: Page<T>, binding: Binding): Connection<T> {
  const edges = page.edges.map(({ node, key }) => new Edge(node, key, binding));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: page.hasPrevious,
      get startCursor() {
        return edges[0]?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
  };
}

/** The page that the arguments ask for; `binding` is that of the list. */
function pageRequest(request: Request, args: PageArgs, binding: Binding): PageRequest {
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
  return { count, backward, after: cursor === null ? null : decodePageCursor(binding.value, cursor) };
}
