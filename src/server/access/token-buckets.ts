/** Buckets that are remembered; the one that was used longest ago, thus the fullest, is forgotten first. */
const MAX_BUCKETS = 20_000;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * A token bucket for each name: `perMinute` at once, refilled evenly. With 0 there is no limit. In memory and for this process
 * alone; `now` is in milliseconds and never runs backwards.
 */
export class TokenBuckets {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Takes a token: 0 when there was one, otherwise the whole seconds (at least 1) after which there will be. */
  take(name: string): number {
    const waiting = this.wait(name);
    const bucket = this.#buckets.get(name);
    if (waiting === 0 && bucket !== undefined) bucket.tokens -= 1;
    return waiting;
  }

  /** As {@link take}, taking nothing, for as many tokens at once. */
  wait(name: string, tokens = 1): number {
    if (this.#perMinute === 0) return 0;
    const bucket = this.#filled(name);
    return bucket.tokens >= tokens ? 0 : Math.max(1, Math.ceil(((tokens - bucket.tokens) * 60) / this.#perMinute));
  }

  #filled(name: string): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: this.#perMinute, filledAt: now };
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + ((now - bucket.filledAt) / 60_000) * this.#perMinute);
    bucket.filledAt = now;
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size > MAX_BUCKETS) for (const oldest of this.#buckets.keys()) { this.#buckets.delete(oldest); break; }
    return bucket;
  }
}
