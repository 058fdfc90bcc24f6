import { eq, sql } from 'drizzle-orm';
import { logHead } from '../../../drizzle/index.js';
import type { PackFile } from '../../git/pack/pack-file.js';
import { PackInvalid } from '../../git/objects/errors.js';
import { lockHead } from '../log.js';
import type { Queries } from '../sending.js';
import { copyWhole } from './copy-reachable.js';
import { distinctObjects } from './distinct.js';
import { PacksMoved, swapPacks } from './pack-rows.js';
import { Reachable } from './reachable.js';
import { replacing, type Workplace } from './replace-packs.js';
import { leasedBlobs, readRoots } from './roots.js';

/** What a collection found and did. */
export interface Collection {
  /** Objects that nothing leads to, and that are in no live pack any more. */
  readonly collected: number;
  /** Packs that were replaced, by one or by none. */
  readonly replaced: number;
  /** Packs with garbage that stayed: meanwhile an operation began to use some of it, or another gateway replaced them. */
  readonly kept: number;
}

const NOTHING: Collection = { collected: 0, replaced: 0, kept: 0 };

/** A pack with garbage, and how many of its objects could be reached when the rest was copied. */
interface Victim {
  readonly name: string;
  readonly file: PackFile;
  readonly reached: number;
}

/**
 * Removes what nothing leads to from a repository: marks everything that {@link readRoots} reaches, copies what was marked out of the
 * packs that hold anything else, and swaps the rows in one transaction that also moves the epoch on.
 *
 * Writers go on meanwhile. One that committed before that transaction has its objects marked in it, under the lock of the log's
 * head: a pack in which that marks anything new stays live. One that commits after it and began before meets the new epoch,
 * is refused with EpochMoved, and writes again what it had found there already.
 *
 * Rejects with ObjectMissing or ObjectCorrupt, having changed nothing, when the repository is damaged: what lies behind the damage
 * would be taken for garbage.
 */
export async function collectGarbage(place: Workplace): Promise<Collection> {
  const { repoId, database, store, signal } = place;
  const open = await store.openPacks();
  const [unreadable] = store.unreadable;
  if (unreadable !== undefined) throw new PackInvalid(`${unreadable[0]} cannot be read`, { cause: unreadable[1] });
  const reachable = new Reachable(store, [...open.values()]);
  const catchUp = async (queries: Queries): Promise<number> => {
    const { seq, oids } = await readRoots(queries, repoId);
    await reachable.markFrom(oids, signal);
    return seq;
  };
  await database.run(catchUp);

  const victims = victimsAmong(open, reachable);
  if (victims.length === 0) return NOTHING;
  const files = new Set(victims.map(({ file }) => file));
  const staying = [...open.values()].filter((file) => !files.has(file));
  const sources = await distinctObjects([...files], (pack, position) => {
    if (reachable.marksOf(pack)?.has(position) !== true) return false;
    const oid = pack.index.oidAt(position);
    return !staying.some((other) => other.contains(oid));
  });
  const added = await copyWhole(store, sources, signal);
  // Most of what happened while the copy was made is marked before the lock is taken, and only the last moment under it.
  const caughtUp = await database.run(catchUp);
  try {
    return await replacing(place, () => (added === null ? [] : [added]), async (queries) => {
      const { seq } = await lockHead(queries, repoId, null);
      if (seq === caughtUp) await reachable.markFrom(await leasedBlobs(queries, repoId), signal);
      else await catchUp(queries);
      const gone = victims.filter(({ file, reached }) => reachable.marksOf(file)?.size === reached);
      if (gone.length === 0) throw new PacksMoved();
      await swapPacks(queries, repoId, gone.map(({ name }) => name), added);
      await queries.update(logHead).set({ gcEpoch: sql`${logHead.gcEpoch} + 1` }).where(eq(logHead.stream, repoId));
      const collected = gone.reduce((sum, { file, reached }) => sum + file.index.count - reached, 0);
      return { collected, replaced: gone.length, kept: victims.length - gone.length };
    });
  } catch (error) {
    if (error instanceof PacksMoved) return { ...NOTHING, kept: victims.length };
    throw error;
  }
}

function victimsAmong(open: ReadonlyMap<string, PackFile>, reachable: Reachable): Victim[] {
  const victims: Victim[] = [];
  for (const [name, file] of open) {
    const reached = reachable.marksOf(file)?.size ?? 0;
    if (reached < file.index.count) victims.push({ name, file, reached });
  }
  return victims;
}
