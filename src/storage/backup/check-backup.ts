import { join } from 'node:path';
import { errorCode, StartRefused } from '../../shared/start-refused.js';
import { backupNames, chooseBackup, openBackups, PACKS } from './generations.js';
import { digestFile, type FileDigest } from './hashed-files.js';
import type { BackupFile, Manifest } from './manifest.js';
import { packFiles, readPackList } from './pack-list.js';

/** Why what was read of a file is not what was written, in words; null when it is. */
function faultOf(written: FileDigest, read: FileDigest): string | null {
  if (read.bytes !== written.bytes) return `has ${read.bytes} bytes instead of ${written.bytes}`;
  return read.sha256 === written.sha256 ? null : 'is damaged: it does not have the digest that it was written with';
}

/** Reads a file, and answers a sentence when it is not what was written, or cannot be read. */
export async function checkFile(path: string, written: FileDigest, read: () => Promise<FileDigest> = () => digestFile(path)): Promise<string | null> {
  try {
    const fault = faultOf(written, await read());
    return fault === null ? null : `${path} ${fault}.`;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return `${path} is missing.`;
    if (code === 'EIO' || code === 'EACCES') return `${path} cannot be read (${code}).`;
    throw error;
  }
}

/** Reads every file of one backup but its packs; answers a sentence for each that is not what was written. */
export async function checkOwnFiles(directory: string, manifest: Manifest): Promise<string[]> {
  const files: readonly BackupFile[] = [...manifest.tables.map(({ file }) => file), manifest.packs.file, ...manifest.files];
  const faults: string[] = [];
  for (const file of files) {
    const fault = await checkFile(join(directory, file.path), file);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

/**
 * Reads every file that a backup of the directory `path` is made of, and answers a sentence for each that is not what was written.
 * Files that several backups share are read once: `known` has what was found of them, and gets what is found now.
 */
async function checkBackup(path: string, directory: string, manifest: Manifest, known: Map<string, string | null>): Promise<string[]> {
  const faults = await checkOwnFiles(directory, manifest);
  if (faults.some((fault) => fault.startsWith(join(directory, manifest.packs.file.path)))) return faults;
  for (const pack of await readPackList(directory)) {
    const files = packFiles(join(path, PACKS), pack);
    for (const kind of ['pack', 'idx'] as const) {
      const file = files[kind];
      const fault = known.has(file) ? (known.get(file) ?? null) : await checkFile(file, pack[kind]);
      known.set(file, fault);
      if (fault !== null) faults.push(fault);
    }
  }
  return faults;
}

/** What was found of one backup. */
export interface CheckedBackup {
  readonly name: string;
  readonly packs: number;
  readonly faults: readonly string[];
}

/** Checks every backup of a directory, the oldest first. @throws StartRefused when it holds none. */
export async function* checkBackups(path: string): AsyncGenerator<CheckedBackup, void, undefined> {
  await openBackups(path);
  const names = await backupNames(path);
  if (names.length === 0) throw new StartRefused(`${path} holds no whole backup. Take one with "weir backup ${path}".`);
  const known = new Map<string, string | null>();
  for (const name of names) {
    try {
      const { directory, manifest } = await chooseBackup(path, name);
      yield { name, packs: manifest.packs.count, faults: await checkBackup(path, directory, manifest, known) };
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error;
      yield { name, packs: 0, faults: [error.message] };
    }
  }
}
