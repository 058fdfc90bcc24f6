import type { Steps } from './steps.js';

/** A rectangle still to be explained, half open. */
export interface Region {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

/** A run of `length` equal lines at `a` and `b`. */
interface Run {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

// JGit's published default, and what the git binary shows: lines that occur more often are no landmarks.
const MAX_OCCURRENCES = 64;
const YIELD_OPERATIONS = 100_000;

/**
 * Histogram diff: Bram Cohen's patience diff extended to lines that are not unique, after JGit's published description
 * of `HistogramDiff`. Counts how often each line occurs in the region of `a`; walks `b`, grows every match into a run
 * of equal lines and splits at the run that holds the rarest line, of equals at the longest, of those at the first; then does
 * the same before and after it. A region in which every shared line occurs more than 64 times goes to `fallback`.
 */
export class HistogramSearch {
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  /** Occurrences in the region of `a` by id, and the chain of positions: `#first[id]`, then `#next[position]`, ascending. */
  readonly #counts: Int32Array;
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  #operations = 0;

  /** `classes` is the number of different ids in the two sequences. */
  constructor(a: Int32Array, b: Int32Array, classes: number) {
    this.#a = a;
    this.#b = b;
    this.#counts = new Int32Array(classes);
    this.#first = new Int32Array(classes).fill(-1);
    this.#next = new Int32Array(a.length).fill(-1);
  }

  /** Calls `deleted` and `added` for lines outside the common subsequence; `fallback` explains a region in its own way. */
  *run(deleted: (index: number) => void, added: (index: number) => void, fallback: (region: Region) => Steps<void>): Steps<void> {
    const open: Region[] = [{ aFrom: 0, aTo: this.#a.length, bFrom: 0, bTo: this.#b.length }];
    for (let region = open.pop(); region !== undefined; region = open.pop()) {
      const { aFrom, aTo, bFrom, bTo } = region;
      if (aFrom === aTo || bFrom === bTo) {
        for (let i = aFrom; i < aTo; i++) deleted(i);
        for (let j = bFrom; j < bTo; j++) added(j);
        continue;
      }
      this.#index(region);
      const found = yield* this.#rarestRun(region);
      this.#forget(region);
      if (found === 'TOO_COMMON') yield* fallback(region);
      else if (found === null) {
        for (let i = aFrom; i < aTo; i++) deleted(i);
        for (let j = bFrom; j < bTo; j++) added(j);
      } else {
        open.push({ aFrom: found.a + found.length, aTo, bFrom: found.b + found.length, bTo });
        open.push({ aFrom, aTo: found.a, bFrom, bTo: found.b });
      }
    }
  }

  #index({ aFrom, aTo }: Region): void {
    for (let i = aTo - 1; i >= aFrom; i--) {
      const id = this.#a[i] ?? 0;
      this.#counts[id] = (this.#counts[id] ?? 0) + 1;
      this.#next[i] = this.#first[id] ?? -1;
      this.#first[id] = i;
    }
    this.#operations += aTo - aFrom;
  }

  #forget({ aFrom, aTo }: Region): void {
    for (let i = aFrom; i < aTo; i++) {
      const id = this.#a[i] ?? 0;
      this.#counts[id] = 0;
      this.#first[id] = -1;
    }
  }

  *#rarestRun(region: Region): Steps<Run | null | 'TOO_COMMON'> {
    const { bFrom, bTo } = region;
    let best: Run | null = null;
    let rarest = MAX_OCCURRENCES + 1;
    let shared = false;
    let j = bFrom;
    while (j < bTo) {
      const id = this.#b[j] ?? 0;
      const count = this.#counts[id] ?? 0;
      let nextLine = j + 1;
      if (count > 0) shared = true;
      if (count > 0 && count <= rarest) {
        let i = this.#first[id] ?? -1;
        while (i >= 0) {
          const run = this.#grow(region, i, j);
          nextLine = Math.max(nextLine, run.b + run.length);
          if (best === null || run.length > best.length || run.rarity < rarest) {
            best = run;
            rarest = run.rarity;
          }
          const end = run.a + run.length;
          while (i >= 0 && i < end) i = this.#next[i] ?? -1;
        }
      }
      j = nextLine;
      if (++this.#operations > YIELD_OPERATIONS) {
        yield this.#operations;
        this.#operations = 0;
      }
    }
    return shared && rarest > MAX_OCCURRENCES ? 'TOO_COMMON' : best;
  }

  /** The longest run of equal lines through `(i, j)` within the region, and how often its rarest line occurs. */
  #grow(region: Region, i: number, j: number): Run & { rarity: number } {
    const a = this.#a;
    const b = this.#b;
    let from = 0;
    let rarity = this.#counts[a[i] ?? 0] ?? 0;
    while (i - from > region.aFrom && j - from > region.bFrom && a[i - from - 1] === b[j - from - 1]) {
      from++;
      rarity = Math.min(rarity, this.#counts[a[i - from] ?? 0] ?? 0);
    }
    let to = 1;
    while (i + to < region.aTo && j + to < region.bTo && a[i + to] === b[j + to]) {
      rarity = Math.min(rarity, this.#counts[a[i + to] ?? 0] ?? 0);
      to++;
    }
    this.#operations += from + to;
    return { a: i - from, b: j - from, length: from + to, rarity };
  }
}
