import type { TokenBuckets } from './token-buckets.js';

/** What of one network is being looked at, and what waits for that. */
interface Looks {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * The allowance of wrong keys of each network. Of keys that nobody knows to be good, no more are looked at together than may still be wrong: sent
 * at the same moment they would all pass an allowance that each of them finds untouched. The others wait for one of these to be judged.
 */
export class UnknownKeys {
  readonly #failures: TokenBuckets;
  readonly #looks = new Map<string, Looks>();

  constructor(failures: TokenBuckets) {
    this.#failures = failures;
  }

  /** Resolves to 0 when a key from this network may be looked at, which `end` must follow; otherwise to the seconds until one may. */
  async begin(from: string): Promise<number> {
    for (;;) {
      const blocked = this.#failures.wait(from);
      if (blocked > 0) {
        // Nobody is left to wake the next one.
        this.#wake(from);
        return blocked;
      }
      const looks = this.#looks.get(from) ?? { underWay: 0, waiting: [] };
      this.#looks.set(from, looks);
      if (this.#failures.wait(from, looks.underWay + 1) === 0) {
        looks.underWay += 1;
        return 0;
      }
      await new Promise<void>((resolve) => { looks.waiting.push(resolve); });
    }
  }

  /** A key that was good before, or none at all, is wrong now. */
  fail(from: string): void {
    this.#failures.take(from);
  }

  /** A key was looked at: `wrong` takes from the allowance. */
  end(from: string, wrong: boolean): void {
    if (wrong) this.fail(from);
    const looks = this.#looks.get(from);
    if (looks === undefined) return;
    looks.underWay -= 1;
    this.#wake(from);
  }

  #wake(from: string): void {
    const looks = this.#looks.get(from);
    const next = looks?.waiting.shift();
    if (next !== undefined) next();
    else if (looks?.underWay === 0) this.#looks.delete(from);
  }
}
