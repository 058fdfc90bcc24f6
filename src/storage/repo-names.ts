import type { RepoRecord } from '../domain/repo.js';
import { Believed } from './believed.js';
import type { Database } from './database.js';
import { reposByName } from './repos.js';
import type { Rewrites } from './rewrites.js';

/** Repositories whose names are known here at once; beyond, all are forgotten. */
const MAX_REPOS = 10_000;

/**
 * Which repository a name stands for, asked for with nearly every read: believed as {@link Believed} says, so a rename or a deletion
 * takes effect within half a second on other gateways, and at once on the one that did it.
 */
export class RepoNames {
  readonly #believed: Believed<RepoRecord>;
  /** The name of each repository that was found; what is still being read could be any repository's. */
  readonly #nameOf = new Map<number, string>();
  readonly #reading = new Set<string>();

  constructor(database: Database, rewrites: Rewrites) {
    this.#believed = new Believed((name) => this.#read(database, rewrites, name));
  }

  /** The live repository of this name, as it was at most half a second ago; null for none. */
  find(name: string): Promise<RepoRecord | null> {
    return this.#believed.find(name);
  }

  /** Forgets the name of a repository that was written to here. */
  drop(repoId: number): void {
    const name = this.#nameOf.get(repoId);
    if (name !== undefined) this.#believed.drop(name);
    this.#nameOf.delete(repoId);
    for (const read of this.#reading) this.#believed.drop(read);
  }

  async #read(database: Database, rewrites: Rewrites, name: string): Promise<RepoRecord | null> {
    this.#reading.add(name);
    try {
      const [row] = rewrites.seen(await database.run((queries) => reposByName(queries, [name])));
      if (row === undefined) return null;
      if (this.#nameOf.size >= MAX_REPOS) this.#forgetAll();
      this.#nameOf.set(row.id, name);
      return row;
    } finally {
      this.#reading.delete(name);
    }
  }

  /** What is believed and what is dropped by id go together: a name without its id would outlive a rename. */
  #forgetAll(): void {
    this.#nameOf.clear();
    this.#believed.clear();
  }
}
