import { sql } from 'drizzle-orm';
import { parseCommit } from '../../git/objects/commit.js';
import type { Oid } from '../../git/objects/object-source.js';
import { parseTrailers } from '../../git/objects/trailers.js';
import { digestOf } from '../commit-trailers.js';
import type { Database } from '../database.js';
import { bytesArray } from '../filters.js';

/** Commits whose rows are read at a time. */
const SLICE = 1000;

/** What the rows of a commit must say. */
interface CommitFacts {
  readonly parents: string;
  readonly tree: Oid;
  readonly seconds: number;
  readonly trailers: ReadonlySet<string>;
}

/**
 * Compares what is cached of the commits of one repository, its graph and its trailers, with the commits themselves. With `repair`,
 * trailers that are wrong are forgotten, and read again by the next search.
 */
export class CommitRows {
  readonly #waiting = new Map<Oid, CommitFacts>();
  readonly #found: string[] = [];

  constructor(private readonly database: Database, private readonly repoId: number, private readonly repair: boolean) {}

  /** Takes a commit as it was read from the packs. */
  async add(oid: Oid, content: Buffer): Promise<void> {
    const { parents, tree, committer, message } = parseCommit(oid, content);
    this.#waiting.set(oid, { parents: parents.join(''), tree, seconds: committer.seconds, trailers: new Set(parseTrailers(message).map(digestOf)) });
    if (this.#waiting.size >= SLICE) await this.#compare();
  }

  /** A sentence for each row that was found wrong. */
  async finish(): Promise<readonly string[]> {
    await this.#compare();
    return this.#found;
  }

  async #compare(): Promise<void> {
    const oids = [...this.#waiting.keys()];
    if (oids.length === 0) return;
    const rows = await this.database.run((queries) => queries.execute(sql`
      select encode(oid, 'hex') as oid, encode(parents, 'hex') as parents, encode(tree, 'hex') as tree, seconds::float8 as seconds, trailers_known as known,
        (select string_agg(encode(digest, 'hex'), ' ') from commit_trailer where commit_trailer.repo_id = commit_graph.repo_id and commit_trailer.oid = commit_graph.oid) as digests
      from commit_graph where repo_id = ${this.repoId} and oid = any(${bytesArray(oids)})`));
    for (const row of rows) await this.#compareRow(row);
    this.#waiting.clear();
  }

  async #compareRow({ oid, parents, tree, seconds, known, digests }: Readonly<Record<string, unknown>>): Promise<void> {
    const id = String(oid);
    const facts = this.#waiting.get(id);
    if (facts === undefined) return;
    if (parents !== facts.parents || (tree !== null && tree !== facts.tree) || seconds !== facts.seconds) this.#found.push(`the graph has other parents, another tree or time than commit ${id}`);
    const noted = new Set(typeof digests === 'string' ? digests.split(' ') : []);
    if (known !== true || (noted.size === facts.trailers.size && [...facts.trailers].every((digest) => noted.has(digest)))) return;
    this.#found.push(`what is noted of the trailers of commit ${id} is not what it carries${this.repair ? '; they are read again' : ''}`);
    if (this.repair) await this.#forgetTrailers(id);
  }

  async #forgetTrailers(oid: Oid): Promise<void> {
    const bytes = Buffer.from(oid, 'hex');
    await this.database.transaction(async (queries) => {
      await queries.execute(sql`update commit_graph set trailers_known = false where repo_id = ${this.repoId} and oid = ${bytes}`);
      await queries.execute(sql`delete from commit_trailer where repo_id = ${this.repoId} and oid = ${bytes}`);
    });
  }
}
