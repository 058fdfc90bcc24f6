import { isStillGood } from '../../auth/authenticate.js';
import type { ApiKeyRecord } from '../../domain/api-key.js';

/** A key as a subscription was opened by it: `hash` is that of the secret that was shown. */
type ShownKey = Pick<ApiKeyRecord, 'id' | 'hash'>;

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
  /** The key if it is live; rejects when nobody can say at the moment. */
  readonly liveKey: (keyId: string) => Promise<ApiKeyRecord | null>;
}

/**
 * How often the keys of open subscriptions are looked at, in milliseconds. What another gateway revoked is believed for half a
 * second more, and both together are less than the second within which it takes effect.
 */
const LOOK_MS = 400;

/** The open subscriptions of this process, over whatever they travel: how many each key has, and how to end them. */
export class Subscriptions {
  readonly #rules: SubscriptionRules;
  /** By the key's id, each with the key as it was shown. */
  readonly #open = new Map<string, Map<AbortController, ShownKey>>();
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
  open(key: ShownKey): OpenSubscription | 'FULL' | 'ENDING' {
    if (this.#ending) return 'ENDING';
    const own = this.#open.get(key.id) ?? new Map<AbortController, ShownKey>();
    if (own.size >= this.#rules.perKey) return 'FULL';
    const controller = new AbortController();
    own.set(controller, key);
    this.#open.set(key.id, own);
    this.#size += 1;
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    return { signal: controller.signal, release: () => this.#release(key.id, controller) };
  }

  /** Ends all of them, each with its protocol's word for complete, and lets no new one in. */
  endAll(): void {
    this.#ending = true;
    for (const own of this.#open.values()) for (const controller of own.keys()) controller.abort('STOPPING' satisfies Ending);
  }

  /**
   * Ends those whose keys, or the secrets they were opened with, are not good any more: by one question for each key, however many it
   * has, and whether or not anybody reads them.
   */
  async #look(): Promise<void> {
    await Promise.all([...this.#open].map(async ([keyId, own]) => {
      // Without an answer nothing is ended: whoever cannot ask for the key cannot read events either.
      const live = await this.#rules.liveKey(keyId).catch(() => undefined);
      if (live === undefined) return;
      for (const [controller, shown] of own) if (!isStillGood(shown, live)) controller.abort('REFUSED' satisfies Ending);
    }));
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
