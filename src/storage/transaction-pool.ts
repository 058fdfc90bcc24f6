import { StorageUnavailable, TransactionOver } from '../domain/ports/errors.js';
import { ConnectionPool, type Connection, type OpenConnection } from './connection-pool.js';
import type { Send } from './sending.js';

/**
 * READ COMMITTED whatever the cluster's default: every statement sees what was committed before it began, which
 * compare-and-swap and the log's order rely on. A lock is waited for 10 s at most; a gateway that was frozen within a
 * transaction loses it, and others its locks, after 15 s.
 */
const BEGIN = `begin isolation level read committed; set local lock_timeout = '10s'; set local idle_in_transaction_session_timeout = '15s'`;

/**
 * The statements of one transaction, one after the other however they are asked for: a statement that waits in the driver when
 * the connection is lost would be sent on the next one. After a failure the transaction is lost, as the server has it too.
 */
class Transacting {
  readonly #connection: Connection;
  readonly #signal: AbortSignal | null;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  #over = false;

  constructor(connection: Connection, signal: AbortSignal | null) {
    this.#connection = connection;
    this.#signal = signal;
  }

  readonly send: Send = (statement, parameters, asArrays) => {
    const turn = this.#last.then(() => this.#run(statement, parameters, asArrays));
    this.#last = turn.catch(() => undefined);
    return turn;
  };

  /** Waits for what is under way, lets nothing follow, and ends the transaction. Rejects when it is not committed. */
  async commit(): Promise<void> {
    await this.#seal();
    if (this.#signal?.aborted === true) this.#failure ??= { error: this.#signal.reason };
    if (this.#failure !== null) {
      await this.#undo();
      throw this.#failure.error;
    }
    if ((await this.#connection.command('commit')) !== 'COMMIT') throw new StorageUnavailable();
  }

  /** Never rejects: a connection that cannot roll back is lost, and the server rolls back for it. */
  async rollback(): Promise<void> {
    await this.#seal();
    try {
      await this.#undo();
    } catch {
      await this.#connection.end(0);
    }
  }

  /** A connection whose statement was cancelled is given up: the server may hear of the wish only during the next one, which would be somebody else's. */
  async #undo(): Promise<void> {
    if (this.#signal?.aborted === true) await this.#connection.end(0);
    else await this.#connection.command('rollback');
  }

  async #seal(): Promise<void> {
    this.#over = true;
    await this.#last;
  }

  async #run(statement: string, parameters: readonly unknown[], asArrays: boolean): Promise<unknown[]> {
    if (this.#over) throw new TransactionOver();
    try {
      return await this.#connection.send(statement, parameters, asArrays, this.#signal);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}

/**
 * Transactions, as many at a time as there are connections, in the order of asking. The driver's own `begin` is not used: when the server
 * goes away within one, it writes its rollback to the closed socket, which throws where nobody can catch it, and statements that the
 * transaction sends later run outside of it, on the connection that is opened anew (porsager/postgres, issues 1208 and 1216).
 */
export class TransactionPool {
  readonly #connections: ConnectionPool;

  constructor(open: OpenConnection, max: number) {
    this.#connections = new ConnectionPool(open, max);
  }

  /**
   * Runs `work` in a transaction of its own: commits when it answers, rolls back and rejects with what it threw when it throws. A
   * failed statement fails the transaction even if `work` catches it. When the connection is lost, statements reject with
   * StorageUnavailable; during the commit that leaves the outcome unknown. Statements sent after the end reject with TransactionOver.
   * Once the signal is aborted nothing is committed, unless the commit has begun: rejects with the signal's reason, also while it waits for a connection.
   */
  async run<T>(work: (send: Send) => Promise<T>, signal: AbortSignal | null = null): Promise<T> {
    const connection = await this.#begun(signal);
    try {
      const transacting = new Transacting(connection, signal);
      const answer = await settled(work, transacting);
      await transacting.commit();
      return answer;
    } finally {
      this.#connections.release(connection);
    }
  }

  /** Ends all connections, after 5 s also those with a transaction. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  /** A connection with a transaction begun. One that was lost while idle shows it only now, so the first failure does not count. */
  async #begun(signal: AbortSignal | null): Promise<Connection> {
    const connection = await this.#connections.acquire(signal);
    try {
      await connection.command(BEGIN);
      return connection;
    } catch (error) {
      this.#connections.release(connection);
      if (!connection.isLost) throw error;
    }
    const another = await this.#connections.acquire(signal);
    try {
      await another.command(BEGIN);
      return another;
    } catch (error) {
      this.#connections.release(another);
      throw error;
    }
  }
}

async function settled<T>(work: (send: Send) => Promise<T>, transacting: Transacting): Promise<T> {
  try {
    return await work(transacting.send);
  } catch (error) {
    await transacting.rollback();
    throw error;
  }
}
