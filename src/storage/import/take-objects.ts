import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { loosePath, decodeLooseObject } from '../../git/pack/loose-object.js';
import type { Oid } from '../../git/objects/object-source.js';
import { errorCode } from '../../shared/start-refused.js';
import type { PackDirectory } from '../packs/pack-directory.js';
import { textOf } from './git-directory.js';

/** Content of loose objects that is gathered before it becomes a pack, in bytes: memory stays bounded however many there are. */
const LOOSE_BATCH_BYTES = 64 << 20;
/** Loose objects larger than this are refused, as everywhere. */
const MAX_OBJECT_BYTES = 1 << 30;
/** Alternates may have alternates; git follows five levels. */
const MAX_ALTERNATE_DEPTH = 5;

/** Every object directory that makes up a repository: its own, and those it borrows from (`objects/info/alternates`). */
export async function objectDirectories(objects: string, depth = 0): Promise<string[]> {
  const found = [objects];
  const alternates = (await textOf(join(objects, 'info', 'alternates'))) ?? '';
  if (depth >= MAX_ALTERNATE_DEPTH) return found;
  for (const line of alternates.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    found.push(...(await objectDirectories(isAbsolute(line) ? line : resolve(objects, line), depth + 1)));
  }
  return [...new Set(found)];
}

/** Links or copies every pack of an object directory; packs are taken as they are, not re-encoded. */
export async function takePacks(objects: string, into: PackDirectory): Promise<StoredPack[]> {
  const taken: StoredPack[] = [];
  const directory = join(objects, 'pack');
  const names = new Set(await namesIn(directory));
  for (const name of names) {
    if (!name.endsWith('.pack')) continue;
    const index = name.replace(/\.pack$/u, '.idx');
    // A pack without its index is one that git is still writing, or gave up: git does not read it either.
    if (names.has(index)) taken.push(await into.adoptFiles(join(directory, name), join(directory, index)));
  }
  return taken;
}

/** Packs every loose object of an object directory, verified one by one; several packs only where there is much. */
export async function takeLooseObjects(objects: string, into: PackDirectory): Promise<StoredPack[]> {
  const taken: StoredPack[] = [];
  let staged = into.stage();
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const pack = await into.persist(staged);
    if (pack !== null) taken.push(pack);
    staged = into.stage();
    bytes = 0;
  };
  for await (const oid of looseObjects(objects)) {
    const { type, content } = await decodeLooseObject(oid, await readFile(join(objects, loosePath(oid))), MAX_OBJECT_BYTES);
    staged.put(type, content);
    bytes += content.length;
    if (bytes >= LOOSE_BATCH_BYTES) await flush();
  }
  await flush();
  return taken;
}

async function* looseObjects(objects: string): AsyncGenerator<Oid, void, undefined> {
  for (const directory of await namesIn(objects)) {
    if (!/^[0-9a-f]{2}$/u.test(directory)) continue;
    for (const name of await namesIn(join(objects, directory))) if (/^[0-9a-f]{38}$/u.test(name)) yield directory + name;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
