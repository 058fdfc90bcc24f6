import type { Pace } from '../objects/pace.js';
import { scoreOf, type Fingerprint, type SpanTable } from './similarity.js';

/**
 * Answers what one fingerprint shares with each of many at once. Only spans that actually occur on both sides cost
 * anything, where comparing pair by pair would walk every file a thousand times.
 */
export class SimilarityIndex {
  readonly #files: readonly Fingerprint[];
  /** Where the holders of each span start; the next span's start is their end. */
  readonly #starts: Int32Array;
  readonly #holders: Int32Array;
  readonly #held: Int32Array;
  readonly #shared: Float64Array;

  private constructor(files: readonly Fingerprint[], starts: Int32Array, total: number) {
    this.#files = files;
    this.#starts = starts;
    this.#holders = new Int32Array(total);
    this.#held = new Int32Array(total);
    this.#shared = new Float64Array(files.length);
  }

  /** Indexes `files`, all of them from `table`; lets the event loop run in between when they are many or large. */
  static async of(files: readonly Fingerprint[], table: SpanTable, pace: Pace): Promise<SimilarityIndex> {
    const starts = new Int32Array(table.count + 1);
    for (const { spans } of files) {
      for (let i = 0; i < spans.length; i++) {
        const after = (spans[i] ?? 0) + 1;
        starts[after] = (starts[after] ?? 0) + 1;
      }
      await pace.breathe();
    }
    let total = 0;
    for (let i = 0; i < starts.length; i++) starts[i] = total += starts[i] ?? 0;
    const index = new SimilarityIndex(files, starts, total);
    const next = starts.slice();
    for (let file = 0; file < files.length; file++) {
      index.#enter(file, next);
      await pace.breathe();
    }
    return index;
  }

  #enter(file: number, next: Int32Array): void {
    const fingerprint = this.#files[file];
    if (fingerprint === undefined) return;
    const { spans, bytes } = fingerprint;
    for (let i = 0; i < spans.length; i++) {
      const span = spans[i] ?? 0;
      const at = next[span] ?? 0;
      next[span] = at + 1;
      this.#holders[at] = file;
      this.#held[at] = bytes[i] ?? 0;
    }
  }

  /** Steps that {@link scores} will take for this file, about 3 ns each. */
  cost({ spans }: Fingerprint): number {
    let steps = this.#files.length;
    for (let i = 0; i < spans.length; i++) {
      const span = spans[i] ?? 0;
      // Spans that were numbered after the index was made have no holders.
      if (span + 1 < this.#starts.length) steps += (this.#starts[span + 1] ?? 0) - (this.#starts[span] ?? 0);
    }
    return steps;
  }

  /** The score of `one` against every indexed file, by its position; the array is valid until the next call. */
  scores(one: Fingerprint): Float64Array {
    const shared = this.#shared.fill(0);
    for (let i = 0; i < one.spans.length; i++) {
      const span = one.spans[i] ?? 0;
      const bytes = one.bytes[i] ?? 0;
      const end = this.#starts[span + 1] ?? 0;
      for (let at = this.#starts[span] ?? end; at < end; at++) {
        const file = this.#holders[at] ?? 0;
        const held = this.#held[at] ?? 0;
        shared[file] = (shared[file] ?? 0) + (held < bytes ? held : bytes);
      }
    }
    for (let file = 0; file < shared.length; file++) shared[file] = scoreOf(shared[file] ?? 0, one.size, this.#files[file]?.size ?? 0);
    return shared;
  }
}
