import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import postgres from 'postgres';
import type { PostgresAddress } from '../../src/storage/postgres/database-target.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's one cluster, started by global-setup.ts. */
    postgres: PostgresAddress;
  }
}

/** The migrated database that every test database is a copy of. */
export const TEMPLATE_DATABASE = 'weir_template';

/** One database for one test file. */
export interface TestDatabase {
  readonly connection: PostgresAddress;
  /** The same as an address for `DATABASE_URL`. */
  readonly url: string;
  /** Ends whatever is connected and removes it. */
  drop(): Promise<void>;
}

/**
 * Makes an own database in the run's cluster: migrated, or with `empty` without any table. Call it in `beforeAll`, and `drop` in
 * `afterAll`; what a failed test leaves behind goes with the cluster.
 */
export async function createTestDatabase({ empty = false }: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  // file_copy: with fsync off it is a plain copy of 7 MB, where wal_log writes every page to the log as well.
  await administer(server, (sql) => sql`create database ${sql(name)} template ${sql(empty ? 'template0' : TEMPLATE_DATABASE)} strategy file_copy`);
  const connection = { ...server, database: name };
  return {
    connection,
    url: databaseUrl(connection),
    drop: () => administer(server, (sql) => sql`drop database if exists ${sql(name)} with (force)`),
  };
}

/** The address of a database behind a unix socket as a URL, in libpq's way. */
export function databaseUrl({ host, port, database, user }: PostgresAddress): string {
  return `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}

/** A client for one database of the cluster; the test ends it. */
export function clientFor({ host, port, database, user }: PostgresAddress, max = 4): postgres.Sql {
  return postgres({ host, port, database, user, pass: '', ssl: false, max, onnotice: () => undefined });
}

/** Runs one statement in the maintenance database. */
export async function administer(server: PostgresAddress, statement: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = clientFor({ ...server, database: 'postgres' }, 1);
  try {
    await statement(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
