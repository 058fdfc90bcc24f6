import type { ApiKeyRecord } from '../domain/api-key.js';
import { anyApiKey, liveApiKey } from './api-keys.js';
import type { Database } from './database.js';

/** How long a live key is believed, in milliseconds: half of the second within which a revocation takes effect everywhere. */
const BELIEVED_MS = 500;

const MAX_KEYS = 10_000;

interface Believed {
  readonly key: Promise<ApiKeyRecord | null>;
  readonly until: number;
}

/**
 * Live keys, asked for with every request. A key that was found live is believed for half a second; an unknown or dead one is
 * asked for again, so that a new key works at once. What is believed is counted from *before* the asking.
 */
export class LiveKeys {
  readonly #database: Database;
  readonly #believed = new Map<string, Believed>();
  #anyKey = false;

  constructor(database: Database) {
    this.#database = database;
  }

  find(id: string): Promise<ApiKeyRecord | null> {
    const now = performance.now();
    const known = this.#believed.get(id);
    if (known !== undefined && known.until > now) return known.key;
    if (this.#believed.size >= MAX_KEYS) this.#believed.clear();
    const believed = { key: this.#database.run((queries) => liveApiKey(queries, id)), until: now + BELIEVED_MS };
    this.#believed.set(id, believed);
    void this.#disbelieveUnlessLive(id, believed);
    return believed.key;
  }

  /** Forgets a key that was revoked here. */
  drop(id: string): void {
    this.#believed.delete(id);
  }

  /** True while no key exists; asked for until there is one, since keys are never removed. */
  async none(): Promise<boolean> {
    this.#anyKey ||= await this.#database.run(anyApiKey);
    return !this.#anyKey;
  }

  async #disbelieveUnlessLive(id: string, believed: Believed): Promise<void> {
    const key = await believed.key.catch(() => null);
    if (key === null && this.#believed.get(id) === believed) this.#believed.delete(id);
  }
}
