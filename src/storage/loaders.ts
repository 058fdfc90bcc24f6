import DataLoader from 'dataloader';
import type { Page, PageRequest } from '../domain/ports/pages.js';

/**
 * Rows by key for one request: keys asked for within a tick become one statement, and no key is asked for twice. `name` turns a
 * key into what equal keys share; `fetch` answers the rows found, in any order, and `named` says which key a row answers.
 */
export function rowLoader<Key, Row>(name: (key: Key) => string, fetch: (keys: readonly Key[]) => Promise<readonly Row[]>, named: (row: Row) => string): DataLoader<Key, Row | null, string> {
  return new DataLoader<Key, Row | null, string>(
    async (keys) => {
      const found = new Map((await fetch(keys)).map((row) => [named(row), row]));
      return keys.map((key) => found.get(name(key)) ?? null);
    },
    { cacheKeyFn: name, maxBatchSize: 1000 },
  );
}

interface PageCall<Query> {
  readonly parent: number;
  readonly shape: string;
  readonly query: Query;
  readonly page: PageRequest;
}

/** Pages by parent for one request: the same query on many parents within a tick becomes one statement. */
export class PageLoader<Query, Row> {
  readonly #loader: DataLoader<PageCall<Query>, Page<Row>, string>;

  /** `fetch` answers one page a parent, in the order of the parents. */
  constructor(fetch: (parents: readonly number[], query: Query, page: PageRequest) => Promise<readonly Page<Row>[]>) {
    this.#loader = new DataLoader(
      async (calls) => {
        const shapes = new Map<string, PageCall<Query>[]>();
        for (const call of calls) {
          const alike = shapes.get(call.shape);
          if (alike === undefined) shapes.set(call.shape, [call]);
          else alike.push(call);
        }
        const pages = new Map<PageCall<Query>, Page<Row> | Error>();
        await Promise.all(Array.from(shapes.values(), (alike) => fill(pages, alike, fetch)));
        return calls.map((call): Page<Row> | Error => pages.get(call) ?? new PageLost());
      },
      { cacheKeyFn: (call) => `${call.parent} ${call.shape}`, maxBatchSize: 1000 },
    );
  }

  /** `query` must not name the parent: what differs between parents cannot be shared. */
  load(parent: number, query: Query, page: PageRequest): Promise<Page<Row>> {
    return this.#loader.load({ parent, shape: JSON.stringify([query, page]), query, page });
  }

  forget(): void {
    this.#loader.clearAll();
  }
}

/** A batch answered fewer pages than it had parents: a defect of the statement behind it. */
class PageLost extends Error {
  override readonly name = 'PageLost';
  constructor() {
    super('a page was not answered');
  }
}

async function fill<Query, Row>(pages: Map<PageCall<Query>, Page<Row> | Error>, alike: readonly PageCall<Query>[], fetch: (parents: readonly number[], query: Query, page: PageRequest) => Promise<readonly Page<Row>[]>): Promise<void> {
  const [first] = alike;
  if (first === undefined) return;
  try {
    const answered = await fetch(alike.map((call) => call.parent), first.query, first.page);
    alike.forEach((call, index) => pages.set(call, answered[index] ?? new PageLost()));
  } catch (error) {
    const failure = error instanceof Error ? error : new PageLost();
    for (const call of alike) pages.set(call, failure);
  }
}
