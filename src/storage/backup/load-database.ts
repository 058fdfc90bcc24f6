import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { Sql } from 'postgres';
import { StorageUnavailable } from '../../domain/ports/errors.js';
import { StartRefused } from '../../shared/start-refused.js';
import type { Database } from '../postgres/connect.js';
import { migrateAsFarAs, migrateDatabase } from '../postgres/migrate.js';
import { type DatabasePart, quoted, TABLES } from './copy-tables.js';
import type { BackupTable } from './manifest.js';

/** @throws StartRefused when a database has tables of Weir, whatever is in them. */
export async function refuseUsed({ sql, shown }: Pick<Database, 'sql' | 'shown'>): Promise<void> {
  const found = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where (schemaname = 'public' and tablename in ${sql([...TABLES])}) or (schemaname = 'drizzle' and tablename = '__drizzle_migrations') limit 1`;
  if (found.length > 0) throw new StartRefused(`The database ${shown} is in use: it has tables of Weir. Name an empty one with DATABASE_URL, or none for a private one.`);
}

/**
 * Fills an empty database with what a backup kept: the tables as they were when it was taken, all rows in one transaction, and then what
 * later releases changed about them. Constraints and triggers hold while rows come in, so tables come after those that they refer to.
 * @throws StartRefused for rows that the database does not take.
 */
export async function loadDatabase(database: Pick<Database, 'dedicated' | 'shown'>, directory: string, manifest: DatabasePart): Promise<void> {
  await fillDatabase(database, directory, manifest);
  await migrateDatabase(database);
}

/** As {@link loadDatabase}, but for what later releases changed. */
export async function fillDatabase(database: Pick<Database, 'dedicated' | 'shown'>, directory: string, manifest: DatabasePart): Promise<void> {
  await migrateAsFarAs(database, manifest.migrations);
  const sql = database.dedicated('restore');
  try {
    await sql.unsafe('begin; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
    const begun = await transactionOf(sql);
    const tables = inOrder(manifest.tables, await references(sql));
    // Migrations put rows of their own into some.
    for (const { name } of tables.toReversed()) await sql.unsafe(`delete from public.${quoted(name)}`);
    for (const table of tables) await loadTable(sql, table, directory);
    for (const { name, value } of manifest.sequences) await sql.unsafe(`select setval($1::regclass, $2::bigint)`, [`public.${quoted(name)}`, value]);
    // The driver opens a lost connection again without a word; rows that came before that were rolled back.
    if ((await transactionOf(sql)) !== begun) throw new StorageUnavailable();
    await sql.unsafe('commit');
    await sql.unsafe('analyze');
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function transactionOf(sql: Sql): Promise<string> {
  const [row] = await sql.unsafe<{ id: string }[]>('select pg_current_xact_id()::text as id');
  return row?.id ?? '';
}

/** Which table refers to which. */
type References = readonly { readonly from: string; readonly to: string }[];

async function references(sql: Sql): Promise<References> {
  return sql.unsafe<{ from: string; to: string }[]>(`
    select referring.relname as "from", referred.relname as "to" from pg_constraint
    join pg_class referring on referring.oid = conrelid join pg_class referred on referred.oid = confrelid
    where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid`);
}

/** The tables so that each comes after those that it refers to. */
function inOrder(tables: readonly BackupTable[], refers: References): BackupTable[] {
  const ordered: BackupTable[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name));
    const free = left.filter(({ name }) => !refers.some(({ from, to }) => from === name && waiting.has(to)));
    if (free.length === 0) throw new TypeError(`tables refer to each other in a circle: ${[...waiting].join(', ')}`);
    ordered.push(...free);
    left = left.filter((table) => !free.includes(table));
  }
  return ordered;
}

/**
 * Ends a copy, so that the next statement is sent behind all of it. The driver never tells that a stream has ended whose last rows the
 * server refuses, so that is not waited for: the next statement fails then.
 */
async function endCopy(sink: Writable): Promise<void> {
  sink.on('error', () => undefined);
  // Nothing, whose turn comes when all before it is on its way; with nothing waiting, the end is sent at once.
  await promisify<Buffer, void>((nothing, done) => sink.write(nothing, (error) => done(error ?? null)))(Buffer.alloc(0));
  sink.end();
}

async function loadTable(sql: Sql, { name, columns, rows, file }: BackupTable, directory: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new StartRefused(`The rows of the table ${name} could not be restored: ${why}. Restore an older backup with --at, into another empty place.`, { cause });
  };
  try {
    const sink = await sql.unsafe(`copy public.${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`).writable();
    await pipeline(createReadStream(join(directory, file.path)), createGunzip(), sink, { end: false });
    await endCopy(sink);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error), error);
  }
  const [counted] = await sql.unsafe<{ count: string }[]>(`select count(*) as count from public.${quoted(name)}`).catch((error: unknown) => refuse('the database refused them', error));
  if (Number(counted?.count) !== rows) refuse(`there are ${counted?.count} of ${rows}`);
}
