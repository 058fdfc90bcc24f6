import type { RepoRecord } from '../domain/repo.js';

/**
 * Which history of each repository this gateway knows. Every request reads the row of its repository before it asks for anything of its
 * history, or has read it half a second ago, and the row counts rewritings: so a gateway learns of a purge by another in time.
 */
export class Rewrites {
  readonly #known = new Map<number, number>();
  readonly #forget: (repoId: number) => void;

  /** `forget` is called for a repository whose history got other ids since it was last seen, before its row is handed on. */
  constructor(forget: (repoId: number) => void) {
    this.#forget = forget;
  }

  /** Looks at rows that were read just now, and hands them on. One that was read before an earlier one says nothing. */
  seen<Row extends Pick<RepoRecord, 'id' | 'rewrites'>>(rows: readonly Row[]): readonly Row[] {
    for (const { id, rewrites } of rows) {
      if (rewrites <= (this.#known.get(id) ?? 0)) continue;
      this.#known.set(id, rewrites);
      this.#forget(id);
    }
    return rows;
  }
}
