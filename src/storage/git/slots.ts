import { GitBusy } from '../../domain/ports/native-git.js';

/** How long a run waits for another to end before the client is told to come back. */
const WAIT_MS = 5_000;

/** So many runs at once; more wait in order, each for a while. */
export class Slots {
  readonly #count: number;
  readonly #waitMs: number;
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number, waitMs = WAIT_MS) {
    this.#count = count;
    this.#free = count;
    this.#waitMs = waitMs;
  }

  /** Takes a slot and answers what gives it back, which may be called again. Rejects with GitBusy, and with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const [next] = this.#waiting;
      if (next === undefined) this.#free += 1;
      else next();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', gone);
        this.#waiting.delete(mine);
        how();
      };
      const mine = (): void => settle(resolve);
      const gone = (): void => settle(() => reject(signal.reason));
      const timer = setTimeout(() => settle(() => reject(new GitBusy(this.#count))), this.#waitMs);
      signal.addEventListener('abort', gone, { once: true });
      this.#waiting.add(mine);
    });
  }
}
