import { and, eq, gt, isNull, or, sql, type SQL } from 'drizzle-orm';
import { apiKey } from '../../drizzle/index.js';
import type { ApiKeyRecord } from '../domain/api-key.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { Queries } from './sending.js';
import { oneOfTexts } from './filters.js';
import { beyondKey, cutPage, readingOrder, type PageOrder } from './keyset.js';

const ORDER: PageOrder<ApiKeyRecord> = {
  columns: [apiKey.createdAt, apiKey.id],
  descending: false,
  keyOf: (row) => [row.createdAt, row.id],
};

/** Neither revoked nor expired, by the database's clock. */
function isLive(): SQL | undefined {
  return and(isNull(apiKey.revokedAt), or(isNull(apiKey.expiresAt), gt(apiKey.expiresAt, sql`now()`)));
}

/** Keys by id, dead ones included. */
export async function apiKeysById(queries: Queries, ids: readonly string[]): Promise<ApiKeyRecord[]> {
  return queries.select().from(apiKey).where(oneOfTexts(apiKey.id, ids));
}

/** One page of all keys, oldest first, dead ones included. */
export async function pageOfApiKeys(queries: Queries, page: PageRequest): Promise<Page<ApiKeyRecord>> {
  const rows = await queries.select().from(apiKey).where(beyondKey(ORDER, page)).orderBy(...readingOrder(ORDER, page)).limit(page.count + 1);
  return cutPage(rows, ORDER, page);
}

/** The key if it is live. */
export async function liveApiKey(queries: Queries, id: string): Promise<ApiKeyRecord | null> {
  const [row] = await queries.select().from(apiKey).where(and(eq(apiKey.id, id), isLive()));
  return row ?? null;
}

/** True when there is a key at all, dead ones included. */
export async function anyApiKey(queries: Queries): Promise<boolean> {
  const [row] = await queries.select({ id: apiKey.id }).from(apiKey).limit(1);
  return row !== undefined;
}

/** Inserts a key. */
export async function insertApiKey(queries: Queries, values: Omit<ApiKeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt'>): Promise<ApiKeyRecord | null> {
  const { scopes, repos, branches, readBranches, paths, actAs, ...rest } = values;
  const lists = { scopes: [...scopes], repos: [...repos], branches: [...branches], readBranches: [...readBranches], paths: [...paths], actAs: [...actAs] };
  const [row] = await queries.insert(apiKey).values({ ...rest, ...lists }).returning();
  return row ?? null;
}

/** Revokes a live key. null: there is none with this id. */
export async function revokeApiKey(queries: Queries, id: string): Promise<ApiKeyRecord | null> {
  const [row] = await queries.update(apiKey).set({ revokedAt: sql`now()` }).where(and(eq(apiKey.id, id), isLive())).returning();
  return row ?? null;
}

/** Notes that these keys were used just now; each row is written at most once a minute, whatever the number of gateways. */
export async function noteUse(queries: Queries, ids: readonly string[]): Promise<void> {
  await queries
    .update(apiKey)
    .set({ lastUsedAt: sql`now()` })
    .where(and(oneOfTexts(apiKey.id, ids), or(isNull(apiKey.lastUsedAt), sql`${apiKey.lastUsedAt} < now() - interval '1 minute'`)));
}
