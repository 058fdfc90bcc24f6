import { DrizzleQueryError } from 'drizzle-orm';
import type { Sql } from 'postgres';
import { StorageBusy, StorageUnavailable } from '../domain/ports/errors.js';
import { errorCode } from '../shared/start-refused.js';
import { failureType, NO_TRACING, type Tracing } from '../shared/tracing.js';
import { CancellableQueries } from './cancellable.js';
import { ConnectionPool, type Connection } from './connection-pool.js';
import { isDatabaseUnavailable } from './postgres/database-errors.js';
import { queriesOver, type Queries, type Send } from './sending.js';
import { TransactionPool } from './transaction-pool.js';

/** What connections come from. */
export interface Connections {
  /** Opens a client with exactly one connection, and calls `onLost` in the very turn of the event loop in which that ends. */
  dedicated(purpose: string, onLost: () => void): Sql;
}

/**
 * SQLSTATEs after which nothing was written and the same work may succeed: serialization_failure, deadlock_detected,
 * lock_not_available, query_canceled (a time limit of the server).
 */
const BUSY: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014']);

/**
 * disk_full, out_of_memory, configuration_limit_exceeded, io_error, read_only_sql_transaction: the server is there but cannot
 * work. idle_in_transaction_session_timeout: this gateway was frozen.
 */
const UNABLE: ReadonlySet<string> = new Set(['53100', '53200', '53400', '58030', '25006', '25P03']);

/**
 * What a failed statement means to those above: {@link StorageBusy}, {@link StorageUnavailable}, or the
 * driver's error: never Drizzle's wrapper around it, whose message has the parameters, and with them prompts and hashes of keys.
 */
export function storageError(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  if (cause instanceof StorageUnavailable) return cause;
  const code = errorCode(cause) ?? '';
  if (BUSY.has(code)) return new StorageBusy({ cause });
  if (UNABLE.has(code) || isDatabaseUnavailable(cause)) return new StorageUnavailable({ cause });
  return cause;
}

/** How the span of a transaction, from the wait for a connection to the end of the commit, says what it is one of. */
const TRANSACTION = { 'db.system.name': 'postgresql' };

/** How many connections a gateway has at most. */
export interface ConnectionLimits {
  /** For statements by themselves. */
  readonly reads: number;
  readonly transactions: number;
}

/** Tries of one read: its connection may be lost under it, and while a server goes away so may the one that is opened for the next try. */
const MAX_TRIES = 4;

/** query_canceled: by another request on the same connection, whose statement had just ended, if not by a time limit of the server. */
const CANCELLED = '57014';

/** Whether a read may be tried again: its connection was cut, or, once, it was cancelled and nobody of its own request has asked for that. */
function mayTryAgain(error: unknown, tries: number): boolean {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const code = errorCode(cause);
  return ((cause instanceof StorageUnavailable || code === 'CONNECTION_CLOSED') && tries < MAX_TRIES) || (code === CANCELLED && tries === 1);
}

/** Runs statements; see {@link Database.run}. */
export interface Statements {
  run<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
}

/** The database behind all nouns: typed queries, transactions, and one place where its faults get their names. */
export class Database {
  readonly #connections: Connections;
  readonly #queries: Queries;
  readonly #cancellable: CancellableQueries;
  readonly #reads: ConnectionPool;
  readonly #transactions: TransactionPool;
  readonly #tracing: Tracing;

  constructor(connections: Connections, limits: ConnectionLimits, tracing: Tracing = NO_TRACING) {
    this.#tracing = tracing;
    this.#connections = connections;
    this.#reads = new ConnectionPool((onLost) => connections.dedicated('reads', onLost), limits.reads);
    const send: Send = (statement, parameters, asArrays, signal = null) => this.#reading((connection) => connection.send(statement, parameters, asArrays, signal), signal);
    this.#queries = queriesOver(send);
    this.#cancellable = new CancellableQueries(send);
    this.#transactions = new TransactionPool((onLost) => connections.dedicated('transactions', onLost), limits.transactions);
  }

  /**
   * Runs statements, each in a transaction of its own and on whatever connection is free: reads, and writes that may happen twice. One whose
   * connection is lost under it is tried again on another. Rejects as {@link storageError} says.
   */
  run<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#tried(() => work(this.#queries));
  }

  /** As {@link run}, until the signal is aborted: then what is under way is cancelled on the server and rejects with the signal's reason. */
  until(signal: AbortSignal): Statements {
    return { run: (work) => this.#tried(() => this.#cancellable.run(signal, work)) };
  }

  /** Runs a read that needs the driver's client itself, such as a cursor. Is not tried again. Rejects as {@link storageError} says. */
  async lend<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      return await this.#reading((connection) => connection.lend(work), null);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** A client with a connection of its own, beside all others; whoever opens it ends it. */
  dedicated(purpose: string): Sql {
    return this.#connections.dedicated(purpose, () => undefined);
  }

  async #reading<T>(work: (connection: Connection) => Promise<T>, signal: AbortSignal | null): Promise<T> {
    const connection = await this.#reads.acquire(signal);
    try {
      return await work(connection);
    } finally {
      this.#reads.release(connection);
    }
  }

  async #tried<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!mayTryAgain(error, tries)) throw storageError(error);
      }
    }
  }

  /** Runs `work` in one transaction; see {@link TransactionPool.run}. Rejects with what `work` threw, the signal's reason, or as {@link storageError} says. */
  async transaction<T>(work: (queries: Queries) => Promise<T>, signal: AbortSignal | null = null): Promise<T> {
    try {
      return await this.#transactions.run((send) => work(queriesOver(send)), signal);
    } catch (error) {
      throw storageError(error);
    }
  }

  /**
   * As {@link transaction}, within a span of the request that waits for it. What a request merely sets off, such as the placing of events
   * for everybody, takes the other one: it would show in the trace of whoever came first.
   */
  awaitedTransaction<T>(work: (queries: Queries) => Promise<T>, signal: AbortSignal | null = null): Promise<T> {
    return this.#tracing.step('transaction', TRANSACTION, async (span) => {
      try {
        const answer = await this.transaction(work, signal);
        span.set({ 'weir.transaction.committed': true });
        return answer;
      } catch (error) {
        span.set({ 'weir.transaction.committed': false });
        // Whatever else `work` throws is a refusal or a lost race, or is marked further up.
        if (error instanceof StorageBusy || error instanceof StorageUnavailable) span.fail(failureType(error));
        throw error;
      }
    });
  }

  /** Ends all connections but dedicated ones. */
  async close(): Promise<void> {
    await Promise.all([this.#reads.close(), this.#transactions.close()]);
  }
}
