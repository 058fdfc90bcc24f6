import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, StartRefused } from '../../shared/start-refused.js';
import { packPaths } from '../packs/take-pack.js';

/** A repository at one instant: references by full name, and the packs that hold all they reach. */
export interface RepositorySnapshot {
  /** The branch that HEAD is to name. */
  readonly defaultBranch: string;
  readonly references: ReadonlyMap<string, string>;
  /** The directory of the packs, and their names. */
  readonly packDirectory: string;
  readonly packs: readonly string[];
}

/** A bare repository needs no more settings than these (gitrepository-layout). */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

/**
 * Writes the snapshot as a bare repository at `path`, which must not exist or be an empty directory. Packs are hard-linked where
 * that is possible; references come last, by rename, so that an interrupted export is an empty repository, never a broken one.
 * Rejects with {@link StartRefused} when there is something at `path`, or it cannot be written.
 */
export async function writeBareRepository(path: string, snapshot: RepositorySnapshot): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).length > 0) throw new StartRefused(`${path} is not empty; name a directory that does not exist yet.`);
    for (const directory of ['objects/pack', 'objects/info', 'refs/heads', 'refs/tags']) await mkdir(join(path, directory), { recursive: true });
    await writeDurably(join(path, 'config'), CONFIG);
    await writeDurably(join(path, 'HEAD'), `ref: refs/heads/${snapshot.defaultBranch}\n`);
    for (const name of snapshot.packs) {
      const from = packPaths(snapshot.packDirectory, name);
      const to = packPaths(join(path, 'objects', 'pack'), name);
      // The index comes last: git looks for packs by their index.
      await linkOrCopy(from.pack, to.pack);
      await linkOrCopy(from.idx, to.idx);
    }
    const lines = [...snapshot.references].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, oid]) => `${oid} ${name}\n`);
    await writeDurably(join(path, 'packed-refs.new'), `# pack-refs with: sorted \n${lines.join('')}`);
    await rename(join(path, 'packed-refs.new'), join(path, 'packed-refs'));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') throw new StartRefused(`${path} cannot be written by this user.`, { cause: error });
    if (code === 'ENOTDIR' || code === 'EEXIST') throw new StartRefused(`${path} is not a directory.`, { cause: error });
    if (code === 'ENOSPC') throw new StartRefused(`There is no space left for ${path}.`, { cause: error });
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}
