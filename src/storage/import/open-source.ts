import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportRefused, type ImportSource, type TakenObjects } from '../../domain/ports/import-source.js';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { readBundleHeader } from '../../git/pack/bundle.js';
import { TailAccess } from '../../git/pack/random-access.js';
import { errorCode } from '../../shared/start-refused.js';
import { FileHandles } from '../packs/file-handles.js';
import { openPackDirectory, type PackDirectory } from '../packs/pack-directory.js';
import type { FaultPoints } from '../packs/write-pack.js';
import { findGitDirectory } from './git-directory.js';
import { headBranch, readReferences, withPrefix } from './references.js';
import { objectDirectories, takeLooseObjects, takePacks } from './take-objects.js';

/** Where repositories' packs lie, and how large an imported pack may be, in bytes. */
export interface ImportPlace {
  readonly objectsDirectory: string;
  readonly maxPackBytes: number;
  /** Points at which crash tests stop the process. */
  readonly faults?: FaultPoints;
}

/** A bundle needs one descriptor, and its copy another. */
const OPEN_FILES = 8;

/**
 * Opens what stands at `path`, a file made by `git bundle`, a bare repository or a working one, to be imported.
 * Rejects with {@link ImportRefused} when it is none of them, or cannot be brought over whole.
 */
export async function openImportSource(path: string, place: ImportPlace): Promise<ImportSource> {
  let isFile: boolean;
  try {
    isFile = (await stat(path)).isFile();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ImportRefused(`There is nothing at ${path}.`);
    if (code === 'EACCES') throw new ImportRefused(`${path} cannot be read by this user.`);
    throw error;
  }
  return isFile ? bundleSource(path, place) : repositorySource(path, place);
}

async function repositorySource(path: string, place: ImportPlace): Promise<ImportSource> {
  const git = await findGitDirectory(path);
  const references = await readReferences(git);
  const head = await headBranch(git);
  return {
    shown: path,
    headBranch: head !== null && references.has(`refs/heads/${head}`) ? head : null,
    branches: withPrefix(references, 'refs/heads/'),
    tags: withPrefix(references, 'refs/tags/'),
    async take(repoId) {
      return taking(place, repoId, async (into) => {
        const packs: StoredPack[] = [];
        for (const objects of await objectDirectories(join(git.common, 'objects'))) {
          packs.push(...(await takePacks(objects, into)), ...(await takeLooseObjects(objects, into)));
        }
        return packs;
      });
    },
  };
}

async function bundleSource(path: string, place: ImportPlace): Promise<ImportSource> {
  const handles = new FileHandles(OPEN_FILES);
  const file = handles.access(path);
  const header = readBundleHeader(file);
  if (header.prerequisites.length > 0) {
    file.close();
    throw new ImportRefused(`${path} needs ${header.prerequisites.length} commits that are not in it. Make a whole bundle with "git bundle create FILE --all".`);
  }
  const references = header.references.map(({ name, oid }) => [name, oid] as const);
  const head = references.find(([name]) => name === 'HEAD')?.[1];
  const branches = withPrefix(references, 'refs/heads/');
  return {
    shown: path,
    // A bundle does not say which branch HEAD named: one of those at the same commit, the usual names first.
    headBranch: ['main', 'master', ...branches.map(({ name }) => name)].find((name) => branches.some((branch) => branch.name === name && (head === undefined || branch.oid === head))) ?? null,
    branches,
    tags: withPrefix(references, 'refs/tags/'),
    async take(repoId) {
      const pack = new TailAccess(file, header.packOffset);
      if (pack.size > place.maxPackBytes) throw new ImportRefused(`The pack of ${path} has ${pack.size} bytes, of ${place.maxPackBytes} that are allowed (WEIR_MAX_PUSH, and for imports from an address WEIR_MAX_REPO_SIZE).`);
      return taking(place, repoId, async (into) => [await into.importPack(pack)]).finally(() => file.close());
    },
  };
}

async function taking(place: ImportPlace, repoId: number, take: (into: PackDirectory) => Promise<StoredPack[]>): Promise<TakenObjects> {
  const { faults } = place;
  const directory = join(place.objectsDirectory, String(repoId));
  const packs = await take(openPackDirectory({ directory, livePacks: async () => [], ...(faults === undefined ? {} : { faults }) }));
  const unique = [...new Map(packs.map((pack) => [pack.name, pack])).values()];
  return { packs: unique, objects: openPackDirectory({ directory, livePacks: async () => unique.map(({ name }) => name) }) };
}
