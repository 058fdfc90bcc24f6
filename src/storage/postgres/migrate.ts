import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type postgres from 'postgres';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import type { Database } from './connect.js';
import { ADVISORY_LOCKS } from './locks.js';

/** Where the migrations lie, from the sources and from what was compiled alike. */
const MIGRATIONS = fileURLToPath(new URL('../../../drizzle/migrations', import.meta.url));

/**
 * The longest that migrations wait for one table, in milliseconds: whoever asks for it after them waits as long. Below Postgres'
 * `deadlock_timeout` of 1 s, so that it is the migrations that give way where they and a transaction of an earlier release hold what the other needs.
 */
const LOCK_WAIT_MS = 500;
/** How often they try, with a pause that grows to {@link LONGEST_PAUSE_MS} in between: for about a minute. */
const TRIES = 40;
const LONGEST_PAUSE_MS = 1_500;
/** lock_not_available, deadlock_detected */
const IN_USE: ReadonlySet<string | undefined> = new Set(['55P03', '40P01']);

/**
 * Brings the database up to date: applies the migrations that it lacks, all of them or none, in one transaction. Gateways may start
 * together: an advisory lock on one dedicated connection lets them migrate one after the other. Gateways of the release before may go on
 * meanwhile: no request of theirs waits for a migration that waits itself longer than {@link LOCK_WAIT_MS}, though for one that works it
 * does. A crash in between leaves the database as it was. Answers how many migrations were applied.
 *
 * @throws StartRefused when the database was migrated by a newer release, or by other migrations than this release has, or when its
 * tables are never free.
 */
export async function migrateDatabase(database: Pick<Database, 'dedicated' | 'shown'>, folder: string = MIGRATIONS): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder: folder });
  const sql = database.dedicated('migration');
  const [classId, number] = ADVISORY_LOCKS.migration;
  try {
    await sql`select pg_advisory_lock(${classId}, ${number})`;
    const before = await applied(sql);
    refuseOtherHistory(before, migrations, database.shown);
    if (before.length < migrations.length) await applyGivingWay(sql, folder);
    return migrations.length - before.length;
  } catch (error) {
    const code = sqlState(error);
    if (IN_USE.has(code)) throw new StartRefused(`The database ${database.shown} cannot be brought up to date: something has kept one of its tables for a minute. End what holds it (pg_stat_activity shows it) and start again.`, { cause: error });
    if (code !== '42501') throw error;
    throw new StartRefused(`The database ${database.shown} cannot be brought up to date: its user may not create tables there. Make it the owner of the database.`, { cause: error });
  } finally {
    // Ends the session and with it the lock.
    await sql.end({ timeout: 5 });
  }
}

/** Applies what is missing, again and again while a table that it needs is in use. */
async function applyGivingWay(sql: postgres.Sql, folder: string): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(LOCK_WAIT_MS)}, false)`;
  for (let tries = 1; ; tries++) {
    try {
      return await migrate(drizzle(sql), { migrationsFolder: folder });
    } catch (error) {
      if (!IN_USE.has(sqlState(error)) || tries === TRIES) throw error;
      await sleep(Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2));
    }
  }
}

/** What the server said, which Drizzle wraps. */
function sqlState(error: unknown): string | undefined {
  return errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined);
}

/** A migration as databases note it. */
export interface Applied {
  readonly hash: string;
  /** The `when` of the migration's journal entry: its identity for Drizzle. */
  readonly when: number;
}

/**
 * Brings an empty database to where another one stood that had these migrations, oldest first; {@link migrateDatabase} leads on from there.
 * @throws StartRefused when this release does not have them: that database was of a newer one.
 */
export async function migrateAsFarAs(database: Pick<Database, 'dedicated' | 'shown'>, stood: readonly Applied[]): Promise<void> {
  refuseUnknown(stood);
  // Drizzle applies whatever a journal lists.
  const folder = await mkdtemp(join(tmpdir(), 'weir-migrations-'));
  try {
    const journal = readJournal();
    const entries = journal.entries.slice(0, stood.length);
    for (const { tag } of entries) await copyFile(join(MIGRATIONS, `${tag}.sql`), join(folder, `${tag}.sql`));
    await mkdir(join(folder, 'meta'));
    await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify({ ...journal, entries }));
    await migrateDatabase(database, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @throws StartRefused unless this release began with these very migrations. */
export function refuseUnknown(stood: readonly Applied[]): void {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS });
  const fits = stood.every(({ when, hash }, at) => known[at]?.folderMillis === when && known[at].hash === hash);
  if (!fits) throw new StartRefused('The backup was taken by a newer release of Weir, whose tables this one does not know. Restore it with that release.');
}

interface Journal {
  readonly entries: readonly { readonly tag: string }[];
}

function readJournal(): Journal {
  const journal: unknown = JSON.parse(readFileSync(join(MIGRATIONS, 'meta', '_journal.json'), 'utf8'));
  if (!isJournal(journal)) throw new TypeError('the journal of the migrations lists none');
  return journal;
}

function isJournal(value: unknown): value is Journal {
  return typeof value === 'object' && value !== null && 'entries' in value && Array.isArray(value.entries);
}

async function applied(sql: postgres.Sql): Promise<Applied[]> {
  const [found] = await sql<{ exists: boolean }[]>`select to_regclass('drizzle.__drizzle_migrations') is not null as exists`;
  if (found?.exists !== true) return [];
  return sql<Applied[]>`select hash, created_at::float8 as "when" from drizzle.__drizzle_migrations order by created_at`;
}

/** Drizzle compares only the newest time stamp; a skipped, edited or foreign migration would pass it silently. */
function refuseOtherHistory(before: readonly Applied[], migrations: readonly MigrationMeta[], shown: string): void {
  const known = new Map(migrations.map(({ folderMillis, hash }) => [folderMillis, hash]));
  const newest = Math.max(0, ...known.keys());
  for (const { hash, when } of before) {
    if (when > newest) {
      throw new StartRefused(`The database ${shown} was migrated by a newer release of Weir (on ${new Date(when).toISOString().slice(0, 10)} or later). Start that release, or restore a backup from before.`);
    }
    if (known.get(when) !== hash) {
      throw new StartRefused(`The database ${shown} was migrated by other steps than this release has (${new Date(when).toISOString()}). Name the database that belongs to this release.`);
    }
  }
  const done = new Set(before.map(({ when }) => when));
  const last = before.at(-1)?.when ?? 0;
  const skipped = migrations.find(({ folderMillis }) => folderMillis < last && !done.has(folderMillis));
  if (skipped !== undefined) {
    throw new StartRefused(`The database ${shown} lacks the migration of ${new Date(skipped.folderMillis).toISOString()}, which is older than its newest one. Name the database that belongs to this release.`);
  }
}
