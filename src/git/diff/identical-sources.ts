import { baseName, type RenameSide } from './rename-side.js';

/** Of sources with one content, at most this many that could be taken are looked at for a destination, as in git. */
const WINDOW = 100;
const TYPE_BITS = 0o170000;
const NONE = -1;

/**
 * The sources that a destination with the same content may have come from. Those of one content and type are chained, and
 * taken ones leave the chain, so that ten thousand moved copies of one file cost a million steps and not a hundred million.
 */
export class IdenticalSources {
  readonly #names: readonly string[];
  readonly #first = new Map<string, number>();
  readonly #next: Int32Array;
  /** Whether a source may be taken again, as a copy. */
  readonly #reuse: boolean;

  /** `sources` in the order in which they are preferred. */
  constructor(sources: readonly RenameSide[], reuse: boolean) {
    this.#names = sources.map(({ path }) => baseName(path));
    this.#reuse = reuse;
    this.#next = new Int32Array(sources.length).fill(NONE);
    for (let i = sources.length - 1; i >= 0; i--) {
      const side = sources[i];
      if (side === undefined) continue;
      this.#next[i] = this.#first.get(keyOf(side)) ?? NONE;
      this.#first.set(keyOf(side), i);
    }
  }

  /**
   * The position of the best source for `to`, and takes it: an unused one of the same base name, otherwise the first that
   * has one of both merits, otherwise the first. -1 when there is none.
   */
  take(to: RenameSide, isUsed: (source: number) => boolean): number {
    const key = keyOf(to);
    const name = baseName(to.path);
    let best = NONE;
    let beforeBest = NONE;
    let bestRank = NONE;
    let before = NONE;
    let at = this.#first.get(key) ?? NONE;
    for (let seen = 0; at !== NONE && seen < WINDOW && bestRank < 2; seen++) {
      const rank = (isUsed(at) ? 0 : 1) + (this.#names[at] === name ? 1 : 0);
      if (rank > bestRank) [best, beforeBest, bestRank] = [at, before, rank];
      before = at;
      at = this.#next[at] ?? NONE;
    }
    if (best !== NONE && !this.#reuse) this.#unlink(key, best, beforeBest);
    return best;
  }

  #unlink(key: string, source: number, before: number): void {
    const after = this.#next[source] ?? NONE;
    if (before === NONE) this.#first.set(key, after);
    else this.#next[before] = after;
  }
}

function keyOf({ oid, mode }: RenameSide): string {
  return `${oid}${mode & TYPE_BITS}`;
}
