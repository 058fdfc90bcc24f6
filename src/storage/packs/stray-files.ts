import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GitDataError } from '../../git/objects/errors.js';
import type { Oid } from '../../git/objects/object-source.js';
import { PackIndex } from '../../git/pack/pack-index.js';
import { systemCode } from './file-handles.js';
import { packPaths } from './take-pack.js';

const PACK_FILE = /^(pack-[0-9a-f]{40})\.(?:pack|idx)$/u;
const TEMPORARY_FILE = /^tmp_(?:pack|idx)_[0-9a-f]+$/u;

/** Removes the files of a pack that is not live (any more): the index first, by which git finds packs. Absent ones are no fault. */
export async function removePackFiles(directory: string, name: string): Promise<void> {
  const { pack, idx } = packPaths(directory, name);
  await rm(idx, { force: true });
  await rm(pack, { force: true });
}

/**
 * What crashes have left in a directory of packs: temporary files, and packs that `known` does not name. Only files
 * that got their name more than `ageMs` ago: a writer, also one of another gateway, may be between the rename and its commit. A hard
 * link keeps its old time of change, so the time that counts is that of the last change of the inode (`ctime`).
 * Answers the names of the files. An absent directory has none.
 */
export async function straysIn(directory: string, ageMs: number, known: (names: readonly string[]) => Promise<ReadonlySet<string>>): Promise<string[]> {
  const old = await oldFiles(directory, Date.now() - ageMs);
  const names = new Set(old.flatMap((file) => PACK_FILE.exec(file)?.[1] ?? []));
  // Asked after the files were looked at: what is old and not known by now will never be.
  const kept = await known([...names]);
  return old.filter((file) => {
    const name = PACK_FILE.exec(file)?.[1];
    return name === undefined ? TEMPORARY_FILE.test(file) : !kept.has(name);
  });
}

/** Removes what {@link straysIn} answers; answers how many files went. */
export async function removeStrays(directory: string, ageMs: number, known: (names: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number> {
  const strays = await straysIn(directory, ageMs, known);
  for (const file of strays) await rm(join(directory, file), { force: true });
  return strays.length;
}

/** A temporary file is still written, or indexed, for so many times as long as a finished pack waits for its commit. */
const TEMPORARY_FACTOR = 5;

/**
 * Removes packs that `known` does not name and whose index lists one of these objects, when they got their names more than `ageMs` ago,
 * and temporary files, which tell nothing of what is in them, when they are five times as old. Answers how many younger ones of both
 * there are: one of those may be a writer's, who is about to commit it.
 */
export async function removeStraysHolding(directory: string, oids: readonly Oid[], ageMs: number, known: (names: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number> {
  const everything = await oldFiles(directory, Number.POSITIVE_INFINITY);
  const names = [...new Set(everything.flatMap((file) => PACK_FILE.exec(file)?.[1] ?? []))];
  const old = new Set(await oldFiles(directory, Date.now() - ageMs));
  const kept = await known(names);
  const temporary = everything.filter((file) => TEMPORARY_FILE.test(file));
  const left = new Set(await oldFiles(directory, Date.now() - ageMs * TEMPORARY_FACTOR));
  let young = 0;
  for (const file of temporary) {
    if (left.has(file)) await rm(join(directory, file), { force: true });
    else young++;
  }
  for (const name of names) {
    if (kept.has(name) || !(await mayHold(directory, name, oids))) continue;
    if (old.has(`${name}.pack`) || old.has(`${name}.idx`)) await removePackFiles(directory, name);
    else young++;
  }
  return young;
}

/** A pack without an index, or with one that cannot be read, may hold anything. */
async function mayHold(directory: string, name: string, oids: readonly Oid[]): Promise<boolean> {
  try {
    const index = await PackIndex.open(await readFile(packPaths(directory, name).idx));
    return oids.some((oid) => index.positionOf(oid) >= 0);
  } catch (fault) {
    if (systemCode(fault) !== 'ENOENT' && !(fault instanceof GitDataError)) throw fault;
    return true;
  }
}

async function oldFiles(directory: string, before: number): Promise<string[]> {
  const old: string[] = [];
  for (const file of await namesIn(directory)) {
    if (!PACK_FILE.test(file) && !TEMPORARY_FILE.test(file)) continue;
    try {
      const { ctimeMs, mtimeMs } = await stat(join(directory, file));
      if (Math.max(ctimeMs, mtimeMs) < before) old.push(file);
    } catch (fault) {
      if (systemCode(fault) !== 'ENOENT') throw fault;
    }
  }
  return old;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (fault) {
    if (systemCode(fault) === 'ENOENT') return [];
    throw fault;
  }
}
