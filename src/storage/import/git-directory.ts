import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ImportRefused } from '../../domain/ports/import-source.js';
import { errorCode } from '../../shared/start-refused.js';

/** Where a repository on this machine keeps itself: `directory` has HEAD, `common` references and objects (they differ for worktrees). */
export interface GitDirectory {
  readonly directory: string;
  readonly common: string;
}

/** The text of a small file, or null where there is none. */
export async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR' || errorCode(error) === 'EISDIR') return null;
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * The git directory of a bare repository, a working one, or a linked worktree (gitrepository-layout).
 * Rejects with {@link ImportRefused} when `path` is none of them, or holds what an import cannot bring over whole.
 */
export async function findGitDirectory(path: string): Promise<GitDirectory> {
  for (const candidate of [path, join(path, '.git')]) {
    const link = /^gitdir: (.+?)\n?$/u.exec((await textOf(candidate)) ?? '')?.[1];
    const directory = link === undefined ? candidate : resolve(dirname(candidate), link);
    if ((await textOf(join(directory, 'HEAD'))) === null) continue;
    const commonDirectory = (await textOf(join(directory, 'commondir')))?.trim();
    const common = commonDirectory === undefined ? directory : resolve(directory, commonDirectory);
    if (!(await isDirectory(join(common, 'objects')))) continue;
    await refuseUnsupported(path, common);
    return { directory, common };
  }
  throw new ImportRefused(`${path} is not a git repository or a bundle. Name a bare repository, a working one, or a file made by "git bundle create".`);
}

async function refuseUnsupported(path: string, common: string): Promise<void> {
  if ((await textOf(join(common, 'shallow'))) !== null) {
    throw new ImportRefused(`${path} is a shallow clone, so its history is cut off. Run "git fetch --unshallow" in it first.`);
  }
  const config = (await textOf(join(common, 'config'))) ?? '';
  if (/^\s*objectformat\s*=\s*(?!sha1\b)/imu.test(config)) throw new ImportRefused(`${path} names objects by another hash than SHA-1, which is not supported.`);
  if (/^\s*refstorage\s*=\s*(?!files\b)/imu.test(config)) throw new ImportRefused(`${path} keeps its references in another format than files. Clone it with "git clone --mirror" and import that.`);
  if (/^\s*(?:partialclone\s*=|promisor\s*=\s*true)/imu.test(config)) throw new ImportRefused(`${path} is a partial clone, so objects are missing. Clone it whole and import that.`);
}
