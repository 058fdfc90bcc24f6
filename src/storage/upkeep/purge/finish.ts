import { and, eq, isNull, sql } from 'drizzle-orm';
import { purge, retiredPack } from '../../../../drizzle/index.js';
import type { Disappearance } from '../../../domain/purge.js';
import type { Database } from '../../database.js';
import { collectGarbage } from '../collect.js';
import { knownPacks, removeRetired } from '../pack-rows.js';
import type { Workplace } from '../replace-packs.js';

/** Tries against writers that use garbage again at that very moment. */
const TRIES = 5;

/** Repositories with purges whose bytes may still be on the disk. */
export async function unfinishedPurges(database: Database): Promise<number[]> {
  const rows = await database.run((queries) => queries.selectDistinct({ repoId: purge.repoId }).from(purge).where(isNull(purge.goneAt)));
  return rows.map(({ repoId }) => repoId);
}

/**
 * Takes what was purged off the disk: collects, removes every replaced pack without the grace that others have, since a reader
 * that finds a file gone asks for the list again, and removes packs that were never committed and hold it. `strayMs` is the age from
 * which such a pack is nobody's. Can be repeated at any time; notes it when nothing is left. Rejects as {@link collectGarbage}.
 */
export async function finishPurges(place: Workplace, strayMs: number): Promise<Disappearance> {
  const { repoId, database, store } = place;
  const open = and(eq(purge.repoId, repoId), isNull(purge.goneAt));
  const purges = await database.run((queries) => queries.select({ id: purge.id, blobs: purge.blobs }).from(purge).where(open));
  if (purges.length === 0) return { gone: true, held: 0, young: 0 };
  let kept = 1;
  for (let tries = 0; tries < TRIES && kept > 0; tries++) ({ kept } = await collectGarbage(place));
  place.faults?.at('purge.collected');
  let removed = 1;
  while (removed > 0) removed = await removeRetired(database, (name) => store.removeFiles(name), repoId, 0);
  place.faults?.at('purge.files-removed');
  const blobs = [...new Set(purges.flatMap((each) => each.blobs))];
  const young = await store.removeStraysHolding(blobs, strayMs, (names) => database.run((queries) => knownPacks(queries, repoId, names)));
  const [left] = await database.run((queries) => queries.select({ count: sql<string>`count(*)` }).from(retiredPack).where(eq(retiredPack.repoId, repoId)));
  const held = Number(left?.count ?? 0);
  const gone = held === 0 && young === 0 && kept === 0;
  if (gone) {
    for (const { id } of purges) await database.run((queries) => queries.update(purge).set({ goneAt: sql`now()` }).where(eq(purge.id, id)));
  }
  return { gone, held, young };
}
