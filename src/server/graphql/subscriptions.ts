/** A subscription that may run. */
export interface OpenSubscription {
  /** Aborted when the server ends its subscriptions. */
  readonly signal: AbortSignal;
  /** Gives its place back. Idempotent. */
  release(): void;
}

/** The open subscriptions of this process, over whatever they travel: how many each key has, and how to end them all. */
export class Subscriptions {
  readonly #perKey: number;
  readonly #counts = new Map<string, number>();
  readonly #open = new Set<AbortController>();
  #ending = false;

  constructor(perKey: number) {
    this.#perKey = perKey;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** A place for one more of this key; FULL when it has as many as it may, ENDING while the server stops. */
  open(keyId: string): OpenSubscription | 'FULL' | 'ENDING' {
    if (this.#ending) return 'ENDING';
    const count = this.#counts.get(keyId) ?? 0;
    if (count >= this.#perKey) return 'FULL';
    this.#counts.set(keyId, count + 1);
    const controller = new AbortController();
    this.#open.add(controller);
    return { signal: controller.signal, release: () => this.#release(keyId, controller) };
  }

  /** Ends all of them, each with its protocol's word for complete, and lets no new one in. */
  endAll(): void {
    this.#ending = true;
    for (const controller of this.#open) controller.abort();
  }

  #release(keyId: string, controller: AbortController): void {
    if (!this.#open.delete(controller)) return;
    const left = (this.#counts.get(keyId) ?? 1) - 1;
    if (left > 0) this.#counts.set(keyId, left);
    else this.#counts.delete(keyId);
  }
}
