import type { Sql } from 'postgres';
import { StorageUnavailable, TransactionOver } from '../domain/ports/errors.js';
import { isDatabaseUnavailable } from './postgres/database-errors.js';
import { sendOver, type Send } from './sending.js';

/** Opens a client with exactly one connection, and tells, in the very turn of the event loop, when that is lost. */
export type OpenConnection = (onLost: () => void) => Sql;

/**
 * READ COMMITTED whatever the cluster's default: every statement sees what was committed before it began, which
 * compare-and-swap and the log's order rely on. A lock is waited for 10 s at most; a gateway that was frozen within a
 * transaction loses it, and others its locks, after 15 s.
 */
const BEGIN = `begin isolation level read committed; set local lock_timeout = '10s'; set local idle_in_transaction_session_timeout = '15s'`;

/**
 * A connection that serves one transaction at a time. The driver's own `begin` is not used: when the server goes away within
 * one, it writes its rollback to the closed socket, which throws where nobody can catch it, and statements that the
 * transaction sends later run outside of it, on the connection that is opened anew (porsager/postgres, issues 1208 and 1216). Here
 * a lost connection is marked at once and never used again.
 */
class Connection {
  readonly #client: Sql;
  readonly #send: Send;
  readonly #loss: Promise<never>;
  #isLost = false;

  constructor(open: OpenConnection) {
    const loss = new AbortController();
    this.#loss = new Promise<never>((_resolve, reject) => {
      loss.signal.addEventListener('abort', () => reject(new StorageUnavailable()));
    });
    // It may be lost while nobody waits.
    this.#loss.catch(() => undefined);
    this.#client = open(() => {
      this.#isLost = true;
      loss.abort();
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

  async begin(): Promise<void> {
    await this.#unlessLost(() => this.#client.unsafe(BEGIN));
  }

  /** Ends the transaction; answers the command that the server completed, which is ROLLBACK for a commit that it refused. */
  async finish(command: 'commit' | 'rollback'): Promise<string> {
    const answer = await this.#unlessLost(() => this.#client.unsafe(command));
    return answer.command;
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
    try {
      return await Promise.race([send(), this.#loss]);
    } catch (error) {
      // A socket's error comes before its end, and what is sent between the two is never answered.
      if (isDatabaseUnavailable(error)) this.#isLost = true;
      throw error;
    }
  }
}

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
    if ((await this.#connection.finish('commit')) !== 'COMMIT') throw new StorageUnavailable();
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
    else await this.#connection.finish('rollback');
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

/** Connections for transactions, given out in the order of asking. */
export class TransactionPool {
  readonly #open: OpenConnection;
  readonly #max: number;
  readonly #idle: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #count = 0;
  #closed = false;

  constructor(open: OpenConnection, max: number) {
    this.#open = open;
    this.#max = max;
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
      this.#release(connection);
    }
  }

  /** Ends all connections, after 5 s also those with a transaction. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((connection) => connection.end(5)));
  }

  /** A connection with a transaction begun. One that was lost while idle shows it only now, so the first failure does not count. */
  async #begun(signal: AbortSignal | null): Promise<Connection> {
    const connection = await this.#acquire(signal);
    try {
      await connection.begin();
      return connection;
    } catch (error) {
      this.#release(connection);
      if (!connection.isLost) throw error;
    }
    const another = await this.#acquire(signal);
    try {
      await another.begin();
      return another;
    } catch (error) {
      this.#release(another);
      throw error;
    }
  }

  async #acquire(signal: AbortSignal | null): Promise<Connection> {
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

  #release(connection: Connection): void {
    const whole = connection.isLost && !this.#closed ? this.#replaced(connection) : connection;
    const next = this.#waiting.shift();
    if (next !== undefined) next(whole);
    else if (this.#closed) void whole.end(5);
    else this.#idle.push(whole);
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
