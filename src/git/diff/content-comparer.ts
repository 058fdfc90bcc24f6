import type { ObjectSource, Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import { SimilarityIndex } from './similarity-index.js';
import { SpanTable, scoreOf, type Fingerprint } from './similarity.js';

/** A larger file is not compared with others; it still pairs with an identical one. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** When the files to compare are larger together, none of them is: what is found must not depend on their order. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;
/** Most steps of comparing, about 3 s: a thousand files against a thousand that all share a thousand spans, as only made ones do. */
const MAX_STEPS = 1e9;

const ABSENT: Fingerprint = { size: 0, spans: new Int32Array(0), bytes: new Int32Array(0) };

/**
 * Compares blobs by their content, reading each at most once and only when its size leaves a chance. Holds fingerprints,
 * about a quarter of the size of the content, for as long as it lives: one detection.
 */
export class ContentComparer {
  readonly #source: ObjectSource;
  readonly #table: SpanTable;
  readonly #pace = new Pace();
  readonly #sizes = new Map<Oid, number>();
  readonly #fingerprints = new Map<Oid, Fingerprint>();

  /** `countsUnfinished` is {@link SpanTable}'s. */
  constructor(source: ObjectSource, countsUnfinished: boolean) {
    this.#source = source;
    this.#table = new SpanTable(countsUnfinished);
  }

  /** The score of two blobs; 0 where it must be under `minimum`, without reading them when their sizes tell. */
  async score(one: Oid, other: Oid, minimum: number): Promise<number> {
    const sizes = [await this.#size(one), await this.#size(other)] as const;
    if (!mayReach(sizes[0], sizes[1], minimum)) return 0;
    const left = await this.#fingerprint(one);
    const right = await this.#fingerprint(other);
    return this.#table.full ? 0 : this.#table.score(left, right);
  }

  /**
   * Scores every one of `destinations` against every one of `sources`, null scoring 0: `row(i, scores)` is called once for each
   * destination that has a chance, with the scores by source position, valid only during the call. Answers false
   * when that is beyond the bounds on size, memory and steps; the calls made until then are then best forgotten.
   */
  async compareAll(
    sources: readonly (Oid | null)[],
    destinations: readonly (Oid | null)[],
    minimum: number,
    row: (destination: number, scores: Float64Array) => void,
  ): Promise<boolean> {
    const sourceSizes = await this.#sizesOf(sources);
    const destinationSizes = await this.#sizesOf(destinations);
    const sourceOpen = withChance(sourceSizes, destinationSizes, minimum);
    const destinationOpen = withChance(destinationSizes, sourceSizes, minimum);
    if (this.#bytesToRead(sources, sourceSizes, sourceOpen) + this.#bytesToRead(destinations, destinationSizes, destinationOpen) > MAX_TOTAL_BYTES) return false;
    const fingerprints: Fingerprint[] = [];
    for (const [i, oid] of sources.entries()) fingerprints.push(oid !== null && sourceOpen[i] === true ? await this.#fingerprint(oid) : ABSENT);
    if (this.#table.full) return false;
    const index = await SimilarityIndex.of(fingerprints, this.#table, this.#pace);
    let steps = 0;
    for (const [i, oid] of destinations.entries()) {
      if (oid === null || destinationOpen[i] !== true) continue;
      const fingerprint = await this.#fingerprint(oid);
      steps += index.cost(fingerprint);
      if (this.#table.full || steps > MAX_STEPS) return false;
      await this.#pace.breathe();
      const scores = index.scores(fingerprint);
      // Candidates that their sizes rule out count as unlike: even under the threshold a score can decide between ties.
      sourceSizes.forEach((size, column) => {
        if (!mayReach(size, fingerprint.size, minimum)) scores[column] = 0;
      });
      row(i, scores);
    }
    return true;
  }

  #bytesToRead(oids: readonly (Oid | null)[], sizes: readonly number[], open: readonly boolean[]): number {
    return oids.reduce((sum, oid, i) => sum + (oid !== null && open[i] === true && !this.#fingerprints.has(oid) ? (sizes[i] ?? 0) : 0), 0);
  }

  async #sizesOf(oids: readonly (Oid | null)[]): Promise<number[]> {
    const sizes: number[] = [];
    for (const oid of oids) sizes.push(oid === null ? 0 : await this.#size(oid));
    return sizes;
  }

  async #size(oid: Oid): Promise<number> {
    const known = this.#sizes.get(oid);
    if (known !== undefined) return known;
    const { size } = await this.#source.header(oid);
    this.#sizes.set(oid, size);
    return size;
  }

  async #fingerprint(oid: Oid): Promise<Fingerprint> {
    const known = this.#fingerprints.get(oid);
    if (known !== undefined) return known;
    const { content } = await this.#source.read(oid);
    const made = await this.#table.fingerprint(content, this.#pace);
    this.#fingerprints.set(oid, made);
    return made;
  }
}

/** True when content of these sizes could reach the score; empty and oversized content never does. */
function mayReach(one: number, other: number, minimum: number): boolean {
  if (one === 0 || other === 0 || one > MAX_FILE_BYTES || other > MAX_FILE_BYTES) return false;
  return scoreOf(Math.min(one, other), one, other) >= minimum;
}

/** For each size whether any of `others` is near enough for `minimum`. */
function withChance(sizes: readonly number[], others: readonly number[], minimum: number): boolean[] {
  const sorted = Float64Array.from(others).sort();
  return sizes.map((size) => {
    // The nearest size below or equal and the nearest above bound what can be reached.
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] ?? 0) <= size) low = middle + 1;
      else high = middle;
    }
    return mayReach(size, sorted[low - 1] ?? 0, minimum) || mayReach(size, sorted[low] ?? 0, minimum);
  });
}

