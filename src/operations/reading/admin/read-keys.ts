import { isDerivedFrom, keyManagementRefusal } from '../../../auth/key-reach.js';
import type { ApiKeyRecord } from '../../../domain/api-key.js';
import type { Page, PageEdge, PageRequest } from '../../../domain/ports/pages.js';
import type { Request } from '../../request.js';
import { isAllowed, mustAllow } from '../allowed.js';

/**
 * Keys that reach no further than the asking one, oldest first; those that do are as if absent. Needs ADMIN, or throws FORBIDDEN.
 * Rows are read until the page is full, because which keys are within reach is no question for the database.
 */
export async function readApiKeys(request: Request, page: PageRequest): Promise<Page<ApiKeyRecord>> {
  mustAllow(request, 'readApiKeys');
  const edges: PageEdge<ApiKeyRecord>[] = [];
  let after = page.after;
  for (;;) {
    const rows = await request.reader.apiKeys({ ...page, after });
    for (const edge of rows.edges) {
      if (keyManagementRefusal(request.viewer, edge.node) !== null) continue;
      if (edges.length >= page.count) return { edges, hasNext: true, hasPrevious: page.after !== null };
      edges.push(edge);
    }
    after = rows.edges.at(-1)?.key ?? null;
    if (!rows.hasNext || after === null) return { edges, hasNext: false, hasPrevious: page.after !== null };
  }
}

/** A key by its id: the asking key itself, one derived from it, or for ADMIN one within reach; null otherwise. */
export async function readApiKey(request: Request, id: string): Promise<ApiKeyRecord | null> {
  const { viewer } = request;
  if (id === viewer.key.id) return viewer.key;
  const key = await request.reader.apiKey(id);
  if (key === null || !(isDerivedFrom(viewer, key) || isAllowed(request, 'readApiKeys'))) return null;
  return keyManagementRefusal(viewer, key) !== null ? null : key;
}
