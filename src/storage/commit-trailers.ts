import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { commitGraph, commitTrailer } from '../../drizzle/index.js';
import type { TrailerMatches } from '../domain/ports/storage.js';
import type { CommitRow } from '../domain/ports/transaction.js';
import type { Label } from '../domain/label.js';
import { readCommit } from '../git/objects/commit.js';
import { ObjectMissing } from '../git/objects/errors.js';
import type { ObjectSource, Oid } from '../git/objects/object-source.js';
import { Pace } from '../git/objects/pace.js';
import { parseTrailers, type Trailer } from '../git/objects/trailers.js';
import type { Database } from './database.js';
import { bytesArray } from './filters.js';
import type { Queries } from './sending.js';

/** Of SHA-256; 128 bits of a cache whose readers compare the message. Half the size of the whole, in the table and in its index. */
const DIGEST_HEX = 32;

/** Commits that one statement notes: some 20 ms of reading, which are lost when the request ends within them. */
const SLICE = 1000;

/** Commits up to which a search takes all ids at once: 5 ms. What more commits carry is common, and a page of it is found by looking at a few chunks of the history. */
const RARE = 5000;

/** By what a trailer is found: its key without regard to case and its value. Lowercase hex. */
export function digestOf({ key, value }: Label | Trailer): string {
  return createHash('sha256').update(key.toLowerCase()).update('\0').update(value).digest('hex').slice(0, DIGEST_HEX);
}

/** Adds the trailers of commits, where the rows have them, in the transaction that adds the rows. Known ones are left alone. */
export async function insertTrailers(queries: Queries, repoId: number, rows: readonly Pick<CommitRow, 'oid' | 'trailers'>[]): Promise<void> {
  const { digests, oids } = columnsOf(rows);
  for (let start = 0; start < oids.length; start += SLICE) {
    const end = start + SLICE;
    await queries.execute(sql`
      insert into commit_trailer (repo_id, digest, oid)
      select ${repoId}::bigint, added.* from unnest(${bytesArray(digests.slice(start, end))}, ${bytesArray(oids.slice(start, end))}) as added
      on conflict do nothing`);
  }
}

function columnsOf(rows: readonly Pick<CommitRow, 'oid' | 'trailers'>[]): { readonly digests: string[]; readonly oids: Oid[] } {
  const digests: string[] = [];
  const oids: Oid[] = [];
  for (const { oid, trailers = [] } of rows) {
    for (const digest of new Set(trailers.map(digestOf))) {
      digests.push(digest);
      oids.push(oid);
    }
  }
  return { digests, oids };
}

/**
 * The commits of a repository that carry a trailer. Commits that came without their trailers are read first, about 20 µs each, slice
 * by slice: `visit` is called for each of them and may throw to end the search, and the slices that were noted stay noted.
 * Rejects with ObjectCorrupt for a damaged commit among those.
 */
export async function trailerMatches(database: Database, objects: ObjectSource, repoId: number, trailer: Label, visit: () => void): Promise<TrailerMatches> {
  await readUnread(database, objects, repoId, visit);
  const digest = Buffer.from(digestOf(trailer), 'hex');
  const carrying = and(eq(commitTrailer.repoId, repoId), eq(commitTrailer.digest, digest));
  const rows = await database.run((queries) => queries.select({ oid: commitTrailer.oid }).from(commitTrailer).where(carrying).limit(RARE + 1));
  return {
    all: rows.length > RARE ? null : new Set(rows.map(({ oid }) => oid)),
    async among(oids) {
      const some = and(carrying, sql`${commitTrailer.oid} = any(${bytesArray(oids)})`);
      const found = await database.run((queries) => queries.select({ oid: commitTrailer.oid }).from(commitTrailer).where(some));
      return new Set(found.map(({ oid }) => oid));
    },
  };
}

/** Notes the trailers of every commit of the graph that came without: of what was written before they were kept, and of copies of it. */
async function readUnread(database: Database, objects: ObjectSource, repoId: number, visit: () => void): Promise<void> {
  const unread = and(eq(commitGraph.repoId, repoId), sql`not ${commitGraph.trailersKnown}`);
  for (;;) {
    const slice = await database.run((queries) => queries.select({ oid: commitGraph.oid }).from(commitGraph).where(unread).limit(SLICE));
    if (slice.length === 0) return;
    const rows: Pick<CommitRow, 'oid' | 'trailers'>[] = [];
    const pace = new Pace();
    for (const { oid } of slice) {
      visit();
      rows.push({ oid, trailers: await trailersOf(objects, oid) });
      if (pace.due()) await pace.breathe();
    }
    await database.run((queries) => noteTrailers(queries, repoId, rows));
  }
}

/** None of a commit that was collected as garbage, whose row the graph keeps: whoever stores it again brings its trailers. */
async function trailersOf(objects: ObjectSource, oid: Oid): Promise<readonly Trailer[]> {
  try {
    const { message } = await readCommit(objects, oid);
    return parseTrailers(message);
  } catch (error) {
    if (error instanceof ObjectMissing) return [];
    throw error;
  }
}

/**
 * Marks commits as read and adds their trailers, one statement: a commit that a purge takes away meanwhile leaves nothing. Rows are
 * locked in the order of their ids, so that two gateways that do this at once do not wait for one another in a circle.
 */
async function noteTrailers(queries: Queries, repoId: number, rows: readonly Pick<CommitRow, 'oid' | 'trailers'>[]): Promise<void> {
  const { digests, oids } = columnsOf(rows);
  await queries.execute(sql`
    with held as materialized (
      select oid from commit_graph where repo_id = ${repoId} and oid = any(${bytesArray(rows.map(({ oid }) => oid))}) order by oid for update
    ), noted as (
      update commit_graph set trailers_known = true from held where commit_graph.repo_id = ${repoId} and commit_graph.oid = held.oid
    )
    insert into commit_trailer (repo_id, digest, oid)
    select ${repoId}::bigint, added.digest, added.oid from unnest(${bytesArray(digests)}, ${bytesArray(oids)}) as added(digest, oid) join held on held.oid = added.oid
    on conflict do nothing`);
}
