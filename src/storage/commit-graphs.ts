import { sql } from 'drizzle-orm';
import { CommitGraph } from '../git/history/commit-graph.js';
import type { CommitRow } from '../domain/ports/transaction.js';
import type { GraphRow } from '../git/history/graph-row.js';
import type { Oid } from '../git/objects/object-source.js';
import type { Database } from './database.js';
import type { Queries } from './sending.js';
import { insertTrailers } from './commit-trailers.js';
import { bytesArray } from './filters.js';
import { SingleFlight } from './single-flight.js';

/** Rows that one statement inserts or one step of a cursor reads: about 10 ms of work on the main thread. */
const CHUNK = 5000;

/** New rows up to which one plain statement reads them. */
const FEW = 100;

const OID_BYTES = 20;

/** Adds commits to a repository's graph as one batch, with their trailers where they have them; known ones are left alone. The caller holds the log head's lock. */
export async function insertCommits(queries: Queries, repoId: number, rows: readonly CommitRow[], batch: number): Promise<void> {
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const oids = bytesArray(chunk.map((row) => row.oid));
    const parents = bytesArray(chunk.map((row) => row.parents.join('')));
    const trees = bytesArray(chunk.map((row) => row.tree));
    const generations = sql.param(chunk.map((row) => row.generation));
    const seconds = sql.param(chunk.map((row) => row.seconds));
    const known = sql.param(chunk.map((row) => (row.trailers === undefined ? 0 : 1)));
    await queries.execute(sql`
      insert into commit_graph (repo_id, batch, oid, parents, tree, generation, seconds, trailers_known)
      select ${repoId}::bigint, ${batch}::bigint, added.oid, added.parents, added.tree, added.generation, added.seconds, added.known = 1
      from unnest(${oids}, ${parents}, ${trees}, ${generations}::int[], ${seconds}::bigint[], ${known}::int[]) as added(oid, parents, tree, generation, seconds, known)
      on conflict do nothing`);
    await insertTrailers(queries, repoId, chunk);
  }
}

interface StoredCommit {
  readonly oid: Buffer;
  readonly parents: Buffer;
  readonly tree: Buffer | null;
  readonly generation: number;
  readonly seconds: string;
  readonly batch: string;
}

function toGraphRow(row: StoredCommit): GraphRow {
  const parents: string[] = [];
  for (let at = 0; at < row.parents.length; at += OID_BYTES) parents.push(row.parents.toString('hex', at, at + OID_BYTES));
  return { oid: row.oid.toString('hex'), parents, tree: row.tree?.toString('hex') ?? null, generation: row.generation, seconds: Number(row.seconds) };
}

/** One repository's graph and the newest batch that it holds. */
class GraphCache {
  readonly graph = new CommitGraph();
  readonly refresh: SingleFlight<CommitGraph>;
  #batch = 0;

  constructor(database: Database, repoId: number) {
    this.refresh = new SingleFlight(() => this.#readOn(database, repoId));
  }

  /**
   * Adds what was committed since. One statement, and usually no row. Rows come parents first, so every chunk can be added as it
   * arrives, and the main thread is free in between. Batches are numbered under a lock that is held until the commit: when
   * batch n is seen, all before it are.
   */
  async #readOn(database: Database, repoId: number): Promise<CommitGraph> {
    const seen = { batch: this.#batch };
    await database.lend(async (sql) => {
      const rows = (limit: number | null) => sql<StoredCommit[]>`
        select oid, parents, tree, generation, seconds, batch from commit_graph
        where repo_id = ${repoId} and batch > ${this.#batch} order by generation limit ${limit}`;
      // A cursor takes two round trips more than a statement, and what is new is nearly always nothing, or one commit.
      const few = this.graph.size === 0 ? null : await rows(FEW);
      if (few !== null && few.length < FEW) this.#take(few, seen);
      else for await (const chunk of rows(null).cursor(CHUNK)) this.#take(chunk, seen);
    });
    this.#batch = seen.batch;
    return this.graph;
  }

  #take(rows: readonly StoredCommit[], seen: { batch: number }): void {
    this.graph.append(rows.map(toGraphRow));
    for (const row of rows) seen.batch = Math.max(seen.batch, Number(row.batch));
  }
}

/** The commit graphs of the repositories used last, as compact arrays, bounded by the number of commits in all. */
export class CommitGraphs {
  readonly #database: Database;
  readonly #maxCommits: number;
  readonly #graphs = new Map<number, GraphCache>();

  /** A commit takes about 60 bytes. The graph used last stays even when it alone exceeds the bound. */
  constructor(database: Database, maxCommits: number) {
    this.#database = database;
    this.#maxCommits = maxCommits;
  }

  /**
   * The graph with every commit whose transaction ended before this call; where it has all of `knowing` (some), as it stands. Rows
   * are added parents first, so a graph that has a commit has its whole past, also while it is being read on.
   */
  async of(repoId: number, knowing: readonly Oid[] = []): Promise<CommitGraph> {
    const cache = this.#graphs.get(repoId) ?? new GraphCache(this.#database, repoId);
    // A Map keeps the order of insertion, so the one used last goes to the end.
    this.#graphs.delete(repoId);
    this.#graphs.set(repoId, cache);
    if (knowing.length > 0 && knowing.every((oid) => cache.graph.has(oid))) return cache.graph;
    const graph = await cache.refresh.run();
    this.#shrink(repoId);
    return graph;
  }

  /** Drops what is known of a repository, whose commits got other ids. Who is still working on the old graph keeps it. */
  forget(repoId: number): void {
    this.#graphs.delete(repoId);
  }

  #shrink(used: number): void {
    let commits = 0;
    for (const cache of this.#graphs.values()) commits += cache.graph.size + 1;
    for (const [repoId, cache] of this.#graphs) {
      if (commits <= this.#maxCommits) return;
      if (repoId === used) continue;
      this.#graphs.delete(repoId);
      commits -= cache.graph.size + 1;
    }
  }
}
