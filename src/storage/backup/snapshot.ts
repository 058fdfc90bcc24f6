import type { Sql } from 'postgres';
import { StorageUnavailable } from '../../domain/ports/errors.js';
import type { Database } from '../postgres/connect.js';

/** Says the same of a database at every look through one connection in one transaction, and hardly ever through another. */
const INSTANT = 'select pg_backend_pid() as process, pg_current_snapshot()::text as snapshot, to_char(clock_timestamp() at time zone \'utc\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') as at';

/** No limit of the role or of the server ends it: a large table takes as long as it takes. Times and numbers are written as every Postgres reads them. */
const SETTINGS = `set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '10s';
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601'; set local timezone = 'UTC'; set local extra_float_digits = 1; set local bytea_output = 'hex'`;

/** What a look at the instant tells; `at` as ISO 8601 in UTC. */
interface Instant {
  readonly process: number;
  readonly snapshot: string;
  readonly at: string;
}

/**
 * Runs `work` with a connection that sees the database as it was at one instant, `at`, whatever is committed meanwhile: a transaction of
 * REPEATABLE READ that only reads. The driver opens a lost connection again without a word, and then statements would see another
 * instant; so the answer of `work` counts only if the end sees what the beginning saw. Rejects with StorageUnavailable otherwise.
 */
export async function atOneInstant<T>(database: Pick<Database, 'dedicated'>, work: (sql: Sql, at: string) => Promise<T>): Promise<T> {
  const sql = database.dedicated('backup snapshot');
  try {
    await sql.unsafe('begin isolation level repeatable read read only');
    await sql.unsafe(SETTINGS);
    const begun = await instantOf(sql);
    const answer = await work(sql, begun.at);
    const ended = await instantOf(sql);
    if (ended.process !== begun.process || ended.snapshot !== begun.snapshot) throw new StorageUnavailable();
    await sql.unsafe('commit');
    return answer;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function instantOf(sql: Sql): Promise<Instant> {
  const [row] = await sql.unsafe<Instant[]>(INSTANT);
  if (row === undefined) throw new StorageUnavailable();
  return row;
}
