import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { Database as Queryable } from '../database.js';
import { verifyChain } from '../log.js';
import { nodeDurableFiles } from '../packs/durable-files.js';
import type { Database } from '../postgres/connect.js';
import { refuseUnknown } from '../postgres/migrate.js';
import { checkFile, checkOwnFiles } from './check-backup.js';
import { chooseBackup, openBackups, PACKS, refusal } from './generations.js';
import { copyDurably, writeDurably } from './hashed-files.js';
import { loadDatabase, refuseUsed } from './load-database.js';
import type { Manifest } from './manifest.js';
import { packFiles, readPackList, type BackupPack } from './pack-list.js';

/** Where a backup is restored to. */
export interface RestoreTarget {
  readonly dataDir: string;
  readonly objectsDirectory: string;
  /** Whether the database is one that somebody else runs; a private one is made in the data directory by {@link connect}. */
  readonly ownDatabase: boolean;
  /** Opens the database; closed by the restore. */
  connect(): Promise<Database>;
}

/** What was restored; `broken` has a sentence for each stream of the log whose chain does not hold, and for each pack that rows name and the backup lacks. */
export interface RestoreReport {
  readonly manifest: Manifest;
  readonly repos: number;
  readonly operations: number;
  readonly broken: readonly string[];
}

/** Tells every start that a data directory holds half of a backup. */
const UNFINISHED = 'restore.unfinished';
/** Faults that one refusal names. */
const FAULTS_NAMED = 10;

/** @throws StartRefused when a restore into this data directory was broken off: what is there would look like lost repositories. */
export function refuseUnfinishedRestore(dataDir: string): void {
  if (existsSync(join(dataDir, UNFINISHED))) throw new StartRefused(`A restore into ${dataDir} was not finished. Empty that directory (and the database of DATABASE_URL, where one is named), and run "weir restore" again.`);
}

/**
 * Restores a backup, the newest or that `name`, into a data directory and a database that are both empty: packs first, each hashed
 * while it is copied, then the rows, then what this release changed since. Verifies the hash chains of the log at the end.
 * @throws StartRefused with nothing written where the target is in use, a file of the backup is not what was written (all such are
 * named), or the backup is of a newer release.
 */
export async function restoreBackup(target: RestoreTarget, from: string, name: string | undefined): Promise<RestoreReport> {
  const path = resolve(from);
  const { path: backups } = await openBackups(path);
  const { directory, manifest } = await chooseBackup(backups, name);
  refuseUnknown(manifest.migrations);
  await refuseFull(target.dataDir);
  const early = target.ownDatabase ? null : await target.connect();
  try {
    if (early !== null) await refuseUsed(early);
    const packs = await restoreFiles(target, backups, directory, manifest);
    const database = early ?? (await target.connect());
    try {
      await refuseUsed(database);
      await loadDatabase(database, directory, manifest);
      // What was pushed since the backup may be nowhere else by now.
      await database.sql`update mirror set suspended = true`;
      const report = await verify(database, manifest, packs);
      await rm(join(target.dataDir, UNFINISHED));
      await nodeDurableFiles.syncDirectory(target.dataDir);
      return report;
    } finally {
      await database.close();
    }
  } catch (error) {
    throw refusal(target.dataDir, error);
  } finally {
    await early?.close();
  }
}

async function refuseFull(dataDir: string): Promise<void> {
  let there: string[];
  try {
    there = await readdir(dataDir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw refusal(dataDir, error);
  }
  // Some file systems have it at their root.
  if (there.some((entry) => entry !== 'lost+found')) throw new StartRefused(`The data directory ${dataDir} is not empty. Name one that is, or does not exist yet, with WEIR_DATA.`);
}

/** Copies packs and other files. Where one of them is not what was written, nothing of all that stays. */
async function restoreFiles({ dataDir, objectsDirectory }: RestoreTarget, backups: string, directory: string, manifest: Manifest): Promise<readonly BackupPack[]> {
  const made = !existsSync(dataDir);
  const faults = await checkOwnFiles(directory, manifest);
  refuseFaults(faults);
  const packs = await readPackList(directory);
  await mkdir(dataDir, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
  await writeDurably(join(dataDir, UNFINISHED), `${manifest.name}\n`);
  await mkdir(objectsDirectory, { mode: 0o700 });
  for (const pack of packs) faults.push(...(await restorePack(join(backups, PACKS), objectsDirectory, pack)));
  if (faults.length > 0) {
    for (const entry of [objectsDirectory, join(dataDir, UNFINISHED), ...(made ? [dataDir] : [])]) await rm(entry, { recursive: true });
    refuseFaults(faults);
  }
  for (const repoId of new Set(packs.map((pack) => pack.repoId))) await nodeDurableFiles.syncDirectory(join(objectsDirectory, String(repoId)));
  await nodeDurableFiles.syncDirectory(objectsDirectory);
  for (const file of manifest.files) await writeDurably(join(dataDir, file.path), await readFile(join(directory, file.path)));
  await nodeDurableFiles.syncDirectory(dataDir);
  return packs;
}

async function restorePack(from: string, to: string, pack: BackupPack): Promise<string[]> {
  await mkdir(join(to, String(pack.repoId)), { recursive: true });
  const [source, target] = [packFiles(from, pack), packFiles(to, pack)];
  const faults = [
    await checkFile(source.pack, pack.pack, () => copyDurably(source.pack, target.pack)),
    await checkFile(source.idx, pack.idx, () => copyDurably(source.idx, target.idx)),
  ];
  return faults.filter((fault) => fault !== null);
}

function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const more = faults.length > FAULTS_NAMED ? ` (and ${faults.length - FAULTS_NAMED} more)` : '';
  throw new StartRefused(`The backup is damaged, and nothing was restored. ${faults.slice(0, FAULTS_NAMED).join(' ')}${more} Restore an older one with --at, or take those files from another copy of it.`);
}

async function verify(database: Database, manifest: Manifest, packs: readonly BackupPack[]): Promise<RestoreReport> {
  const store = new Queryable(database, { reads: 1, transactions: 1 });
  try {
    const streams = await database.sql<{ stream: number }[]>`select stream::float8 as stream from log_head order by stream`;
    const broken = await lackingPacks(database, packs);
    let operations = 0;
    for (const { stream } of streams) {
      const verdict = await store.run((queries) => verifyChain(queries, stream));
      if (verdict.ok) operations += verdict.rows;
      else broken.push(`Stream ${stream} of the log is broken at operation ${verdict.seq} (${verdict.reason}): it was so when the backup was taken.`);
    }
    const [repos] = await database.sql<{ count: number }[]>`select count(*)::int as count from repo where deleted_at is null`;
    return { manifest, repos: repos?.count ?? 0, operations, broken };
  } finally {
    await store.close();
  }
}

/** The packs that rows name and that were not restored: those that the store had lost already. A repository that was given up needs none. */
async function lackingPacks({ sql }: Database, packs: readonly BackupPack[]): Promise<string[]> {
  const restored = new Set(packs.map(({ repoId, name }) => `${repoId}/${name}`));
  const rows = await sql<{ repo: string; name: string }[]>`select repo_id::text as repo, pack.name from pack join repo on repo.id = pack.repo_id where repo.purged_at is null order by 1, 2`;
  return rows.filter(({ repo, name }) => !restored.has(`${repo}/${name}`)).map(({ repo, name }) => `${name} of repository ${repo} is not in the backup.`);
}
