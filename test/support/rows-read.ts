import { vi } from 'vitest';
import type postgres from 'postgres';
import type { PostgresStorage } from '../../src/storage/index.js';
import { clientFor } from './postgres.js';
import type { StorageFixture } from './storage-fixture.js';

/**
 * What this work reads of each table and index, in rows, by the server's own count: `name: rows`, those alone that come to more than `few`. The
 * work gets a store of its own, since a server process tells its counts for certain only when it ends. Whatever else uses the database
 * must have ended before, see {@link alone}.
 */
export async function rowsRead(fixture: StorageFixture, few: number, work: (storage: PostgresStorage) => Promise<unknown>): Promise<string[]> {
  const storage = fixture.another();
  const watching = clientFor(fixture.database.connection, 1);
  try {
    const before = await counts(watching);
    await work(storage);
    await storage.close();
    await ended(watching);
    const after = await counts(watching);
    return [...after].map(([name, rows]) => [name, rows - (before.get(name) ?? 0)] as const).filter(([, rows]) => rows > few).map(([name, rows]) => `${name}: ${rows}`);
  } finally {
    await storage.close();
    await watching.end();
  }
}

/** Does something to the database whose reading is not to count, such as filling it, and waits until the server has counted all of it. */
export async function alone(fixture: StorageFixture, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = clientFor(fixture.database.connection, 1);
  await work(sql);
  await sql.end();
  const watching = clientFor(fixture.database.connection, 1);
  await ended(watching);
  await watching.end();
}

/** Waits until no other connection to the database is open. */
async function ended(sql: postgres.Sql): Promise<void> {
  const others = async () => sql`select from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;
  await vi.waitUntil(async () => (await others()).length === 0, { timeout: 5_000, interval: 20 });
}

async function counts(sql: postgres.Sql): Promise<Map<string, number>> {
  await sql`select pg_stat_clear_snapshot()`;
  const rows = await sql<{ name: string; rows: string }[]>`
    select relname as name, seq_tup_read as rows from pg_stat_user_tables
    union all select indexrelname, idx_tup_read from pg_stat_user_indexes`;
  return new Map(rows.map(({ name, rows: count }) => [name, Number(count)]));
}
