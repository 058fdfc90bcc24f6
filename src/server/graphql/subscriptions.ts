/** Why the server ends a subscription: it is stopping, or the key is not good any more. */
export type Ending = 'STOPPING' | 'REFUSED';

/** A subscription that may run. */
export interface OpenSubscription {
  /** Aborted, with an {@link Ending} as its reason, when the server ends the subscription. */
  readonly signal: AbortSignal;
  /** Gives its place back. Idempotent. */
  release(): void;
}

/** What the subscriptions of a process are held to. */
export interface SubscriptionRules {
  /** How many one key may have open. */
  readonly perKey: number;
  /** Whether a key is good; rejects when nobody can say at the moment. */
  readonly isGood: (keyId: string) => Promise<boolean>;
}

/**
 * How often the keys of open subscriptions are looked at, in milliseconds. What another gateway revoked is believed for half a
 * second more, and both together are less than the second within which it takes effect.
 */
const LOOK_MS = 400;

/** The open subscriptions of this process, over whatever they travel: how many each key has, and how to end them. */
export class Subscriptions {
  readonly #rules: SubscriptionRules;
  readonly #open = new Map<string, Set<AbortController>>();
  #size = 0;
  #ending = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(rules: SubscriptionRules) {
    this.#rules = rules;
  }

  /** How many are open. */
  get size(): number {
    return this.#size;
  }

  /** A place for one more of this key; FULL when it has as many as it may, ENDING while the server stops. */
  open(keyId: string): OpenSubscription | 'FULL' | 'ENDING' {
    if (this.#ending) return 'ENDING';
    const own = this.#open.get(keyId) ?? new Set();
    if (own.size >= this.#rules.perKey) return 'FULL';
    const controller = new AbortController();
    own.add(controller);
    this.#open.set(keyId, own);
    this.#size += 1;
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    return { signal: controller.signal, release: () => this.#release(keyId, controller) };
  }

  /** Ends all of them, each with its protocol's word for complete, and lets no new one in. */
  endAll(): void {
    this.#ending = true;
    for (const keyId of this.#open.keys()) this.#end(keyId, 'STOPPING');
  }

  /** Ends those whose keys are not good any more: once for each key, however many it has, and whether or not anybody reads them. */
  async #look(): Promise<void> {
    await Promise.all([...this.#open.keys()].map(async (keyId) => {
      // Without an answer nothing is ended: whoever cannot ask for the key cannot read events either.
      if (!(await this.#rules.isGood(keyId).catch(() => true))) this.#end(keyId, 'REFUSED');
    }));
  }

  #end(keyId: string, reason: Ending): void {
    for (const controller of this.#open.get(keyId) ?? []) controller.abort(reason);
  }

  #release(keyId: string, controller: AbortController): void {
    const own = this.#open.get(keyId);
    if (own?.delete(controller) !== true) return;
    this.#size -= 1;
    if (own.size === 0) this.#open.delete(keyId);
    if (this.#size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
