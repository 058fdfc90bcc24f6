import { ConnectionError, RequestError } from './errors.js';

/** How often and how long a call is tried. */
export interface RetryOptions {
  /** Attempts after the first; 5 unless given. 0 turns trying again off. */
  readonly attempts?: number;
  /** The longest wait before the second attempt, in milliseconds; doubled each time. 200 unless given. */
  readonly firstWaitMs?: number;
  /** The longest wait of all, in milliseconds; 10,000 unless given. A wait that the gateway asks for is kept in full. */
  readonly longestWaitMs?: number;
}

/** Waits between attempts: exponential with full jitter, so that clients that failed together do not come back together. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly attempts: number;
  #failures = 0;

  constructor({ attempts = 5, firstWaitMs = 200, longestWaitMs = 10_000 }: RetryOptions) {
    this.attempts = attempts;
    this.#first = firstWaitMs;
    this.#longest = longestWaitMs;
  }

  /** True when no attempt is left. */
  get spent(): boolean {
    return this.#failures >= this.attempts;
  }

  /** Starts over, after a success. */
  reset(): void {
    this.#failures = 0;
  }

  /** Waits before the next attempt, at least `askedMs`. Rejects with the signal's reason when that aborts. */
  async wait(askedMs: number, signal: AbortSignal | undefined): Promise<void> {
    const ceiling = Math.min(this.#longest, this.#first * 2 ** this.#failures++);
    await pause(askedMs + Math.random() * ceiling, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Codes of requests that may go better a moment later, none of which leaves a mutation half done. */
const PASSING: ReadonlySet<string> = new Set(['RATE_LIMITED', 'BUSY', 'UNAVAILABLE', 'TIMEOUT']);

/** How long to wait at least before the same again, in milliseconds; null when trying again is of no use. */
export function passing(error: unknown): number | null {
  if (error instanceof ConnectionError) return 0;
  if (!(error instanceof RequestError)) return null;
  if (PASSING.has(error.code)) return error.errors[0]?.extensions?.retryAfterMs ?? 0;
  // 408 is a request that was not read to its end (RFC 9110, 15.5.9), as where either side slept in between.
  return [408, 502, 503, 504].includes(error.status) ? 0 : null;
}
