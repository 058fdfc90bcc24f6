import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, StartRefused } from '../../shared/start-refused.js';
import { nodeDurableFiles } from '../packs/durable-files.js';
import { writeDurably } from './hashed-files.js';
import { isLogBeginning, readManifest, type LogBeginning, type Manifest } from './manifest.js';
import { packFiles, readPackList } from './pack-list.js';

/** Says that a directory holds backups, and of which server. */
const MARKER = 'weir-backups.json';
/** Beneath a backup directory: the packs of all its backups, a directory a repository. */
export const PACKS = 'packs';
/** The ending of the directory of a backup that is not whole: being written, interrupted, or being removed. */
const PARTIAL = '.partial';
/** What {@link newName} makes. */
const NAME = /^\d{8}T\d{6}\.\d{3}Z$/u;

/** A directory of backups that was found to be one. */
export interface BackupDirectory {
  readonly path: string;
  /** Null while nothing has ever happened on the server whose backups these are. */
  readonly server: LogBeginning | null;
}

/** A name for a backup that is taken now: the time in UTC, so that names sort by age. */
export function newName(now: Date): string {
  return now.toISOString().replaceAll(/[-:]/gu, '');
}

/** Opens a directory of backups. @throws StartRefused when it is none. */
export async function openBackups(path: string): Promise<BackupDirectory> {
  let text: string;
  try {
    text = await readFile(join(path, MARKER), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') throw new StartRefused(`${path} holds no backups of Weir (it has no ${MARKER}). Name the directory that was given to "weir backup".`, { cause: error });
    throw refusal(path, error);
  }
  return { path, server: serverIn(text) };
}

/** The same for whoever takes a backup: makes it where it is absent or empty. @throws StartRefused when there is something else, or it cannot be written. */
export async function makeBackups(path: string): Promise<BackupDirectory> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const there = await readdir(path);
    if (there.includes(MARKER)) return await openBackups(path);
    if (there.some((name) => !name.endsWith(PARTIAL))) throw new StartRefused(`${path} is not empty and holds no backups. Name a directory that is empty or does not exist yet.`);
    await markBackups(path, null);
    return { path, server: null };
  } catch (error) {
    throw refusal(path, error);
  }
}

/** Notes of which server a directory holds the backups. */
export async function markBackups(path: string, server: LogBeginning | null): Promise<void> {
  const draft = join(path, `${MARKER}${PARTIAL}`);
  await rm(draft, { force: true });
  await writeDurably(draft, `${JSON.stringify({ format: 1, server })}\n`);
  await rename(draft, join(path, MARKER));
  await nodeDurableFiles.syncDirectory(path);
}

/** The names of the whole backups, the newest last. */
export async function backupNames(path: string): Promise<string[]> {
  return (await readdir(path)).filter((name) => NAME.test(name)).sort();
}

/** Makes the directory in which a backup is written, which is not one before {@link publish}. */
export async function makePartial(path: string, name: string): Promise<string> {
  const directory = join(path, `${name}${PARTIAL}`);
  await mkdir(directory, { mode: 0o700 });
  return directory;
}

/** Makes a backup, all of which is on the disk, one by its name. */
export async function publish(path: string, name: string): Promise<void> {
  await rename(join(path, `${name}${PARTIAL}`), join(path, name));
  await nodeDurableFiles.syncDirectory(path);
}

/**
 * Removes all backups but the newest `keep`, what interrupted ones have left, and the packs that none of those kept names. A backup stops
 * to be one before the first of its files goes. Answers how many backups and packs went. Throws StartRefused, and removes no pack, when
 * one that is kept cannot be read.
 */
export async function removeOld(path: string, keep: number): Promise<{ readonly backups: number; readonly packs: number }> {
  const names = await backupNames(path);
  const old = names.slice(0, Math.max(0, names.length - keep));
  for (const name of old) await rename(join(path, name), join(path, `${name}${PARTIAL}`));
  await nodeDurableFiles.syncDirectory(path);
  for (const entry of await readdir(path)) if (entry.endsWith(PARTIAL)) await rm(join(path, entry), { recursive: true, force: true });
  const named = new Set<string>();
  for (const name of names.slice(old.length)) {
    for (const pack of await readPackList(join(path, name))) for (const file of Object.values(packFiles('', pack))) named.add(file);
  }
  let files = 0;
  for (const repo of await readdir(join(path, PACKS))) {
    const directory = join(path, PACKS, repo);
    const there = await readdir(directory);
    const unnamed = there.filter((file) => !named.has(join(repo, file)));
    for (const file of unnamed) await rm(join(directory, file), { force: true });
    if (unnamed.length === there.length) await rm(directory, { recursive: true });
    files += unnamed.filter((file) => file.endsWith('.pack')).length;
  }
  return { backups: old.length, packs: files };
}

/** The backup that is meant: the newest, or the one of that name. @throws StartRefused when there is none, or its manifest is damaged. */
export async function chooseBackup(path: string, name: string | undefined): Promise<{ readonly directory: string; readonly manifest: Manifest }> {
  const names = await backupNames(path);
  const chosen = name ?? names.at(-1);
  if (chosen === undefined) throw new StartRefused(`${path} holds no whole backup. Take one with "weir backup ${path}".`);
  if (!names.includes(chosen)) throw new StartRefused(`${path} holds no backup ${JSON.stringify(chosen)}. There ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ') || 'none'}.`);
  const directory = join(path, chosen);
  return { directory, manifest: await readManifest(directory) };
}

function serverIn(text: string): LogBeginning | null {
  const parsed: unknown = JSON.parse(text);
  const server = typeof parsed === 'object' && parsed !== null && 'server' in parsed ? parsed.server : null;
  return isLogBeginning(server) ? { stream: server.stream, hash: server.hash } : null;
}

/** What the file system refuses, in words; it happened in `directory` unless the error says where. Other errors are answered as they are. */
export function refusal(directory: string, error: unknown): unknown {
  const code = errorCode(error) ?? '';
  const path = error instanceof Error && 'path' in error ? String(error.path) : directory;
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return new StartRefused(`${path} cannot be used by this user (${code}). Give it the right to, or name another directory.`, { cause: error });
  if (code === 'ENOTDIR' || code === 'EEXIST') return new StartRefused(`${path} is not a directory. Name one.`, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT') return new StartRefused(`There is no room left for ${path} (${code}). Make some, and run the command again.`, { cause: error });
  return error;
}
