import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type postgres from 'postgres';
import * as tables from '../../drizzle/index.js';
import { migrateAsFarAs, migrateDatabase, type Applied } from '../../src/storage/postgres/migrate.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';

const MIGRATIONS = new URL('../../drizzle/migrations/', import.meta.url).pathname;

/**
 * SHA-256 of every migration that was ever released, in order. A line is added with a migration and never changed: a
 * database that has applied one must find it as it was.
 */
const RELEASED: Readonly<Record<string, string>> = {
  '0000_initial.sql': 'cf1732cb4dcd60e203b82698dfbebab1b449e3e2fe27e6fe8b8c34858b3c3518',
  '0001_append_only_log.sql': '9b9134e5b564808e941e9e505311332187e490e918fc9e48427db53b0b2d3dd0',
  '0002_pack_upkeep.sql': 'c979733301602aca04227f5cf769bb73b495ba3c701c749b1ee290f3c3c5a1ac',
  '0003_proposal_revisions.sql': '32c267a3718d2bdb1e55c9002c8c71ccc6b4d2643a03aa6ebd6b9cc917f64984',
  '0004_audit_filters.sql': '13d348442eefb47d7d73b21e6b122baa59a7741e3a6f1887598feab606e8c991',
  '0005_repo_version.sql': 'd05374e9def2c143fe062c4ae499f0b0cff5693dda85a3908232c8cf2f6be981',
  '0006_purge.sql': 'f5af4b10c69011601ee5f1d6cf6a3167ac3155b7871b34f722f3acc8b44e410e',
  '0007_declined_changes.sql': 'e3d56b66d0813e593e2a3ebfb80985da2b00ab0cae8640a38fdbdc69fdc50a26',
  '0008_retention.sql': 'adb53c4da049d1220e65a1fb813b03e73d98b36643fe89b5e7e473f9fef053bc',
  '0009_latency_buckets.sql': '6d4c574999e129f08392066e5ea84551fc8cd5588087f9d322be393b660c2941',
  '0010_deleted_branches_grace.sql': '8f692adde9e2053ed96ba2aa5b026b1e55813659edd7ad55127e23a125ce4a2e',
  '0011_comments.sql': '56f1990e25d44c84c50f64f09f069f9175ebd0ddab512c810825d01958eaaacc',
  '0012_repo_counts.sql': 'a2d8992f852da189bdac9d0cbfe0f1d50588708d14060a947f784a0e3cb3a544',
  '0013_commit_trailers.sql': '3249f14bf3fa58e270c0e7ea003fe3fead28358c337124a77ba2026dc1f64526',
  '0014_repo_bytes.sql': '0f0d1611a268fe671a79bc86de19d2b3761ee479b3b6dc64ee409da06438deb0',
  '0015_deleted_repos.sql': '42de34650478c522e3337247cf0f978f0dc2ec0797467a1733d9f401ea10ebca',
  '0016_webhooks.sql': 'ab94f18b67e7937a559b92cbfef3a3b7ca0cc168d293339637521afe27424095',
  '0017_operation_proposal.sql': '224041fae65b81544a5dd0cf801c1f0a34a2e79ceb1f171d689227250c888244',
  '0018_key_rotation.sql': 'a5a4178ce5cffd423cfe19a667d09bab132b2017ff00524aa0a1611c2aa5842e',
  '0019_lease_on_all_repos.sql': '742b38bfaa58b3cc020259659fb0faf21dae7f02309f02e27e28ecbb71f70095',
  '0020_imports.sql': '17fa6d3613861d3b063a73fcf93555a9083df6e44c8846cbff7ba23303dc0100',
  '0021_holders.sql': '5da92f612fb6fd5128edec12e68b0a6002e7eaa2f8d51ed1d08e3a3b4bdb3963',
  '0022_mirrors.sql': 'bb004b57696939ece934a526dafacbce0416ea853696790d68bc2541ee247408',
};

let migrated: TestDatabase;
let pushed: TestDatabase;

beforeAll(async () => {
  [migrated, pushed] = await Promise.all([createTestDatabase({ empty: true }), createTestDatabase({ empty: true })]);
});
afterAll(() => Promise.all([migrated.drop(), pushed.drop()]));

async function within<T>(database: TestDatabase, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = clientFor(database.connection, 1);
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function migrate(database: TestDatabase): Promise<number> {
  return migrateDatabase({ shown: 'a test database', dedicated: () => clientFor(database.connection, 1) });
}

/** Everything of the schema that tables in code can say, as the catalogue shows it. */
async function shapeOf(database: TestDatabase): Promise<unknown> {
  return within(database, async (sql) => ({
    columns: await sql`
      select table_name, column_name, data_type, udt_name, is_nullable, column_default, collation_name, datetime_precision, is_identity, identity_generation
      from information_schema.columns where table_schema = 'public' order by table_name, column_name`,
    indexes: await sql`select tablename, indexname, indexdef from pg_indexes where schemaname = 'public' order by indexname`,
    constraints: await sql`
      select conrelid::regclass::text as on_table, conname, pg_get_constraintdef(oid) as definition from pg_constraint
      where connamespace = 'public'::regnamespace order by 1, 2`,
  }));
}

function filesOf(pattern: RegExp): string[] {
  return readdirSync(MIGRATIONS).filter((name) => pattern.test(name)).sort();
}

/** The older half of the migrations, as a database notes them. */
async function half(): Promise<Applied[]> {
  const all = await within(migrated, (sql) => sql<Applied[]>`select hash, created_at::float8 as "when" from drizzle.__drizzle_migrations order by created_at`);
  return all.slice(0, all.length / 2);
}

describe('the migrations', () => {
  it('lead from nothing to the tables in code, and once there have nothing to do', async () => {
    expect(await migrate(migrated)).toBe(filesOf(/\.sql$/).length);
    expect(await migrate(migrated)).toBe(0);
    const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(tables));
    await within(pushed, async (sql) => {
      for (const statement of statements) await sql.unsafe(statement);
    });
    const shape = await shapeOf(migrated);
    expect(shape).toEqual(await shapeOf(pushed));
    expect(JSON.stringify(shape)).toContain('branch_live_name');
  });

  it('end in a snapshot from which the tables in code differ in nothing', async () => {
    const newest = filesOf(/\.sql$/).length - 1;
    const snapshot: ReturnType<typeof generateDrizzleJson> = JSON.parse(readFileSync(join(MIGRATIONS, 'meta', `${String(newest).padStart(4, '0')}_snapshot.json`), 'utf8'));
    expect(await generateMigration(snapshot, generateDrizzleJson(tables, snapshot.id))).toEqual([]);
  });

  it('are never edited, and each is listed with its hash', () => {
    const hashes = filesOf(/\.sql$/).map((name) => [name, createHash('sha256').update(readFileSync(join(MIGRATIONS, name))).digest('hex')]);
    expect(Object.fromEntries(hashes)).toEqual(RELEASED);
  });

  it('stand in the journal in the order of their numbers and of their times', () => {
    const journal: { entries: { idx: number; tag: string; when: number }[] } = JSON.parse(readFileSync(join(MIGRATIONS, 'meta', '_journal.json'), 'utf8'));
    expect(journal.entries.map(({ tag }) => `${tag}.sql`)).toEqual(filesOf(/\.sql$/));
    expect(journal.entries.map(({ idx }) => idx)).toEqual(journal.entries.map((_, index) => index));
    expect(journal.entries.map(({ when }) => when)).toEqual(journal.entries.map(({ when }) => when).sort((a, b) => a - b));
  });

  it('make nobody wait behind them while a transaction keeps the tables that they need, and go on when it ends', async () => {
    const older = await createTestDatabase({ empty: true });
    try {
      const target = { shown: 'a test database', dedicated: () => clientFor(older.connection, 1) };
      await migrateAsFarAs(target, await half());
      await within(older, async (sql) => {
        const tables = await sql<{ name: string }[]>`select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`;
        const holder = clientFor(older.connection, 1);
        const watcher = clientFor(older.connection, 1);
        await holder.unsafe(`begin; lock table ${tables.map(({ name }) => name).join(', ')} in access share mode`);
        const migrating = migrateDatabase(target);
        // Awaited in the end, whatever else fails.
        migrating.catch(() => undefined);
        const waiting = async (): Promise<string | undefined> => (await watcher<{ name: string }[]>`select relation::regclass::text as name from pg_locks where not granted and mode = 'AccessExclusiveLock'`)[0]?.name;
        await expect.poll(waiting, { timeout: 20_000 }).toBeDefined();
        // Asks for each of them after the migrations have, and while they still cannot have one.
        for (const { name } of tables) await sql.unsafe(`select 1 from ${name} limit 1`);
        await holder.unsafe('commit');
        expect(await migrating).toBeGreaterThan(0);
        await Promise.all([holder.end({ timeout: 1 }), watcher.end({ timeout: 1 })]);
      });
    } finally {
      await older.drop();
    }
  });

  it('leave the stream of the server and the guards of the log', async () => {
    await within(migrated, async (sql) => {
      expect(await sql`select stream::int, seq::int, encode(hash, 'hex') as hash from log_head`).toEqual([{ stream: 0, seq: 0, hash: '0'.repeat(64) }]);
      expect(await sql`select tgname from pg_trigger where tgrelid = 'operation'::regclass and not tgisinternal and tgenabled = 'O' order by 1`).toEqual([{ tgname: 'operation_append_only' }, { tgname: 'operation_no_truncate' }]);
    });
  });

  it('sort every column that holds text of ours byte by byte, and keep every time to the millisecond', async () => {
    await within(migrated, async (sql) => {
      const loose = await sql`select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type in ('text', 'character varying') and collation_name is distinct from 'C'`;
      expect(loose).toEqual([]);
      const times = await sql`select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type like 'timestamp%' and (datetime_precision <> 3 or data_type <> 'timestamp with time zone')`;
      expect(times).toEqual([]);
    });
  });
});
