import { setImmediate } from 'node:timers/promises';

/** How long one piece of synchronous work may hold the event loop, in milliseconds; a tenth of the longest stall allowed. */
const SLICE_MS = 10;

/**
 * Keeps long computations from holding the event loop. Objects served from memory resolve in microtasks, so a loop of
 * awaits alone never lets a timer or a socket in: whoever loops over many objects calls {@link Pace.breathe} in between.
 */
export class Pace {
  #since = performance.now();

  /** True when the slice is used up and the caller should await {@link Pace.breathe}; costs about 50 ns. */
  due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** Lets everything that waits on the event loop run once when the slice is used up; otherwise returns at once. */
  async breathe(): Promise<void> {
    if (!this.due()) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
