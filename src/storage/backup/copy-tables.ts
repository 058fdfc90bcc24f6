import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import * as schema from '../../../drizzle/index.js';
import type { BackupTable, LogBeginning, Manifest } from './manifest.js';

/** Tables of which a backup has no rows: what they tell is of processes that run, and of files that wait for their removal. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([getTableName(schema.packLease), getTableName(schema.retiredPack)]);

/** The names of all tables of this release. */
export const TABLES: readonly string[] = Object.values(schema).filter((table) => is(table, PgTable)).map((table) => getTableName(table)).sort();

/** The directory of the tables beneath that of a backup. */
export const TABLE_DIRECTORY = 'tables';

/** A name as SQL has it between quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Everything of the database that a backup keeps. */
export type DatabasePart = Pick<Manifest, 'tables' | 'sequences' | 'migrations' | 'server'>;

/** Copies the database, as the transaction of `sql` sees it, into the directory of one backup. Every file is on the disk when it answers; their directory is the caller's to sync. */
export async function copyDatabase(sql: Sql, directory: string): Promise<DatabasePart> {
  const tables: BackupTable[] = [];
  for (const name of await tablesOf(sql)) tables.push(await copyTable(sql, name, directory));
  // Sequences know no snapshot: read after the tables, they are at least where the rows are.
  const sequences = await sql.unsafe<{ name: string; value: string }[]>(`select sequencename as name, last_value::text as value from pg_sequences where schemaname = 'public' and last_value is not null order by 1`);
  const migrations = await sql.unsafe<{ when: number; hash: string }[]>(`select created_at::float8 as "when", hash from drizzle.__drizzle_migrations order by created_at`);
  const [server] = await sql.unsafe<{ stream: number; hash: string }[]>(`select stream::float8 as stream, encode(hash, 'hex') as hash from operation where seq = 1 order by stream limit 1`);
  return {
    tables,
    sequences: sequences.map(({ name, value }) => ({ name, value: Number(value) })),
    migrations: migrations.map(({ when, hash }) => ({ when, hash })),
    server: server === undefined ? null : { stream: server.stream, hash: server.hash },
  };
}

/** Whether the log of this database begins so: whether the backups that are marked with it are of the same server. */
export async function beginsWith(sql: Sql, { stream, hash }: LogBeginning): Promise<boolean> {
  const rows = await sql.unsafe(`select 1 from operation where stream = $1 and seq = 1 and encode(hash, 'hex') = $2`, [stream, hash]);
  return rows.length > 0;
}

/** The tables to keep: of a database that was migrated only so far, those that it has. */
async function tablesOf(sql: Sql): Promise<string[]> {
  const kept = TABLES.filter((name) => !OF_THE_MOMENT.has(name));
  const found = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public' and tablename in ${sql(kept)} order by 1`;
  return found.map(({ name }) => name);
}

async function copyTable(sql: Sql, name: string, directory: string): Promise<BackupTable> {
  const found = await sql.unsafe<{ name: string }[]>(`select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`, [`public.${quoted(name)}`]);
  const columns = found.map((column) => column.name);
  const path = `${TABLE_DIRECTORY}/${name}.copy.gz`;
  const hash = createHash('sha256');
  let rows = 0;
  let bytes = 0;
  const source = await sql.unsafe(`copy public.${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`).readable();
  await pipeline(
    source,
    async function* counting(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        // A row ends in a newline, and one within a value is written as a backslash and an n.
        for (let at = piece.indexOf(0x0a); at >= 0; at = piece.indexOf(0x0a, at + 1)) rows++;
        yield piece;
      }
    },
    createGzip({ level: 1 }),
    async function* hashing(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        hash.update(piece);
        bytes += piece.length;
        yield piece;
      }
    },
    // flush: synced before it is closed.
    createWriteStream(join(directory, path), { flags: 'wx', mode: 0o600, flush: true }),
  );
  // The driver stops reading from the server while its stream is full, and goes on when the stream asks for more: an ended one never
  // does, and where it was full at its end, the next statement would wait for ever.
  source._read(0);
  return { name, columns, rows, file: { path, bytes, sha256: hash.digest('hex') } };
}
