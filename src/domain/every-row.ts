import type { Page, PageRequest } from './ports/pages.js';

/** Rows of one page while a whole list is read: each page is a statement, and a repository may have 100,000 branches. */
const PAGE = 5000;

/** Every row of a list, page by page. */
export async function everyRow<T>(pageOf: (request: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page<T> = await pageOf({ count: PAGE, after, backward: false });
    for (const edge of page.edges) rows.push(edge.node);
    const last = page.edges.at(-1);
    if (!page.hasNext || last === undefined) return rows;
    after = last.key;
  }
}
