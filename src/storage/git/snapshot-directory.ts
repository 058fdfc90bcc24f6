import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Oid } from '../../git/objects/object-source.js';
import { errorCode } from '../../shared/start-refused.js';
import type { HeldPacks } from '../index.js';
import { packPaths } from '../packs/take-pack.js';

/**
 * What git is told, in the directory's own file because it starts programs that read it there. Whoever asks for objects by id was checked
 * before; one thread and small windows keep a run within about 200 MB however large a pack is.
 */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
\thooksPath = /dev/null
\tbigFileThreshold = 16m
\tpackedGitWindowSize = 16m
\tpackedGitLimit = 128m
\tdeltaBaseCacheLimit = 32m
[pack]
\tthreads = 1
\twindowMemory = 64m
\twriteBitmapHashCache = false
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
\tkeepAlive = 5
[gc]
\tauto = 0
[transfer]
\tadvertiseSID = false
`;

/** Directories of runs whose gateway died are removed after this: no run takes as long. */
const FORGOTTEN_MS = 24 * 3600 * 1000;

/** Makes a git directory below `parent` that reads these packs and knows these references; answers its path. The packs must stay as long as it does. */
export async function makeSnapshotDirectory(parent: string, packs: HeldPacks, references: ReadonlyMap<string, Oid>): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const path = await mkdtemp(join(parent, 'run-'));
  try {
    for (const directory of ['objects/pack', 'objects/info', 'refs']) await mkdir(join(path, directory), { recursive: true });
    await Promise.all(packs.names.map((name) => linkPack(path, packs.directory, name)));
    const lines = [...references].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, oid]) => `${oid} ${name}\n`);
    await writeFile(join(path, 'packed-refs'), `# pack-refs with: sorted \n${lines.join('')}`);
    await writeFile(join(path, 'config'), CONFIG);
    // HEAD says that this is a repository, and names a branch that cannot exist.
    await writeFile(join(path, 'HEAD'), 'ref: refs/heads/.none\n');
    return path;
  } catch (error) {
    await removeSnapshotDirectory(path);
    throw error;
  }
}

async function linkPack(path: string, directory: string, name: string): Promise<void> {
  const from = packPaths(directory, name);
  const to = packPaths(join(path, 'objects', 'pack'), name);
  await symlink(from.pack, to.pack);
  await symlink(from.idx, to.idx);
}

/** Removes one. Never rejects: what cannot be removed now is swept later. */
export async function removeSnapshotDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** Removes what gateways that died left below `parent`. Never rejects. */
export async function sweepSnapshotDirectories(parent: string, now: number): Promise<void> {
  try {
    for (const name of await readdir(parent)) {
      const path = join(parent, name);
      if (name.startsWith('run-') && (await stat(path)).mtimeMs < now - FORGOTTEN_MS) await removeSnapshotDirectory(path);
    }
  } catch (error) {
    // Another gateway sweeps as well, or nothing ever ran here.
    if (errorCode(error) !== 'ENOENT') return;
  }
}
