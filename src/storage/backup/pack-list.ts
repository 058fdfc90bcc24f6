import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { StartRefused } from '../../shared/start-refused.js';
import { PACK_NAME } from '../packs/write-pack.js';
import { writeDurably, type FileDigest } from './hashed-files.js';
import type { BackupFile } from './manifest.js';

/** A pack of a repository with its index, as both were read when they were copied. */
export interface BackupPack {
  readonly repoId: number;
  readonly name: string;
  readonly pack: FileDigest;
  readonly idx: FileDigest;
}

/** The file of a backup that lists its packs: a line each, apart from the manifest because there may be a million. */
export const PACK_LIST = 'packs.txt.gz';

/** Where the two files of a pack lie in a backup directory, which all its backups share, and likewise beneath a directory of objects. */
export function packFiles(root: string, { repoId, name }: Pick<BackupPack, 'repoId' | 'name'>): { readonly pack: string; readonly idx: string } {
  const path = join(root, String(repoId), name);
  return { pack: `${path}.pack`, idx: `${path}.idx` };
}

/** Writes the list into the directory of one backup. */
export async function writePackList(directory: string, packs: readonly BackupPack[]): Promise<BackupFile> {
  const lines = packs.map(({ repoId, name, pack, idx }) => `${repoId} ${name} ${pack.bytes} ${pack.sha256} ${idx.bytes} ${idx.sha256}\n`);
  const content = await promisify(gzip)(Buffer.from(lines.join('')), { level: 1 });
  return { path: PACK_LIST, ...(await writeDurably(join(directory, PACK_LIST), content)) };
}

/** Reads the list of one backup. @throws StartRefused for a list that is damaged. */
export async function readPackList(directory: string): Promise<BackupPack[]> {
  const path = join(directory, PACK_LIST);
  try {
    const text = (await promisify(gunzip)(await readFile(path))).toString('latin1');
    return text.split('\n').filter((line) => line !== '').map(packOf);
  } catch (cause) {
    throw new StartRefused(`${path} is damaged or cannot be read. Name another backup with --at.`, { cause });
  }
}

function packOf(line: string): BackupPack {
  const [repoId = '', name = '', packBytes, packHash = '', idxBytes, idxHash = ''] = line.split(' ');
  // A name becomes part of a path.
  if (!/^\d+$/u.test(repoId) || !PACK_NAME.test(name)) throw new TypeError(`${JSON.stringify(line)} names no pack`);
  return { repoId: Number(repoId), name, pack: { bytes: Number(packBytes), sha256: packHash }, idx: { bytes: Number(idxBytes), sha256: idxHash } };
}
