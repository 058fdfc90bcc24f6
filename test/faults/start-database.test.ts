import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, type Socket, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { connectDatabase, type Database, type DatabaseOptions } from '../../src/storage/postgres/connect.js';
import { isDatabaseUnavailable } from '../../src/storage/postgres/database-errors.js';
import { type PostgresAddress, urlTarget } from '../../src/storage/postgres/database-target.js';
import { openEmbeddedPostgres } from '../../src/storage/postgres/embedded.js';
import { migrateDatabase } from '../../src/storage/postgres/migrate.js';
import { readServerRecord } from '../../src/storage/postgres/processes.js';
import { type TestDatabase, administer, clientFor, createTestDatabase, databaseUrl } from '../support/postgres.js';
import { type Sandbox, makeSandbox } from '../support/sandbox.js';

let box: Sandbox;
let database: TestDatabase;
const open: Database[] = [];
const listening: Server[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
});
afterAll(() => database.drop());
beforeEach(() => {
  box = makeSandbox();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  for (const server of listening.splice(0)) server.close();
  await box.remove();
});

function options(databaseUrlOrNone: string | undefined, databaseWaitMs = 0): DatabaseOptions {
  return { databaseUrl: databaseUrlOrNone, dataDir: box.data, systemDir: box.system, databasePool: 4, databaseWaitMs };
}

async function connect(url: string | undefined, waitMs = 0): Promise<Database> {
  const connected = await connectDatabase(options(url, waitMs));
  open.push(connected);
  return connected;
}

/** A TCP port of this machine on which `serve` answers. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer(serve);
  listening.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Answers like a server that refuses every session with one SQLSTATE (the ErrorResponse of the frontend/backend protocol). */
function refusing(code: string, message: string): (socket: Socket) => void {
  return (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first) => {
      const refuse = (): void => {
        const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
        const head = Buffer.from('E\0\0\0\0');
        head.writeInt32BE(fields.length + 4, 1);
        socket.end(Buffer.concat([head, fields]));
      };
      // A request for TLS comes first and is answered with "no".
      if (first.readInt32BE(4) !== 80_877_103) return refuse();
      socket.once('data', refuse);
      return socket.write('N');
    });
  };
}

describe('DATABASE_URL', () => {
  test('leads to a database behind a socket, and the pool, a dedicated client and closing work', async () => {
    const connected = await connect(database.url);
    expect(connected.shown).not.toContain('@');
    expect(await connected.sql`select 1 as up`).toEqual([{ up: 1 }]);
    const dedicated = connected.dedicated('probe');
    expect(await dedicated`select current_setting('application_name') as name, pg_try_advisory_lock(9, 9) as locked`).toEqual([{ name: 'weir probe', locked: true }]);
    expect(await connected.sql`select pg_try_advisory_lock(9, 9) as locked`).toEqual([{ locked: false }]);
    await Promise.all([connected.close(), connected.close()]);
    await expect((async () => connected.sql`select 1`)()).rejects.toThrow('CONNECTION_ENDED');
  });

  test('bounds statements of the pool when told to, and never those of a dedicated client', async () => {
    const connected = await connectDatabase(options(database.url), { statementTimeoutMs: 50 });
    open.push(connected);
    await expect((async () => connected.sql`select pg_sleep(20)`)()).rejects.toThrow('statement timeout');
    expect(await connected.dedicated('slow')`select current_setting('statement_timeout') as bound`).toEqual([{ bound: '0' }]);
  });

  test('that names a missing database says which', async () => {
    const url = database.url.replace(database.connection.database, 'nowhere');
    await expect(connect(url)).rejects.toThrow('The server of DATABASE_URL has no database nowhere. Create it, owned by weir, or correct the name.');
  });

  test('with a wrong password says who was refused and does not print it', async () => {
    const server = inject('postgres');
    await administer(server, async (sql) => {
      await sql.unsafe(`do $$ begin create role locked login password 'right'; exception when duplicate_object then null; end $$`);
      const [file] = await sql<{ path: string }[]>`select current_setting('hba_file') as path`;
      const path = file?.path ?? '';
      writeFileSync(path, `local all locked scram-sha-256\n${readFileSync(path, 'utf8')}`);
      await sql`select pg_reload_conf()`;
    });
    const url = databaseUrl({ ...database.connection, user: 'locked:hunter2' }).replace('locked%3A', 'locked:');
    const refusal = await connect(url, 1_000).then(() => 'accepted', String);
    expect(refusal).toMatch(/^StartRefused: The database at .* \(DATABASE_URL\) does not let the user locked in: password authentication failed for user "locked"\. Correct the user or the password\.$/);
    expect(refusal).not.toContain('hunter2');
  });

  test('that nothing answers to says where', async () => {
    const port = await listen(() => undefined);
    const closed = listening.pop();
    await new Promise((resolve) => { closed?.close(resolve); });
    await expect(connect(`postgres://weir:hunter2@127.0.0.1:${port}/weir`)).rejects.toThrow(`Nothing answers at 127.0.0.1:${port}/weir (DATABASE_URL). Start the database there, or correct the host or port.`);
  });

  test('with an unknown host says so', async () => {
    await expect(connect('postgres://weir@no-such-host.invalid/weir')).rejects.toThrow('The host no-such-host.invalid of DATABASE_URL cannot be found. Correct its name.');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['closes at once', (socket) => socket.end()],
    ['closes when it is spoken to', (socket) => socket.once('data', () => socket.destroy())],
    ['answers like a web server', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('of something that is no Postgres but %s says so', async (_, serve) => {
    const port = await listen((socket) => serve(socket.on('error', () => undefined)));
    await expect(connect(`postgres://weir@127.0.0.1:${port}/weir?sslmode=disable`)).rejects.toThrow(/closes the connection: it may be no Postgres/);
  });

  test('of a server that is still starting is waited for', async () => {
    let refused = 0;
    const port = await listen((socket) => {
      refused += 1;
      if (refused <= 3) return refusing('57P03', 'the database system is starting up')(socket);
      return proxyTo(database.connection)(socket);
    });
    const connected = await connect(`postgres://weir@127.0.0.1:${port}/${database.connection.database}?sslmode=disable`, 20_000);
    expect(await connected.sql`select 1 as up`).toEqual([{ up: 1 }]);
    expect(refused).toBeGreaterThan(3);
  });

  test.each([
    ['57P03', 'the database system is starting up', 'is not ready: the database system is starting up. Start again when it is, or wait longer with WEIR_DATABASE_WAIT.'],
    ['53300', 'sorry, too many clients already', 'has no connection to spare: sorry, too many clients already. Raise its max_connections or lower WEIR_DATABASE_POOL.'],
    ['28000', 'no pg_hba.conf entry', 'does not let the user weir in: no pg_hba.conf entry. Correct the user or the password.'],
  ])('of a server that answers %s for too long is refused with a sentence', async (code, message, sentence) => {
    const port = await listen(refusing(code, message));
    await expect(connect(`postgres://weir@127.0.0.1:${port}/weir`)).rejects.toThrow(`The database at 127.0.0.1:${port}/weir (DATABASE_URL) ${sentence}`);
  });

  test.each([
    ['server_version_num', '140012', /is Postgres .* and Weir needs 15 or newer\./],
    ['server_encoding', 'LATIN1', /stores text as LATIN1, and Weir needs UTF8\./],
  ])('of a server whose %s is %s is refused', async (setting, value, sentence) => {
    const own = await createTestDatabase({ empty: true });
    // A function in front of the built-in one: the server answers as an old one would, through the real protocol.
    await administer(own.connection, (sql) => sql.unsafe('select 1'));
    const sql = clientFor(own.connection, 1);
    await sql.unsafe(`create schema front; create function front.current_setting(name text) returns text language sql as
      $$ select case when name = '${setting}' then '${value}' else pg_catalog.current_setting(name) end $$;
      alter database ${own.connection.database} set search_path = front, pg_catalog, public`);
    await sql.end();
    await expect(connect(own.url)).rejects.toThrow(sentence);
    await own.drop();
  });
});

function proxyTo({ host, port }: PostgresAddress): (socket: Socket) => void {
  return (socket) => {
    const upstream = new (socket.constructor as typeof Socket)();
    upstream.connect(join(host, `.s.PGSQL.${port}`));
    socket.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => socket.destroy()).pipe(socket);
  };
}

describe('an address', () => {
  test.each([
    ['postgres://u:p%40ss@db.example:6543/name', { host: 'db.example', port: 6543, database: 'name', user: 'u', pass: 'p@ss', ssl: 'prefer' }],
    ['postgresql://u@[::1]/na%20me?sslmode=require', { host: '::1', port: 5432, database: 'na me', user: 'u', pass: '', ssl: 'require' }],
    ['postgres://u@/name?host=%2Frun%2Fpg&port=7', { host: '/run/pg', port: 7, database: 'name', user: 'u', pass: '', ssl: false }],
    ['postgres:///name?user=u&password=p&host=/run/pg', { host: '/run/pg', port: 5432, database: 'name', user: 'u', pass: 'p', ssl: false }],
    ['postgres://u:p@h/name?sslmode=disable', { host: 'h', port: 5432, database: 'name', user: 'u', pass: 'p', ssl: false }],
  ])('%s is read as libpq reads it', (address, expected) => {
    expect(urlTarget(address).options).toEqual(expected);
    expect(urlTarget(address).shown).not.toMatch(/[:@]p/);
  });

  test.each([
    ['postgres://host/name', 'must name a user and a database'],
    ['postgres://u@host', 'must name a user and a database'],
    ['postgres://u:100%@host/name', 'holds a % that is no percent-encoding'],
    ['postgres://u:hunter2@a/name?host=a,b', 'names several hosts'],
    ['postgres://u:hunter2@a/name?sslmode=maybe', 'sslmode=maybe'],
    ['not an address hunter2', 'is not an address'],
  ])('%s is refused without printing its password', (address, sentence) => {
    const refused = (): unknown => urlTarget(address);
    expect(refused).toThrow(sentence);
    expect(refused).not.toThrow('hunter2');
  });
});

describe('the pool', () => {
  test('works again by itself once the private server was killed, and says meanwhile that it is unavailable', async () => {
    const connected = await connect(undefined);
    await connected.sql`create table kept (n int)`;
    await connected.sql`insert into kept values (1)`;
    process.kill(readServerRecord(join(box.data, 'postgres', 'cluster'))?.pid ?? 0, 'SIGKILL');
    const killed = Date.now();
    const failures: unknown[] = [];
    // Each connection of the pool may be a dead one, and fails the statement that finds it so.
    const untilItWorks = async <T>(statement: () => PromiseLike<T>): Promise<T> => {
      for (;;) {
        try {
          return await statement();
        } catch (error) {
          failures.push(error);
          if (Date.now() - killed > 60_000) throw error;
        }
      }
    };
    await untilItWorks(() => connected.sql`insert into kept select 2 where not exists (select from kept where n = 2)`);
    expect(await untilItWorks(() => connected.sql`select n from kept order by n`)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(failures.filter((error) => !isDatabaseUnavailable(error))).toEqual([]);
  });
});

describe('migrating', () => {
  const MIGRATIONS = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url));
  let empty: TestDatabase;
  beforeEach(async () => {
    empty = await createTestDatabase({ empty: true });
  });
  afterEach(() => empty.drop());

  /** The project's migrations with one more at the end, newer than all of them. */
  function withOneMore(sql: string): string {
    const folder = join(box.directory, 'migrations');
    cpSync(MIGRATIONS, folder, { recursive: true });
    const journalFile = join(folder, 'meta', '_journal.json');
    const journal = JSON.parse(readFileSync(journalFile, 'utf8'));
    journal.entries.push({ idx: 99, version: '7', when: Date.UTC(2999, 0), tag: '0099_more', breakpoints: true });
    writeFileSync(journalFile, JSON.stringify(journal));
    writeFileSync(join(folder, '0099_more.sql'), sql);
    return folder;
  }

  async function tables(): Promise<number> {
    const sql = clientFor(empty.connection, 1);
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from pg_tables where schemaname = 'public'`;
    await sql.end();
    return row?.n ?? 0;
  }

  test('by eight gateways at once succeeds for all of them and happens once', async () => {
    const gateways = await Promise.all(Array.from({ length: 8 }, () => connect(empty.url)));
    const applied = await Promise.all(gateways.map((gateway) => migrateDatabase(gateway)));
    expect(applied.filter((n) => n > 0)).toHaveLength(1);
    expect(await tables()).toBeGreaterThan(5);
    expect(await migrateDatabase(await connect(empty.url))).toBe(0);
  });

  test('that fails in the last step leaves nothing behind, and succeeds once the step is right', async () => {
    const gateway = await connect(empty.url);
    const folder = withOneMore('create table more (n int);\n--> statement-breakpoint\nselect 1 / 0;');
    await expect(migrateDatabase(gateway, folder)).rejects.toThrow('1 / 0');
    expect(await tables()).toBe(0);
    rmSync(folder, { recursive: true });
    await migrateDatabase(gateway, withOneMore('create table more (n int);'));
    expect(await tables()).toBeGreaterThan(5);
  });

  test('refuses a database of a newer release', async () => {
    const gateway = await connect(empty.url);
    await migrateDatabase(gateway, withOneMore('create table more (n int);'));
    await expect(migrateDatabase(gateway)).rejects.toThrow(/was migrated by a newer release of Weir \(on 2999-01-01 or later\)\. Start that release, or restore a backup from before\.$/);
  });

  test('refuses a database whose steps were other ones, or that skipped one', async () => {
    const gateway = await connect(empty.url);
    const folder = withOneMore('create table more (n int);');
    await migrateDatabase(gateway, folder);
    writeFileSync(join(folder, '0099_more.sql'), 'create table edited (n int);');
    await expect(migrateDatabase(gateway, folder)).rejects.toThrow('was migrated by other steps than this release has');
    writeFileSync(join(folder, '0099_more.sql'), 'create table more (n int);');
    const sql = clientFor(empty.connection, 1);
    await sql`delete from drizzle.__drizzle_migrations where created_at = (select min(created_at) from drizzle.__drizzle_migrations)`;
    await sql.end();
    await expect(migrateDatabase(gateway, folder)).rejects.toThrow('which is older than its newest one');
  });

  test('by a user who may not create tables is refused with a sentence', async () => {
    await administer(empty.connection, (sql) => sql.unsafe(`do $$ begin create role guest login; exception when duplicate_object then null; end $$`));
    const gateway = await connect(databaseUrl({ ...empty.connection, user: 'guest' }));
    await expect(migrateDatabase(gateway)).rejects.toThrow('its user may not create tables there. Make it the owner of the database.');
  });
});

test('a private server has room for the pools of several gateways: ninety connections at work at once', async () => {
  const server = await openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system });
  const sql = clientFor(server.connection, 90);
  const pids = await Promise.all(Array.from({ length: 90 }, () => sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.2)`));
  expect(new Set(pids.map(([row]) => row?.pid)).size).toBe(90);
  await sql.end();
  await server.release();
});
