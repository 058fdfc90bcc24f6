import { and, arrayContains, eq, getTableColumns, gt, isNull, or, sql, type SQL } from 'drizzle-orm';
import { apiKey } from '../../drizzle/index.js';
import type { ApiKeyRecord, NewApiKey } from '../domain/api-key.js';
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

/** The columns of a key, the secret before the last rotation only for as long as it works, by the database's clock. */
const COLUMNS = {
  ...getTableColumns(apiKey),
  previousHash: sql<string | null>`case when ${apiKey.previousUntil} > now() then ${apiKey.previousHash} end`.mapWith(apiKey.previousHash).as('live_previous_hash'),
};

/** The key if it is live. */
export async function liveApiKey(queries: Queries, id: string): Promise<ApiKeyRecord | null> {
  const [row] = await queries.select(COLUMNS).from(apiKey).where(and(eq(apiKey.id, id), isLive()));
  return row ?? null;
}

/** True when there is a key at all, dead ones included. */
export async function anyApiKey(queries: Queries): Promise<boolean> {
  const [row] = await queries.select({ id: apiKey.id }).from(apiKey).limit(1);
  return row !== undefined;
}

/** Inserts a key. */
export async function insertApiKey(queries: Queries, values: NewApiKey, lineage: readonly string[] = []): Promise<ApiKeyRecord | null> {
  const { scopes, repos, branches, readBranches, paths, actAs, ...rest } = values;
  const lists = { scopes: [...scopes], repos: [...repos], branches: [...branches], readBranches: [...readBranches], paths: [...paths], actAs: [...actAs], lineage: [...lineage] };
  const [row] = await queries.insert(apiKey).values({ ...rest, ...lists }).returning();
  return row ?? null;
}

/**
 * Inserts a key behind its parent's row lock: a revocation that comes first is seen here, and one that comes later waits for this
 * transaction and sees its row.
 */
export async function insertDerivedKey(queries: Queries, values: NewApiKey, lineage: readonly string[], maximum: number): Promise<'DONE' | 'NOT_LIVE' | 'FULL'> {
  const parent = lineage.at(-1) ?? '';
  const [live] = await queries.select({ id: apiKey.id }).from(apiKey).where(and(eq(apiKey.id, parent), isLive())).for('no key update');
  if (live === undefined) return 'NOT_LIVE';
  if ((await queries.$count(apiKey, and(arrayContains(apiKey.lineage, [parent]), isLive()))) >= maximum) return 'FULL';
  await insertApiKey(queries, values, lineage);
  return 'DONE';
}

/** Gives a live key another secret. null: there is none with this id. */
export async function rotateApiKey(queries: Queries, id: string, hash: string, graceMs: number): Promise<ApiKeyRecord | null> {
  const goesOn = graceMs > 0;
  const before = {
    previousHash: goesOn ? sql`${apiKey.hash}` : null,
    previousUntil: goesOn ? sql`now() + make_interval(secs => ${graceMs / 1000}::float8)` : null,
  };
  const [row] = await queries.update(apiKey).set({ hash, ...before }).where(and(eq(apiKey.id, id), isLive())).returning();
  return row ?? null;
}

/**
 * Revokes a live key and all that is derived from it; answers their rows, its own first, none when there is no live one with this id.
 * A key may be in the middle of being derived, so this looks until there is nothing left: what is revoked here is locked, and nothing can
 * be derived from it any more.
 */
export async function revokeApiKey(queries: Queries, id: string): Promise<ApiKeyRecord[]> {
  const revoked = await queries.update(apiKey).set({ revokedAt: sql`now()` }).where(and(eq(apiKey.id, id), isLive())).returning();
  if (revoked.length === 0) return [];
  for (;;) {
    const derived = await queries.update(apiKey).set({ revokedAt: sql`now()` }).where(and(arrayContains(apiKey.lineage, [id]), isLive())).returning();
    if (derived.length === 0) return revoked;
    revoked.push(...derived);
  }
}

/** Notes that these keys were used just now; each row is written at most once a minute, whatever the number of gateways. */
export async function noteUse(queries: Queries, ids: readonly string[]): Promise<void> {
  await queries
    .update(apiKey)
    .set({ lastUsedAt: sql`now()` })
    .where(and(oneOfTexts(apiKey.id, ids), or(isNull(apiKey.lastUsedAt), sql`${apiKey.lastUsedAt} < now() - interval '1 minute'`)));
}
