import { sql } from 'drizzle-orm';
import type { Sql } from 'postgres';
import type { Database } from './database.js';

const CHANNEL = 'weir';

/**
 * The driver subscribes again by itself after a lost connection, but gives up when the server is not back at once. Every
 * bell of our own comes back to us; when one has not within this time, in milliseconds, we subscribe anew, with a new client
 * (see {@link import('./connection-pool.js').Connection}).
 */
const ECHO_WITHIN_MS = 2000;

/** LISTEN and NOTIFY with an empty payload, on one connection a gateway. A lost bell is harmless: the poll behind it finds the rows. */
export class Bell {
  readonly #database: Database;
  readonly #wakes = new Set<() => void>();
  #client: Sql | null = null;
  #subscribing: Promise<void> | null = null;
  #echoDue: NodeJS.Timeout | null = null;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Calls `wake` for every bell of any gateway, and whenever bells may have been missed. Answers how to stop. */
  async listen(wake: () => void): Promise<() => Promise<void>> {
    const own = (): void => wake();
    this.#wakes.add(own);
    await this.#subscribe();
    return async () => {
      this.#wakes.delete(own);
    };
  }

  /** Rings. Never rejects: whoever misses it has the poll. */
  async sound(): Promise<void> {
    try {
      await this.#database.run((queries) => queries.execute(sql`select pg_notify(${CHANNEL}, '')`));
    } catch {
      // The database is away, and with it everything that there would be to tell.
      return;
    }
    if (this.#wakes.size > 0 && this.#echoDue === null) {
      this.#echoDue = setTimeout(() => void this.#resubscribe(), ECHO_WITHIN_MS).unref();
    }
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#wakes.clear();
    this.#heard();
    await this.#drop();
  }

  #heard(): void {
    if (this.#echoDue !== null) clearTimeout(this.#echoDue);
    this.#echoDue = null;
  }

  #wakeAll(): void {
    for (const wake of this.#wakes) wake();
  }

  async #subscribe(): Promise<void> {
    if (this.#client !== null) return;
    this.#subscribing ??= this.#open().finally(() => {
      this.#subscribing = null;
    });
    await this.#subscribing;
  }

  async #open(): Promise<void> {
    const onBell = (): void => {
      this.#heard();
      this.#wakeAll();
    };
    const client = this.#database.dedicated('bell');
    this.#client = client;
    try {
      await client.listen(CHANNEL, onBell, () => this.#wakeAll());
    } catch {
      // Tried again when the next bell of our own does not come back.
      if (this.#client === client) await this.#drop();
    }
  }

  async #resubscribe(): Promise<void> {
    this.#echoDue = null;
    // Not awaited: a dead connection ends late.
    void this.#drop();
    if (this.#wakes.size > 0) await this.#subscribe();
    this.#wakeAll();
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    try {
      await client?.end({ timeout: 0 });
    } catch {
      // The connection is gone, and the subscription with it.
    }
  }
}
