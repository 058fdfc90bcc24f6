import { setImmediate } from 'node:timers/promises';

/** How long one piece of synchronous work may hold the event loop, in milliseconds; a tenth of the longest stall allowed. */
const SLICE_MS = 10;

/** Lets the event loop breathe inside long loops over objects: work for 10 ms, let timers and sockets in, go on. */
export class Pace {
  #since = performance.now();

  /** True when the slice is used up and the caller should await {@link breathe}. */
  due(): boolean {
    return performance.now() - this.#since >= SLICE_MS;
  }

  /** Yields to the event loop once, and starts a new slice. */
  async breathe(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
