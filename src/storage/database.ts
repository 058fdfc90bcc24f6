import { DrizzleQueryError } from 'drizzle-orm';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { StorageBusy, StorageUnavailable } from '../domain/ports/errors.js';
import { errorCode } from '../shared/start-refused.js';
import { isDatabaseUnavailable } from './postgres/database-errors.js';

/** What statements are run on: the pool, or one transaction. */
export type Queries = PgDatabase<PostgresJsQueryResultHKT>;

/**
 * SQLSTATEs after which nothing was written and the same work may succeed: serialization_failure, deadlock_detected,
 * lock_not_available, query_canceled (a time limit of the server).
 */
const BUSY: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014']);

/** disk_full, out_of_memory, configuration_limit_exceeded, io_error: the server is there but cannot work. */
const UNABLE: ReadonlySet<string> = new Set(['53100', '53200', '53400', '58030', '25006']);

/** Drizzle wraps what the driver threw and keeps it as the cause. */
function driverError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}

/** What a failed statement means to those above: {@link StorageBusy}, {@link StorageUnavailable}, or the error itself. */
export function storageError(error: unknown): unknown {
  const cause = driverError(error);
  const code = errorCode(cause) ?? '';
  if (BUSY.has(code)) return new StorageBusy({ cause });
  if (UNABLE.has(code) || isDatabaseUnavailable(cause)) return new StorageUnavailable({ cause });
  return error;
}

/** The database behind all nouns: the driver's pool, typed queries over it, and one place where its faults get their names. */
export class Database {
  readonly sql: Sql;
  readonly queries: Queries;

  constructor(sql: Sql) {
    this.sql = sql;
    this.queries = drizzle(sql);
  }

  /** Runs statements on the pool, each in a transaction of its own. Rejects as {@link storageError} says. */
  async run<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    try {
      return await work(this.queries);
    } catch (error) {
      throw storageError(error);
    }
  }

  /**
   * Runs `work` in one transaction at READ COMMITTED, whatever the cluster's default: every statement sees what was committed
   * before it began, which compare-and-swap and the log's order rely on. Rejects with what `work` threw, after the rollback.
   */
  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.run((queries) => queries.transaction(work, { isolationLevel: 'read committed' }));
  }
}
