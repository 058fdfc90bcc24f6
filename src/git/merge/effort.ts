import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../diff/steps.js';
import { BudgetExceeded } from '../objects/errors.js';

/** Uninterrupted work, in milliseconds, after which other callers get the event loop: a tenth of the longest stall allowed. */
const SLICE_MS = 8;

/** What comparing lines may cost in one merge unless told, in milliseconds of processor time: git's own worst cases take about a second a file. */
const DEFAULT_MAX_MS = 10_000;

/**
 * The processor time that a merge may spend on the lines of its files, all of them together: hostile contents make single
 * files cost seconds, and there may be thousands. One object serves one merge, with its virtual bases and every replayed commit.
 */
export class Effort {
  readonly #maxMillis: number;
  readonly #signal: AbortSignal | undefined;
  #spent = 0;

  /** In milliseconds; `signal` ends the merge before its time. */
  constructor(maxMillis: number = DEFAULT_MAX_MS, signal?: AbortSignal) {
    this.#maxMillis = maxMillis;
    this.#signal = signal;
  }

  /** Throws when the merge must not go on: {@link BudgetExceeded}, budget `mergeMs`, or the reason of the signal. */
  goOn(): void {
    this.#signal?.throwIfAborted();
    if (this.#spent > this.#maxMillis) throw new BudgetExceeded('mergeMs', this.#maxMillis, Math.ceil(this.#spent));
  }

  /**
   * Runs the work in slices, between which the event loop turns. Rejects as {@link goOn} throws, once all the work of this object
   * together has taken longer than allowed.
   */
  async run<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      this.goOn();
      const began = performance.now();
      let elapsed = 0;
      let result: IteratorResult<number, T>;
      do {
        result = steps.next();
        elapsed = performance.now() - began;
      } while (result.done !== true && elapsed < SLICE_MS);
      this.#spent += elapsed;
      if (result.done === true) return result.value;
      await setImmediate();
    }
  }
}
