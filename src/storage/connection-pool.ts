import type { Sql } from 'postgres';
import { StorageUnavailable } from '../domain/ports/errors.js';
import { isDatabaseUnavailable } from './postgres/database-errors.js';
import { sendOver, type Send } from './sending.js';

/** Opens a client with exactly one connection, and tells, in the very turn of the event loop, when that is lost. */
export type OpenConnection = (onLost: () => void) => Sql;

/**
 * A connection that serves one user at a time, and is never used again once it is lost. The driver would open it anew, and that goes wrong
 * where it was about to write when the connection ended: it keeps what it had not written, never sends its first message on the new
 * connection, and each statement that it puts there waits 10 s in vain, for ever after. A new client has nothing to keep.
 */
export class Connection {
  readonly #client: Sql;
  readonly #send: Send;
  /** Of those who wait for an answer. One promise of the loss to race against would keep every answer for as long as the connection lives. */
  readonly #waiting = new Set<(error: StorageUnavailable) => void>();
  #isLost = false;

  constructor(open: OpenConnection) {
    this.#client = open(() => {
      this.#isLost = true;
      for (const reject of this.#waiting) reject(new StorageUnavailable());
    });
    this.#send = sendOver(this.#client);
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Sends a statement. Rejects with StorageUnavailable when the connection is lost before the answer. */
  send(statement: string, parameters: readonly unknown[], asArrays: boolean, signal: AbortSignal | null): Promise<unknown[]> {
    return this.#unlessLost(() => this.#send(statement, parameters, asArrays, signal));
  }

  /** Sends a command without parameters; answers what the server says it has completed. */
  async command(text: string): Promise<string> {
    const answer = await this.#unlessLost(() => this.#client.unsafe(text));
    return answer.command;
  }

  /** Runs `work` on the driver's client itself, for what only that can do. Where that fails the connection is used no more: the driver counts the rows of the next statement on from those of one that failed. */
  async lend<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      return await this.#unlessLost(() => work(this.#client));
    } catch (error) {
      this.#isLost = true;
      throw error;
    }
  }

  /** Ends the client, after `seconds` with whatever it still does. Never rejects. */
  async end(seconds: number): Promise<void> {
    this.#isLost = true;
    try {
      await this.#client.end({ timeout: seconds });
    } catch {
      // It is gone either way.
    }
  }

  async #unlessLost<T>(send: () => PromiseLike<T>): Promise<T> {
    if (this.#isLost) throw new StorageUnavailable();
    let giveUp: ((error: StorageUnavailable) => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        giveUp = reject;
        this.#waiting.add(reject);
        send().then(resolve, reject);
      });
    } catch (error) {
      // A socket's error comes before its end, and what is sent between the two is never answered.
      if (isDatabaseUnavailable(error)) this.#isLost = true;
      throw error;
    } finally {
      if (giveUp !== undefined) this.#waiting.delete(giveUp);
    }
  }
}

/** Connections of one client each, given out in the order of asking. */
export class ConnectionPool {
  readonly #open: OpenConnection;
  readonly #max: number;
  readonly #idle: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #count = 0;
  #closed = false;

  /** At most `max` at a time; each is opened when there is need of it. */
  constructor(open: OpenConnection, max: number) {
    this.#open = open;
    this.#max = max;
  }

  /** One that is not known to be lost, for the caller alone until {@link release}. Rejects with the signal's reason, also while it waits, and once the pool is closed. */
  async acquire(signal: AbortSignal | null): Promise<Connection> {
    signal?.throwIfAborted();
    if (this.#closed) throw new StorageUnavailable();
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle.isLost ? this.#replaced(idle) : idle;
    if (this.#count < this.#max) {
      this.#count++;
      return new Connection(this.#open);
    }
    return this.#turn(signal);
  }

  /** Takes one back; where it was lost, another takes its place. */
  release(connection: Connection): void {
    const whole = connection.isLost && !this.#closed ? this.#replaced(connection) : connection;
    const next = this.#waiting.shift();
    if (next !== undefined) next(whole);
    else if (this.#closed) void whole.end(5);
    else this.#idle.push(whole);
  }

  /** Ends all connections, after 5 s also those that are in use. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((connection) => connection.end(5)));
  }

  #turn(signal: AbortSignal | null): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(signal?.reason);
      };
      const take = (connection: Connection): void => {
        signal?.removeEventListener('abort', leave);
        resolve(connection);
      };
      this.#waiting.push(take);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #replaced(lost: Connection): Connection {
    void lost.end(0);
    return new Connection(this.#open);
  }
}
