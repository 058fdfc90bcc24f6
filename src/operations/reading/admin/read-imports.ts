import { authorize } from '../../../auth/authorize.js';
import type { ImportJobRecord } from '../../../domain/import-job.js';
import type { Page, PageEdge, PageRequest } from '../../../domain/ports/pages.js';
import type { Request } from '../../request.js';
import { isAllowed, mustAllow } from '../allowed.js';

function mayRead({ viewer }: Request, { repoName }: ImportJobRecord): boolean {
  return authorize(viewer, 'readImports', { repoName }) === null;
}

/** An import by its row's id; null for whoever may not read of repositories with that name, or lacks ADMIN. */
export async function readImport(request: Request, id: number): Promise<ImportJobRecord | null> {
  if (!isAllowed(request, 'readImports')) return null;
  const job = await request.reader.importJob(id);
  return job !== null && mayRead(request, job) ? job : null;
}

/** Imports of repositories within the key's globs, newest first. Needs ADMIN, or throws FORBIDDEN. Rows are read until the page is full. */
export async function readImports(request: Request, page: PageRequest): Promise<Page<ImportJobRecord>> {
  mustAllow(request, 'readImports');
  const edges: PageEdge<ImportJobRecord>[] = [];
  let after = page.after;
  for (;;) {
    const rows = await request.reader.importJobs({ ...page, after });
    for (const edge of rows.edges.filter(({ node }) => mayRead(request, node))) {
      if (edges.length >= page.count) return { edges, hasNext: true, hasPrevious: page.after !== null };
      edges.push(edge);
    }
    after = rows.edges.at(-1)?.key ?? null;
    if (!rows.hasNext || after === null) return { edges, hasNext: false, hasPrevious: page.after !== null };
  }
}
