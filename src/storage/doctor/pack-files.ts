import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { pack, repo } from '../../../drizzle/index.js';
import { errorCode } from '../../shared/start-refused.js';
import type { Database } from '../database.js';
import type { PackStores } from '../packs/pack-stores.js';
import { knownPacks } from '../upkeep/pack-rows.js';

/** Where packs are looked for. */
export interface PackPlace {
  readonly database: Database;
  readonly stores: PackStores;
  /** Holds one directory a repository, named by its id. */
  readonly root: string;
  /** Files younger than this in milliseconds may be a writer's, who is about to commit them. */
  readonly strayMs: number;
}

/**
 * Compares the packs of a repository as rows have them with its files: those that are there have the size that they had when they were
 * written, and no other files are left of writers that died. With `repair` the latter go. Packs that are missing are for whoever opens them.
 */
export async function examinePackFiles({ database, stores, root, strayMs }: PackPlace, repoId: number, repair: boolean): Promise<string[]> {
  const found: string[] = [];
  const rows = await database.run((queries) => queries.select({ name: pack.name, bytes: pack.bytes }).from(pack).where(eq(pack.repoId, repoId)));
  for (const { name, bytes } of rows) {
    const size = await sizeOf(join(root, String(repoId), `${name}.pack`));
    if (size !== null && size !== bytes) found.push(`the pack ${name} has ${size} bytes, and its row says ${bytes}`);
  }
  const store = stores.open(repoId);
  const known = (names: readonly string[]): Promise<ReadonlySet<string>> => database.run((queries) => knownPacks(queries, repoId, names));
  const strays = repair ? await store.removeStrays(strayMs, known) : (await store.strays(strayMs, known)).length;
  if (strays > 0) found.push(`${strays} ${strays === 1 ? 'file was' : 'files were'} left behind by writers that died${repair ? '; removed' : ''}`);
  return found;
}

/** Directories of packs of which no repository is known, and which have lain there for longer than any writer needs. With `repair` they go. */
export async function examineDirectories({ database, stores, root, strayMs }: PackPlace, repair: boolean): Promise<string[]> {
  const found: string[] = [];
  const before = Date.now() - strayMs;
  for (const name of await readdir(root)) {
    if (!/^[1-9][0-9]*$/u.test(name)) continue;
    const { ctimeMs } = await stat(join(root, name));
    const rows = await database.run((queries) => queries.select({ id: repo.id }).from(repo).where(eq(repo.id, Number(name))));
    if (rows.length > 0 || ctimeMs > before) continue;
    found.push(`the directory objects/${name} belongs to no repository${repair ? '; removed' : ''}`);
    if (repair) await stores.remove(Number(name));
  }
  return found;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
