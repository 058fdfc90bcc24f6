import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openApp, restoreBackup, type App } from '../../src/app.js';
import { backupCommand } from '../../src/cli/backup.js';
import { WrongUsage, type Command } from '../../src/cli/command.js';
import { restoreCommand } from '../../src/cli/restore.js';
import { loadConfig, type Config } from '../../src/config.js';
import { takeBackup } from '../../src/storage/backup/take-backup.js';
import { chainHash, EMPTY_HASH } from '../../src/storage/log-row.js';
import { urlTarget } from '../../src/storage/postgres/database-target.js';
import { migrateAsFarAs } from '../../src/storage/postgres/migrate.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { SILENT } from '../support/operations.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';

let gateway: TestGateway;
let room: string;
const databases: TestDatabase[] = [];

beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), 'weir-backup-'));
  gateway = await startGateway({ settings: { WEIR_MIRROR_HOSTS: 'mirror.example' } });
  await gateway.data('mutation { createRepo(input: {name: "kept", files: [{path: "a.txt", text: "a"}]}) { __typename } }');
});
afterAll(async () => {
  await gateway.close();
  for (const database of databases) await database.drop();
  rmSync(room, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

let made = 0;

/** More than the driver holds of one table: what is read of it has to be waited for. */
const LONG = 'Ünless \\N told\totherwise,\n'.repeat(20_000);

/** A path in the room that nothing is at yet. */
function fresh(): string {
  return join(room, `fresh-${++made}`);
}

async function write(text: string): Promise<void> {
  const { createCheckpoint } = await gateway.data(
    'mutation ($text: String!) { createCheckpoint(input: {repo: "kept", branch: "main", message: $text, changes: [{write: {path: "a.txt", text: $text}}]}) { __typename } }',
    { text },
  );
  expect(createCheckpoint.__typename).toBe('CreateCheckpointSuccess');
}

/** Settings for a place of its own, with an empty database. */
async function emptyPlace(): Promise<Config> {
  const database = await createTestDatabase({ empty: true });
  databases.push(database);
  return loadConfig({ DATABASE_URL: database.url, WEIR_DATA: fresh(), WEIR_LOG_LEVEL: 'silent' });
}

/** Settings for a place that no restore may get as far as to connect to. */
function nowhere(): Config {
  return loadConfig({ WEIR_DATA: fresh(), WEIR_SYSTEM_DIR: fresh(), WEIR_LOG_LEVEL: 'silent' });
}

/** Runs a command on the gateway's own data directory and database. */
async function run(command: Command, ...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const { databaseUrl, dataDir } = gateway.app.config;
  vi.stubEnv('DATABASE_URL', databaseUrl);
  vi.stubEnv('WEIR_DATA', dataDir);
  const [out, err]: [string[], string[]] = [[], []];
  const code = await command.run(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The names of the backups of a directory, the newest last. */
function backupsIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^\d{8}T[\d.]+Z$/u.test(name)).sort();
}

function packsIn(directory: string): string[] {
  return readdirSync(join(directory, 'packs')).flatMap((repo) => readdirSync(join(directory, 'packs', repo)).map((file) => join(directory, 'packs', repo, file))).sort();
}

/** Changes a byte in the middle of a file. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

describe('a second backup into the same directory', () => {
  it('copies only packs that are new, and removes older backups than are kept with what only they named', async () => {
    const directory = fresh();
    const first = await gateway.app.backUp(directory, 7);
    await write('second');
    const second = await gateway.app.backUp(directory, 7);
    expect(first.copied.packs).toBe(first.manifest.packs.count);
    expect([second.copied.packs, second.manifest.packs.count]).toEqual([1, first.manifest.packs.count + 1]);
    expect(backupsIn(directory)).toEqual([first.manifest.name, second.manifest.name]);

    const { storage } = gateway.app;
    const repo = await storage.reader().repoByName('kept');
    await storage.upkeep.consolidate(repo?.id ?? 0, { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER });
    const third = await gateway.app.backUp(directory, 1);
    expect(third).toMatchObject({ copied: { packs: 1 }, removed: { backups: 2, packs: second.manifest.packs.count }, manifest: { packs: { count: 1 } } });
    expect(backupsIn(directory)).toEqual([third.manifest.name]);
    expect(packsIn(directory)).toHaveLength(2);
    expect(await run(backupCommand, directory, '--check')).toEqual({ code: 0, out: `${third.manifest.name}: whole, with 1 packs.`, err: '' });
  });

  it('copies a pack again that was lost there', async () => {
    const directory = fresh();
    await gateway.app.backUp(directory, 7);
    const [lost = ''] = packsIn(directory);
    unlinkSync(lost);
    expect((await run(backupCommand, directory, '--check')).code).toBe(1);
    expect((await gateway.app.backUp(directory, 7)).copied.packs).toBe(1);
    expect((await run(backupCommand, directory, '--check')).code).toBe(0);
  });
});

describe('a restored server', () => {
  it('has all rows of a table that is much longer than any buffer on the way', async () => {
    const directory = fresh();
    const source = postgres({ ...urlTarget(gateway.app.config.databaseUrl ?? '').options, max: 1 });
    await source`insert into operation_duration (stream, seq, milliseconds) select 4711, number, number / 3.0 from generate_series(1, 60000) as number`;
    await gateway.app.backUp(directory, 7);
    const config = await emptyPlace();
    await restoreBackup(config, directory, undefined);
    const digest = 'select count(*)::int as rows, md5(string_agg(seq::text || milliseconds::text, $$,$$ order by seq)) as digest from operation_duration where stream = 4711';
    const expected = await source.unsafe(digest);
    await within(config, async (_app, sql) => {
      expect(await sql.unsafe(digest)).toEqual(expected);
    });
    await source`delete from operation_duration where stream = 4711`;
    await source.end({ timeout: 1 });
  });

  it('goes on where the backup stood: numbers, positions, keys, the guards of the log, the secrets of webhooks', async () => {
    const directory = fresh();
    await write('before');
    await gateway.data('mutation ($prompt: String!) { createCheckpoint(input: {repo: "kept", branch: "main", message: "long", prompt: $prompt, changes: [{write: {path: "b.txt", text: "b"}}]}) { __typename } }', { prompt: LONG });
    const { name } = (await gateway.app.backUp(directory, 7)).manifest;
    await write('after');
    await gateway.app.backUp(directory, 7);
    const config = await emptyPlace();
    expect(await restoreBackup(config, directory, name)).toMatchObject({ repos: 1, broken: [], manifest: { name } });
    expect(readFileSync(join(config.dataDir, 'webhook.key'))).toEqual(readFileSync(join(gateway.app.config.dataDir, 'webhook.key')));
    expect(statSync(join(config.dataDir, 'webhook.key')).mode & 0o777).toBe(0o600);
    await within(config, async (app, sql) => {
      const repo = await app.storage.reader().repoByName('kept');
      const main = await app.storage.reader().branchByName(repo?.id ?? 0, 'main');
      const [newest] = await sql`select message from checkpoint order by id desc limit 1`;
      expect(newest).toEqual({ message: 'long' });
      expect(await sql`select text from prompt`).toEqual([{ text: LONG }]);
      expect(await app.storage.reserveRepoId()).toBeGreaterThan(repo?.id ?? Infinity);
      expect(await app.storage.hasNoKeys()).toBe(false);
      expect(await app.storage.verifyLog(repo?.id ?? 0)).toMatchObject({ ok: true });
      await expect(sql`update operation set actor = 'mallory'`).rejects.toThrow('append-only');
      await expect(sql`insert into checkpoint select * from checkpoint limit 1`).rejects.toMatchObject({ code: '23505' });
      const store = app.storage.objects.open(repo?.id ?? 0);
      expect((await store.read(main?.head ?? '')).type).toBe('commit');
      expect(await sql`select 1 from pack_lease union all select 1 from retired_pack`).toEqual([]);
    });
  });

  it('pushes to no mirror until somebody says so, and has its password then', async () => {
    const directory = fresh();
    await gateway.data('mutation { setMirror(input: {repo: "kept", url: "https://mirror.example/kept.git", username: "weir", password: "sealed"}) { __typename } }');
    await gateway.app.backUp(directory, 7);
    const config = await emptyPlace();
    await restoreBackup(config, directory, undefined);
    await within(config, async ({ gateway: { storage, mirrors } }) => {
      const { id = 0 } = (await storage.reader().repoByName('kept')) ?? {};
      expect(await storage.mirrors.take(60_000, 10, [])).toEqual([]);
      expect((await storage.reader().mirror(id))?.state).toBe('SUSPENDED');
      expect(await storage.transaction((tx) => tx.pushMirror(id))).toBe(true);
      const [taken] = await storage.mirrors.take(60_000, 10, []);
      expect([taken?.repoId, mirrors.open(taken?.credentials ?? Buffer.alloc(0))]).toEqual([id, { username: 'weir', password: 'sealed' }]);
    });
  });

  it('is migrated where the backup is of an older release', async () => {
    const { directory, config } = await backupOfOlderRelease();
    await restoreBackup(config, directory, undefined);
    await within(config, async (app, sql) => {
      // What a later migration derives from the rows.
      expect(await sql`select proposal_id::int as id, seq::int as seq from operation_proposal`).toEqual([{ id: 4, seq: 1 }]);
      expect(await app.storage.verifyLog(1)).toEqual({ ok: true, rows: 1 });
    });
  });
});

async function within(config: Config, work: (app: App, sql: ReturnType<typeof clientFor>) => Promise<void>): Promise<void> {
  const database = databases.find(({ url }) => url === config.databaseUrl);
  if (database === undefined) throw new TypeError('no database of this test');
  const app = await openApp(config, { log: SILENT });
  const sql = clientFor(database.connection, 1);
  try {
    await work(app, sql);
  } finally {
    await sql.end({ timeout: 1 });
    await app.close();
  }
}

/** Migrations of the older release: those until deleted repositories, without webhooks and the index of operations by proposal. */
const OLDER = 16;

/** Makes rows as that release had them, and takes their backup. */
async function backupOfOlderRelease(): Promise<{ readonly directory: string; readonly config: Config }> {
  const [source, config, directory] = [await createTestDatabase({ empty: true }), await emptyPlace(), fresh()];
  databases.push(source);
  const opened = { shown: 'an older database', dedicated: () => clientFor(source.connection, 1) };
  const stood = readMigrationFiles({ migrationsFolder: join(import.meta.dirname, '../../drizzle/migrations') }).slice(0, OLDER);
  await migrateAsFarAs(opened, stood.map(({ folderMillis, hash }) => ({ when: folderMillis, hash })));
  const sql = opened.dedicated();
  const payload = Buffer.from(JSON.stringify({ events: [{ proposalId: 4 }], subject: null }));
  const hash = Buffer.from(chainHash(EMPTY_HASH, payload), 'hex');
  await sql`insert into repo (id, name, default_branch, settings, labels) values (1, 'old', 'main', '{}', '[]')`;
  await sql`insert into log_head (stream, seq, hash) values (1, 1, ${hash})`;
  await sql`insert into operation (stream, seq, kind, actor, key_id, at, payload, previous, hash) values (1, 1, 'CREATE_REPO', 'ada', 'k', now(), ${payload}, ${Buffer.from(EMPTY_HASH, 'hex')}, ${hash})`;
  await sql.end({ timeout: 1 });
  const dataDir = fresh();
  const storage = { holdAllPacks: async () => ({ release: async () => undefined }), packsOf: async () => ({ directory: dataDir, names: [] }) };
  await takeBackup({ database: opened, storage, dataDir, objectsDirectory: join(dataDir, 'objects') }, directory, 1);
  return { directory, config };
}

describe('a backup that was interrupted', () => {
  it.each(['backup.database', 'backup.packs', 'backup.manifest'])('at %s is none, and the next one clears it away', async (point) => {
    const directory = fresh();
    await expect(stoppedAt(point, directory)).rejects.toThrow(`stopped at ${point}`);
    expect(readdirSync(directory).some((name) => name.endsWith('.partial'))).toBe(true);
    await expect(restoreBackup(nowhere(), directory, undefined)).rejects.toThrow(`${directory} holds no whole backup. Take one with "weir backup ${directory}".`);
    const { manifest } = await gateway.app.backUp(directory, 7);
    expect(readdirSync(directory).sort()).toEqual([manifest.name, 'packs', 'weir-backups.json']);
    expect((await run(backupCommand, directory, '--check')).code).toBe(0);
  });

  it('after it was published is whole, and only what older ones left is still there', async () => {
    const directory = fresh();
    await expect(stoppedAt('backup.published', directory)).rejects.toThrow('stopped');
    expect((await run(backupCommand, directory, '--check')).out).toMatch(/: whole, with \d+ packs\.$/u);
  });
});

/** Takes a backup by a process that dies at a point. */
async function stoppedAt(point: string, directory: string): Promise<void> {
  const faults = {
    at(reached: string): void {
      if (reached === point) throw new TypeError(`stopped at ${point}`);
    },
  };
  const app = await openApp(gateway.app.config, { log: SILENT, faults });
  try {
    await app.backUp(directory, 7);
  } finally {
    await app.close();
  }
}

describe('a damaged file', () => {
  it('of a backup is named, and nothing is restored', async () => {
    const directory = fresh();
    const { manifest, path } = await gateway.app.backUp(directory, 7);
    const [first = '', second = ''] = packsIn(directory);
    damage(first);
    truncateSync(second, statSync(second).size - 1);
    const config = nowhere();
    const refused = restoreBackup(config, directory, undefined);
    await expect(refused).rejects.toThrow(`${first} is damaged`);
    await expect(refused).rejects.toThrow(`${second} has ${statSync(second).size} bytes instead of ${statSync(second).size + 1}.`);
    expect(existsSync(config.dataDir)).toBe(false);
    const checked = await run(backupCommand, directory, '--check');
    expect(checked).toMatchObject({ code: 1, out: `${manifest.name}: 2 things are wrong.` });
    expect(checked.err).toContain(first);

    damage(join(path, 'tables', 'operation.copy.gz'));
    await expect(restoreBackup(config, directory, undefined)).rejects.toThrow(`${join(path, 'tables', 'operation.copy.gz')} is damaged`);
    writeFileSync(join(path, 'manifest.json'), readFileSync(join(path, 'manifest.json'), 'utf8').replace('"rows": ', '"rows": 1'));
    await expect(restoreBackup(config, directory, undefined)).rejects.toThrow(`${join(path, 'manifest.json')} is damaged`);
    expect(existsSync(config.dataDir)).toBe(false);
  });

  it('of the store is told of, and everything else is backed up', async () => {
    const repo = await gateway.app.storage.reader().repoByName('kept');
    const { directory: objects, names } = await gateway.app.storage.packsOf(repo?.id ?? 0);
    const path = join(objects, `${names[0]}.pack`);
    const whole = readFileSync(path);
    const directory = fresh();
    damage(path);
    const told = await run(backupCommand, directory);
    expect([told.code, told.err]).toEqual([1, `${names[0]} of repository ${repo?.id} is damaged: its checksum is wrong. It is in the backup as it is. "weir doctor" says more.`]);
    expect((await run(backupCommand, directory, '--check')).code).toBe(0);
    unlinkSync(path);
    const other = fresh();
    expect((await run(backupCommand, other)).err).toContain('is missing from the data directory, and so from the backup');
    expect(packsIn(other)).toHaveLength((names.length - 1) * 2);
    writeFileSync(path, whole, { mode: 0o444 });
    expect((await run(backupCommand, fresh())).code).toBe(0);
  });
});

describe('a backup is refused', () => {
  it('into a directory that holds something else, lies in the data directory, or holds the backups of another server', async () => {
    const full = fresh();
    mkdirSync(full);
    writeFileSync(join(full, 'letter.txt'), 'dear');
    await expect(gateway.app.backUp(full, 7)).rejects.toThrow(`${full} is not empty and holds no backups.`);
    const within = join(gateway.app.config.dataDir, 'backups');
    await expect(gateway.app.backUp(within, 7)).rejects.toThrow(`${within} lies in the data directory`);
    const { directory } = await backupOfOlderRelease();
    await expect(gateway.app.backUp(directory, 7)).rejects.toThrow(`${directory} holds the backups of another server.`);
    expect(backupsIn(directory)).toHaveLength(1);
  });

  it('while another one is under way, and with a --keep that keeps nothing', async () => {
    const sql = postgres({ ...urlTarget(gateway.app.config.databaseUrl ?? '').options, max: 1 });
    await sql`select pg_advisory_lock(${0x77656972}, 3)`;
    await expect(gateway.app.backUp(fresh(), 7)).rejects.toThrow('Another backup of this server is under way.');
    await sql.end();
    await expect(run(backupCommand, fresh(), '--keep', '0')).rejects.toThrow(WrongUsage);
    await expect(run(backupCommand, fresh(), '--keep', '2', '--check')).rejects.toThrow(WrongUsage);
  });
});

describe('a restore is refused', () => {
  it('into a data directory or a database that is in use, and of a backup that is not there', async () => {
    const directory = fresh();
    const { manifest } = await gateway.app.backUp(directory, 7);
    const { dataDir, databaseUrl } = gateway.app.config;
    await expect(run(restoreCommand, directory)).rejects.toThrow(`The data directory ${dataDir} is not empty.`);
    const config = loadConfig({ DATABASE_URL: databaseUrl, WEIR_DATA: fresh() });
    await expect(restoreBackup(config, directory, undefined)).rejects.toThrow('is in use: it has tables of Weir.');
    expect(existsSync(config.dataDir)).toBe(false);
    await expect(restoreBackup(nowhere(), directory, '20200101T000000.000Z')).rejects.toThrow(`holds no backup "20200101T000000.000Z". There is: ${manifest.name}.`);
    await expect(restoreBackup(nowhere(), room, undefined)).rejects.toThrow(`${room} holds no backups of Weir`);
  });

  it('where it broke off, by every start until the directory was emptied', async () => {
    const { dataDir } = nowhere();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'restore.unfinished'), 'some\n');
    await expect(openApp(loadConfig({ WEIR_DATA: dataDir }), { log: SILENT })).rejects.toThrow(`A restore into ${dataDir} was not finished.`);
  });
});
