import { sql } from 'drizzle-orm';
import { tag } from '../../drizzle/index.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { TagRecord } from '../domain/repo.js';
import type { Queries } from './sending.js';
import { columnsOf, oneOfNamed } from './filters.js';
import { cutPages, pagesOfParents, readingOrder, type Listing } from './keyset.js';

const TAGS: Listing<TagRecord> = {
  from: sql`${tag}`,
  parent: tag.repoId,
  order: { columns: [tag.name], descending: false, keyOf: (row) => [row.name] },
  parentOf: (row) => row.repoId,
};

/** Rows that one statement inserts; a statement has at most 65,535 parameters. */
const CHUNK = 5000;

/** Tags by repository and name. */
export async function tagsByName(queries: Queries, names: readonly (readonly [number, string])[]): Promise<TagRecord[]> {
  return queries.select().from(tag).where(oneOfNamed(tag.repoId, tag.name, columnsOf(names)));
}

/** One page of the tags of each repository, by name, in one statement. */
export async function pagesOfTags(queries: Queries, repoIds: readonly number[], page: PageRequest): Promise<Page<TagRecord>[]> {
  const places = pagesOfParents(TAGS, [tag.repoId, tag.name], repoIds, undefined, page);
  const rows = await queries.select().from(tag).where(sql`(${tag.repoId}, ${tag.name}) in ${places}`).orderBy(...readingOrder(TAGS.order, page));
  return cutPages(rows, TAGS, repoIds, page);
}

/** Inserts a tag; false where the repository has one of that name, also one that another transaction was inserting at the same time. */
export async function insertTag(queries: Queries, repoId: number, row: Omit<TagRecord, 'repoId'>): Promise<boolean> {
  const made = await queries.insert(tag).values({ ...row, repoId }).onConflictDoNothing({ target: [tag.repoId, tag.name] }).returning({ name: tag.name });
  return made.length > 0;
}

/** Inserts tags; one that the repository has already moves to where the new one points. */
export async function insertTags(queries: Queries, repoId: number, tags: readonly Omit<TagRecord, 'repoId'>[]): Promise<void> {
  for (let start = 0; start < tags.length; start += CHUNK) {
    const rows = tags.slice(start, start + CHUNK).map((each) => ({ ...each, repoId }));
    const moved = { oid: sql`excluded.oid`, commitOid: sql`excluded.commit_oid`, message: sql`excluded.message` };
    await queries.insert(tag).values(rows).onConflictDoUpdate({ target: [tag.repoId, tag.name], set: moved });
  }
}
