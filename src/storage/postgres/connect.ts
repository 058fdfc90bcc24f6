import postgres from 'postgres';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { connectionSentence, isDatabaseUnavailable } from './database-errors.js';
import { type DatabaseTarget, embeddedTarget, urlTarget } from './database-target.js';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './embedded.js';
import { speaksPostgres } from './probe.js';

/** What {@link connectDatabase} needs; a {@link import('../../config.js').Config} has it all. */
export interface DatabaseOptions {
  /** A Postgres to use; without one the private Postgres of `dataDir` is opened. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly systemDir: string;
  /** Most connections that statements by themselves take; dedicated ones come on top. */
  readonly databasePool: number;
  /** How long to wait for the server of `databaseUrl` to be reachable, in milliseconds. */
  readonly databaseWaitMs: number;
}

/** What may vary between callers on the same settings. */
export interface DatabaseHooks {
  /** Longest run of one statement of the pool, in milliseconds; the last line of defence behind the time limits of requests. None by default. */
  readonly statementTimeoutMs?: number;
  /** One sentence for the log when something happens to the connection or the private server. */
  readonly report?: (sentence: string) => void;
}

/** An open database. */
export interface Database {
  /**
   * A pool for the few statements of a command. A lost connection is opened again by the next statement, if all goes well (see
   * {@link isDatabaseUnavailable}): who has to work on for years takes dedicated ones.
   */
  readonly sql: postgres.Sql;
  /** Where the database is, without credentials. */
  readonly shown: string;
  /**
   * A client with exactly one connection that is never closed for its age: for LISTEN and for locks of a session, which end with their
   * connection. `onLost` is called whenever that connection has ended. No statement time limit. Closed by {@link close} at the latest.
   */
  dedicated(purpose: string, onLost?: () => void): postgres.Sql;
  /** Finishes running statements for up to 5 s, closes all connections and, for the last user of a private server, stops it. Idempotent. */
  close(): Promise<void>;
}

/** Postgres 15 brought `NULLS NOT DISTINCT`, and the suite is run against nothing older. */
const OLDEST_MAJOR = 15;
const RETRY_MS = 250;
const CONNECT_TIMEOUT_S = 10;

/**
 * Opens the database that the settings name and makes sure that it can be used: reachable, new enough, UTF-8, writable.
 * Nothing is migrated: see {@link import('./migrate.js').migrateDatabase}.
 * @throws StartRefused with a sentence that names what is wrong with `DATABASE_URL`, never its password.
 */
export async function connectDatabase(options: DatabaseOptions, hooks: DatabaseHooks = {}): Promise<Database> {
  if (options.databaseUrl !== undefined) {
    const target = urlTarget(options.databaseUrl);
    await checkServer(target, options.databaseWaitMs, hooks);
    return open(target, options, hooks, undefined);
  }
  const { dataDir, systemDir } = options;
  const server = await openEmbeddedPostgres({ dataDir, systemDir, ...(hooks.report === undefined ? {} : { report: hooks.report }) });
  return open(embeddedTarget(server.connection), options, hooks, server);
}

function open(target: DatabaseTarget, options: DatabaseOptions, hooks: DatabaseHooks, server: EmbeddedPostgres | undefined): Database {
  const timeout = hooks.statementTimeoutMs;
  const sql = postgres({
    ...target.options,
    ...CLIENT,
    max: options.databasePool,
    connection: { ...SESSION, application_name: 'weir', ...(timeout === undefined ? {} : { statement_timeout: timeout }) },
  });
  const clients = new Set([sql]);
  let closed: Promise<void> | undefined;
  return {
    sql,
    shown: target.shown,
    dedicated(purpose, onLost) {
      const client = postgres({
        ...target.options, ...CLIENT,
        max: 1, max_lifetime: null, idle_timeout: 0,
        connection: { ...SESSION, application_name: `weir ${purpose}` },
        onclose: () => onLost?.(),
      });
      clients.add(client);
      // One that was lost is ended and replaced, for years.
      const { end } = client;
      client.end = async (ending) => {
        try {
          await end(ending);
        } finally {
          clients.delete(client);
        }
      };
      return client;
    },
    close() {
      closed ??= (async () => {
        await Promise.all([...clients].map((client) => client.end({ timeout: 5 })));
        await server?.release();
      })();
      return closed;
    },
  };
}

const CLIENT = {
  connect_timeout: CONNECT_TIMEOUT_S,
  // The driver's own backoff grows to 20 s, which would be the time that writes fail after the server is back.
  backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 1),
  onnotice: () => undefined,
  // Or it would ask about the types of arrays on each new connection, and where that is lost just then nobody handles the rejection, which ends the process.
  fetch_types: false,
};

/**
 * Statements are planned once a connection. Left to itself the server plans many of them anew each time once tables are large (it takes
 * each array for ten values): at 100,000 repositories a look-up by name took 0.25 ms to plan and 0.02 to run.
 */
const SESSION = { plan_cache_mode: 'force_generic_plan' };

async function checkServer(target: DatabaseTarget, waitMs: number, { report }: DatabaseHooks): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await speaksPostgres(target, CONNECT_TIMEOUT_S * 1000);
      await inspect(target);
      return;
    } catch (error) {
      if (error instanceof StartRefused) throw error;
      if (!isDatabaseUnavailable(error) || Date.now() > deadline) {
        const sentence = connectionSentence(error, target);
        throw sentence === undefined ? error : new StartRefused(sentence, { cause: error });
      }
      if (attempt === 1) report?.(`The database at ${target.shown} does not answer yet (${errorCode(error) ?? 'no code'}); waiting for it.`);
      await sleep(RETRY_MS);
    }
  }
}

async function inspect(target: DatabaseTarget): Promise<void> {
  const sql = postgres({ ...target.options, ...CLIENT, max: 1, connection: { application_name: 'weir start' } });
  try {
    const [row] = await sql<{ version: number; release: string; encoding: string; standby: boolean }[]>`
      select current_setting('server_version_num')::int as version, current_setting('server_version') as release,
        current_setting('server_encoding') as encoding, pg_is_in_recovery() as standby`;
    if (row === undefined) return;
    const refuse = (what: string): never => { throw new StartRefused(`The database at ${target.shown} (DATABASE_URL) ${what}`); };
    if (row.version < OLDEST_MAJOR * 10_000) refuse(`is Postgres ${row.release}, and Weir needs ${OLDEST_MAJOR} or newer. Upgrade it, or name another.`);
    if (row.encoding !== 'UTF8') refuse(`stores text as ${row.encoding}, and Weir needs UTF8. Create one with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`);
    if (row.standby) refuse('is a standby that cannot be written. Name its primary.');
  } finally {
    await sql.end({ timeout: 1 }).catch(() => undefined);
  }
}
