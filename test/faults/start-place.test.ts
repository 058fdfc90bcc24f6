import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { serverAccount } from '../../src/storage/postgres/account.js';
import { installedBinaries, prepareBinaries } from '../../src/storage/postgres/binaries.js';
import { type EmbeddedPostgresOptions, openEmbeddedPostgres } from '../../src/storage/postgres/embedded.js';
import { keepShortPath, settlePlace } from '../../src/storage/postgres/place.js';
import { compileSources } from '../support/compiled.js';
import { startHolder } from '../support/holder.js';
import { clientFor } from '../support/postgres.js';
import { type Sandbox, isRoot, makeSandbox, processesBeneath } from '../support/sandbox.js';

// Each case makes or starts clusters of its own: seconds of disk and CPU where others share the machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NOBODY = { uid: 65_534, gid: 65_534 };

let prepared: Sandbox;
let src: string;
let box: Sandbox;

beforeAll(async () => {
  prepared = makeSandbox();
  src = compileSources(join(prepared.directory, 'compiled'));
  await (await openEmbeddedPostgres({ dataDir: prepared.data, systemDir: prepared.system })).release();
});
afterAll(() => prepared.remove());
beforeEach(() => {
  box = makeSandbox();
});
afterEach(() => box.remove());

/** A data directory with an initialised cluster; a copy takes a tenth of the time that making one does. */
function seed(dataDir: string): void {
  mkdirSync(dirname(dataDir), { recursive: true });
  execFileSync('cp', ['-a', prepared.data, dataDir]);
}

async function using<T>(options: EmbeddedPostgresOptions, work: (sql: Sql) => Promise<T>): Promise<T> {
  const server = await openEmbeddedPostgres(options);
  const sql = clientFor(server.connection, 1);
  try {
    return await work(sql);
  } finally {
    await sql.end();
    await server.release();
  }
}

async function openAndWrite(options: EmbeddedPostgresOptions, n: number): Promise<void> {
  await using(options, async (sql) => {
    await sql`create table kept (n int)`;
    await sql`insert into kept values (${n})`;
  });
}

async function openAndRead(options: EmbeddedPostgresOptions): Promise<unknown> {
  return using(options, async (sql) => {
    const rows = await sql`select n from kept`;
    return rows[0]?.['n'];
  });
}

/** A directory that root keeps to itself, as /root is, and options with a data directory in it. */
function rootHome(): { readonly home: string; readonly options: EmbeddedPostgresOptions } {
  const home = join(box.directory, 'root');
  mkdirSync(home, { mode: 0o700 });
  return { home, options: { dataDir: join(home, 'data'), systemDir: box.system } };
}

/** A second copy of the platform package without the library names that its install script makes. */
function unlinkedPackage(into: string): string {
  const native = installedBinaries();
  const copy = (from: string, to: string): void => {
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      if (entry.isDirectory()) copy(join(from, entry.name), join(to, entry.name));
      else if (entry.isFile()) copyFileSync(join(from, entry.name), join(to, entry.name));
    }
  };
  copy(native, join(into, 'native'));
  cpSync(join(native, '..', 'package.json'), join(into, 'package.json'));
  return join(into, 'native');
}

describe('a data directory', () => {
  test('whose path is too long for a socket works, and the socket still lies in it', async () => {
    const dataDir = join(box.directory, 'd'.repeat(100), 'e'.repeat(100));
    seed(dataDir);
    const server = await openEmbeddedPostgres({ dataDir, systemDir: box.system });
    expect(Buffer.byteLength(server.connection.host)).toBeLessThan(90);
    expect(lstatSync(join(dataDir, 'postgres', 'sockets', '.s.PGSQL.5432')).isSocket()).toBe(true);
    const sharer = await startHolder(src, { dataDir, systemDir: box.system });
    await server.release();
    await sharer.release();
    rmSync(server.connection.host);
  });

  test('gets the short path to its socket back after the temporary directory was cleaned', async () => {
    const dataDir = join(box.directory, 'd'.repeat(100));
    seed(dataDir);
    const place = await settlePlace(dataDir, box.system);
    rmSync(place.sockets);
    keepShortPath(place);
    expect(realpathSync(place.sockets)).toBe(join(dataDir, 'postgres', 'sockets'));
    rmSync(place.sockets);
  });

  test('is the same by every spelling', async () => {
    seed(box.data);
    const link = join(box.directory, 'link');
    execFileSync('ln', ['-s', box.data, link]);
    const [one, two] = [await openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system }), await openEmbeddedPostgres({ dataDir: `${link}/../data/.`, systemDir: box.system })];
    expect(two.connection).toEqual(one.connection);
    await Promise.all([one.release(), two.release()]);
  });

  test('that is a file is refused with a sentence', async () => {
    writeFileSync(box.data, '');
    await expect(openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system })).rejects.toThrow(/^The data directory .*\/data cannot be written by the account with id \d+ \(\w+\)\. Make it writable or name another with WEIR_DATA\.$/);
  });

  test.runIf(isRoot)('that the account may not write is refused with a sentence', async () => {
    mkdirSync(box.data, { mode: 0o755 });
    await expect(startHolder(src, { dataDir: box.data, systemDir: box.system }, NOBODY)).rejects.toThrow(`StartRefused: The data directory ${box.data} cannot be written by the account with id 65534 (EACCES). Make it writable or name another with WEIR_DATA.`);
    await expect(startHolder(src, { dataDir: join(box.data, 'deeper'), systemDir: box.system }, NOBODY)).rejects.toThrow('(EACCES)');
  });

  test.runIf(isRoot)('of an ordinary account is served as that account, also when root opens it', async () => {
    mkdirSync(box.data, { mode: 0o700 });
    // Neither nobody nor root.
    const account = { uid: 1, gid: 1 };
    chownSync(box.data, account.uid, account.gid);
    const ordinary = await startHolder(src, { dataDir: box.data, systemDir: box.system }, account);
    expect(statSync(join(box.data, 'postgres', 'cluster')).uid).toBe(account.uid);
    await ordinary.release();
    expect(processesBeneath(box.directory)).toEqual([]);
    const asRoot = await openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system });
    expect(existsSync(box.system)).toBe(false);
    const [server = 0] = processesBeneath(join(box.data, 'postgres'));
    expect(readFileSync(`/proc/${server}/status`, 'utf8')).toMatch(/^Uid:\s+1\s/m);
    await asRoot.release();
    await (await startHolder(src, { dataDir: box.data, systemDir: box.system }, account)).release();
  });

  test.runIf(isRoot)('that root has used is refused to an ordinary account with a sentence', async () => {
    seed(box.data);
    chmodSync(box.data, 0o777);
    await expect(startHolder(src, { dataDir: box.data, systemDir: box.system }, NOBODY)).rejects.toThrow(/^StartRefused: The account with id 65534 may not use everything in the data directory .* \(EACCES at .*\): another account has used it before\. Run Weir as that account, or give all of it to this one\.$/);
  });

  test.runIf(isRoot)('is refused with a sentence to an account without a name, which Postgres cannot run as', async () => {
    mkdirSync(box.data, { mode: 0o700 });
    chownSync(box.data, 54_321, 54_321);
    await expect(startHolder(src, { dataDir: box.data, systemDir: box.system }, { uid: 54_321, gid: 54_321 })).rejects.toThrow('StartRefused: The database cannot run as the account with id 54321, because that has no name on this system.');
  });
});

describe.runIf(isRoot)('a data directory that only root can enter', () => {
  test('keeps its database in the system directory and finds it again', async () => {
    const { home, options } = rootHome();
    await openAndWrite(options, 5);
    const place = readFileSync(join(options.dataDir, 'postgres.location'), 'utf8').trim();
    expect(place.startsWith(`${box.system}/`)).toBe(true);
    expect(statSync(join(place, 'cluster', 'PG_VERSION')).uid).toBe(serverAccount().uid);
    expect(existsSync(join(options.dataDir, 'postgres'))).toBe(false);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(await openAndRead(options)).toBe(5);
  });

  test('refuses to begin anew when its database is gone, but does so on request or when it was itself deleted', async () => {
    const { options } = rootHome();
    await openAndWrite(options, 5);
    renameSync(box.system, `${box.system}.away`);
    await expect(openEmbeddedPostgres(options)).rejects.toThrow(/^The database of .* is kept in .* which does not exist on this machine\. Bring it back, or delete that file to begin with an empty database\.$/);
    renameSync(`${box.system}.away`, box.system);
    expect(await openAndRead(options)).toBe(5);
    rmSync(options.dataDir, { recursive: true });
    await expect(openAndRead(options)).rejects.toThrow('relation "kept" does not exist');
  });

  test('takes its database along when it is moved, and does not share it when it is copied', async () => {
    const { home, options } = rootHome();
    await openAndWrite(options, 5);
    const moved = { ...options, dataDir: join(home, 'moved') };
    renameSync(options.dataDir, moved.dataDir);
    expect(await openAndRead(moved)).toBe(5);
    const copied = { ...options, dataDir: join(home, 'copied') };
    execFileSync('cp', ['-a', moved.dataDir, copied.dataDir]);
    await expect(openEmbeddedPostgres(copied)).rejects.toThrow(`belongs to the data directory ${moved.dataDir}, of which ${copied.dataDir} is a copy.`);
    expect(await openAndRead(moved)).toBe(5);
  });

  test('is refused with a sentence when it was closed after its database had been made in it', async () => {
    const dataDir = join(box.directory, 'parent', 'data');
    seed(dataDir);
    chmodSync(join(dataDir, '..'), 0o700);
    await expect(openEmbeddedPostgres({ dataDir, systemDir: box.system })).rejects.toThrow(`The database in ${dataDir}/postgres belongs to the account with id ${serverAccount().uid}, which cannot pass through the directories above it.`);
    chmodSync(join(dataDir, '..'), 0o711);
    await (await openEmbeddedPostgres({ dataDir, systemDir: box.system })).release();
  });

  test('is refused with a sentence where the system directory is closed as well', async () => {
    const { home, options } = rootHome();
    const systemDir = join(home, 'system');
    await expect(openEmbeddedPostgres({ ...options, systemDir })).rejects.toThrow(`Neither ${options.dataDir} nor ${systemDir} can be entered by the account with id ${serverAccount().uid} that the database runs as. Name another place with WEIR_SYSTEM_DIR.`);
    expect(readdirSync(systemDir)).toEqual([]);
  });
});

describe('the programs of the database', () => {
  test('get the library names that the install script would have made', async () => {
    const native = unlinkedPackage(join(box.directory, 'package'));
    const names = (): string[] => readdirSync(join(native, 'lib')).filter((name) => lstatSync(join(native, 'lib', name)).isSymbolicLink());
    expect(names()).toEqual([]);
    await Promise.all(Array.from({ length: 5 }, () => prepareBinaries(native, join(box.directory, 'copies'), serverAccount())));
    expect(names()).toContain('libicuuc.so.60');
    expect(existsSync(join(box.directory, 'copies'))).toBe(false);
    seed(box.data);
    await (await openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system, native })).release();
  });

  test.runIf(isRoot)('are copied, whole and once, when they were installed in a directory that only root can enter', async () => {
    const { home } = rootHome();
    const native = unlinkedPackage(join(home, 'package'));
    seed(box.data);
    seed(join(box.directory, 'two'));
    const server = await openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system, native });
    await server.release();
    expect(readdirSync(join(box.system, 'programs'))).toEqual([expect.stringMatching(/^postgres-18\./)]);
    const copied = join(box.system, 'programs', readdirSync(join(box.system, 'programs'))[0] ?? '');
    const made = statSync(copied).ctimeMs;
    await Promise.all([openEmbeddedPostgres({ dataDir: box.data, systemDir: box.system, native }), openEmbeddedPostgres({ dataDir: join(box.directory, 'two'), systemDir: box.system, native })]
      .map(async (opening) => (await opening).release()));
    expect(statSync(copied).ctimeMs).toBe(made);
  });

  test.runIf(isRoot)('are copied beside the database when an ordinary account cannot complete the package', async () => {
    const native = unlinkedPackage(join(box.directory, 'package'));
    mkdirSync(box.data, { mode: 0o700 });
    chownSync(box.data, NOBODY.uid, NOBODY.gid);
    const holder = await startHolder(src, { dataDir: box.data, systemDir: box.system, native }, NOBODY);
    expect(readdirSync(join(box.data, 'postgres', 'programs'))).toHaveLength(1);
    await holder.release();
  });
});
