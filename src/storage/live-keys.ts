import type { ApiKeyRecord } from '../domain/api-key.js';
import { anyApiKey, liveApiKey } from './api-keys.js';
import { Believed } from './believed.js';
import type { Database } from './database.js';

/** Live keys, asked for with every request: believed as {@link Believed} says, so a revocation takes effect within half a second. */
export class LiveKeys {
  readonly #database: Database;
  readonly #believed: Believed<ApiKeyRecord>;
  #anyKey = false;

  constructor(database: Database) {
    this.#database = database;
    this.#believed = new Believed((id) => database.run((queries) => liveApiKey(queries, id)));
  }

  find(id: string): Promise<ApiKeyRecord | null> {
    return this.#believed.find(id);
  }

  /** Forgets a key that was revoked here. */
  drop(id: string): void {
    this.#believed.drop(id);
  }

  /** True while no key exists; asked for until there is one, since keys are never removed. */
  async none(): Promise<boolean> {
    this.#anyKey ||= await this.#database.run(anyApiKey);
    return !this.#anyKey;
  }
}
