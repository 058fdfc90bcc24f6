import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Sql } from 'postgres';
import { StorageUnavailable } from '../../domain/ports/errors.js';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import type { PostgresStorage } from '../index.js';
import { nodeDurableFiles } from '../packs/durable-files.js';
import type { FaultPoints } from '../packs/write-pack.js';
import type { Database } from '../postgres/connect.js';
import { ADVISORY_LOCKS } from '../postgres/locks.js';
import { SEALING_KEY_FILE } from '../sealing-key.js';
import { beginsWith, copyDatabase, TABLE_DIRECTORY, type DatabasePart } from './copy-tables.js';
import { copyPacks, type CopiedPacks } from './copy-packs.js';
import { backupNames, makeBackups, makePartial, markBackups, newName, PACKS, publish, refusal, removeOld, type BackupDirectory } from './generations.js';
import { copyDurably, writeDurably } from './hashed-files.js';
import { encodeManifest, MANIFEST, type BackupFile, type Manifest } from './manifest.js';
import { readPackList, writePackList, type BackupPack } from './pack-list.js';
import { atOneInstant } from './snapshot.js';

/** What is backed up. */
export interface BackupSource {
  readonly database: Pick<Database, 'dedicated'>;
  readonly storage: Pick<PostgresStorage, 'holdAllPacks' | 'packsOf'>;
  readonly dataDir: string;
  readonly objectsDirectory: string;
  /** Points at which tests stop a backup. */
  readonly faults?: FaultPoints;
}

/** What a backup came to. Sizes in bytes, as they lie on the disk. */
export interface BackupReport {
  readonly manifest: Manifest;
  /** Where the backup is. */
  readonly path: string;
  readonly copied: { readonly packs: number; readonly bytes: number };
  readonly removed: { readonly backups: number; readonly packs: number };
}

/**
 * Takes a backup of a server, beside gateways that go on writing, and removes all but the newest `keep`. First the database at one
 * instant, then the packs that are live in it: objects are durable before the transaction that names them, so whatever the database
 * of the backup leads to is there. Packs that are replaced meanwhile stay until it is over. It becomes a backup by one rename, when all of
 * it is on the disk.
 * @throws StartRefused with a sentence where the directory will not do, or another backup of this server is under way.
 */
export async function takeBackup(source: BackupSource, directory: string, keep: number): Promise<BackupReport> {
  const path = resolve(directory);
  if (!relative(source.dataDir, path).startsWith('..')) throw new StartRefused(`${path} lies in the data directory, with which it would be lost. Name a directory elsewhere, best on another disk.`);
  const lock = await lockBackups(source.database);
  try {
    const backups = await makeBackups(path);
    await refuseForeign(backups, lock.sql);
    const hold = await source.storage.holdAllPacks();
    try {
      return await writeBackup(source, backups, keep, lock);
    } finally {
      await hold.release();
    }
  } catch (error) {
    throw refusal(path, error);
  } finally {
    await lock.sql.end({ timeout: 5 });
  }
}

interface BackupLock {
  readonly sql: Sql;
  /** Throws when it was lost: another backup may have removed what this one has written. */
  assertHeld(): void;
}

async function lockBackups(database: Pick<Database, 'dedicated'>): Promise<BackupLock> {
  let held = true;
  const sql = database.dedicated('backup', () => (held = false));
  const [classId, number] = ADVISORY_LOCKS.backup;
  const [row] = await sql<{ locked: boolean }[]>`select pg_try_advisory_lock(${classId}, ${number}) as locked`;
  if (row?.locked !== true) {
    await sql.end({ timeout: 5 });
    throw new StartRefused('Another backup of this server is under way. Wait for its end.');
  }
  return {
    sql,
    assertHeld() {
      if (!held) throw new StorageUnavailable();
    },
  };
}

/** Numbers of repositories, and of packs, mean something else on another server. */
async function refuseForeign({ path, server }: BackupDirectory, sql: Sql): Promise<void> {
  if (server !== null && !(await beginsWith(sql, server))) throw new StartRefused(`${path} holds the backups of another server. Name a directory of this one's own.`);
}

async function writeBackup(source: BackupSource, backups: BackupDirectory, keep: number, lock: BackupLock): Promise<BackupReport> {
  const { path } = backups;
  const name = newName(new Date());
  const directory = await makePartial(path, name);
  const { database, packs: live, startedAt } = await writeDatabase(source, directory);
  source.faults?.at('backup.database');
  const copied = await copyPacks({
    packs: live,
    from: source.objectsDirectory,
    to: await packDirectory(path),
    there: await packsOfNewest(path),
    isLive: async (repoId, pack) => (await source.storage.packsOf(repoId)).names.includes(pack),
  });
  source.faults?.at('backup.packs');
  const files = await copyDataFiles(source.dataDir, directory);
  const manifest: Manifest = { format: 1, name, startedAt, finishedAt: new Date().toISOString(), ...database, packs: await describePacks(directory, copied), files, damaged: copied.damaged };
  await writeDurably(join(directory, MANIFEST), encodeManifest(manifest));
  source.faults?.at('backup.manifest');
  lock.assertHeld();
  if (backups.server === null && database.server !== null) await markBackups(path, database.server);
  await publish(path, name);
  source.faults?.at('backup.published');
  return { manifest, path: join(path, name), copied: { packs: copied.copied, bytes: copied.copiedBytes }, removed: await removeOld(path, keep) };
}

interface DatabaseAtOneInstant {
  readonly database: DatabasePart;
  /** What was live then. */
  readonly packs: readonly Pick<BackupPack, 'repoId' | 'name'>[];
  readonly startedAt: string;
}

async function writeDatabase({ database }: BackupSource, directory: string): Promise<DatabaseAtOneInstant> {
  const tables = join(directory, TABLE_DIRECTORY);
  await mkdir(tables, { mode: 0o700 });
  const read = await atOneInstant(database, async (sql, startedAt) => ({
    startedAt,
    database: await copyDatabase(sql, directory),
    // A repository that was given up loses its files while its rows still name them; nobody reads it any more.
    packs: await sql.unsafe<{ repoId: number; name: string }[]>(`select repo_id::float8 as "repoId", pack.name from pack join repo on repo.id = pack.repo_id where repo.purged_at is null order by 1, 2`),
  }));
  await nodeDurableFiles.syncDirectory(tables);
  return read;
}

async function packDirectory(path: string): Promise<string> {
  const packs = join(path, PACKS);
  await mkdir(packs, { recursive: true, mode: 0o700 });
  return packs;
}

/** What the newest backup says is there; nothing where it cannot be read, and then all is copied anew. */
async function packsOfNewest(path: string): Promise<BackupPack[]> {
  const newest = (await backupNames(path)).at(-1);
  if (newest === undefined) return [];
  try {
    return await readPackList(join(path, newest));
  } catch (error) {
    if (error instanceof StartRefused) return [];
    throw error;
  }
}

async function describePacks(directory: string, { packs }: CopiedPacks): Promise<Manifest['packs']> {
  const bytes = packs.reduce((sum, { pack, idx }) => sum + pack.bytes + idx.bytes, 0);
  return { file: await writePackList(directory, packs), count: packs.length, bytes };
}

/** Files of the data directory that are neither packs nor the database: the key that seals the secrets of webhooks, where that is not in the environment. */
async function copyDataFiles(dataDir: string, directory: string): Promise<BackupFile[]> {
  try {
    const { bytes, sha256 } = await copyDurably(join(dataDir, SEALING_KEY_FILE), join(directory, SEALING_KEY_FILE));
    return [{ path: SEALING_KEY_FILE, bytes, sha256 }];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
