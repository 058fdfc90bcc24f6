import { distinctObjects } from './distinct.js';
import { CopyDiffers } from '../packs/write-copy.js';
import { packSizes, PacksMoved, swapPacks } from './pack-rows.js';
import { replacing, type Workplace } from './replace-packs.js';
import { packsToRollUp, type RollUpRule } from './roll-up.js';

/** What one consolidation did: so many packs became one of so many objects. */
export interface Consolidation {
  readonly replaced: number;
  readonly objects: number;
  /** Packs left out because an object in them cannot be read whole, or the file cannot be opened; by name, with why. */
  readonly unfit: ReadonlyMap<string, unknown>;
}

/** The packs that a consolidation would replace now, `unfit` ones left out. */
export async function packsDue({ repoId, database }: Pick<Workplace, 'repoId' | 'database'>, rule: RollUpRule, unfit: { has(name: string): boolean }): Promise<string[]> {
  const sizes = await database.run((queries) => packSizes(queries, repoId));
  return packsToRollUp(sizes.filter(({ name }) => !unfit.has(name)), rule);
}

/**
 * Rolls the small packs of a repository up into one, as {@link packsToRollUp} chooses. Readers and writers go on: the new pack is
 * durable and verified before one transaction swaps the rows, and the replaced files stay for those who have them open. No object
 * is lost, so no epoch moves. Does nothing when another gateway was quicker.
 *
 * A damaged pack is left alone, with all its objects, and the others are rolled up without it; so are those in `avoid`.
 */
export async function consolidate(place: Workplace, rule: RollUpRule, avoid: ReadonlySet<string> = new Set()): Promise<Consolidation> {
  const { repoId, store, signal } = place;
  const unfit = new Map<string, unknown>();
  for (;;) {
    const chosen = await packsDue(place, rule, { has: (name) => unfit.has(name) || avoid.has(name) });
    if (chosen.length === 0) return { replaced: 0, objects: 0, unfit };
    const open = await store.openPacks();
    const files = chosen.flatMap((name) => open.get(name) ?? []);
    if (files.length < chosen.length) {
      for (const name of chosen) if (!open.has(name)) unfit.set(name, store.unreadable.get(name));
      continue;
    }
    const sources = await distinctObjects(files);
    try {
      const added = await store.copyPack(sources, signal);
      await replacing(place, () => [added], (queries) => swapPacks(queries, repoId, chosen, added));
      return { replaced: chosen.length, objects: added.objects, unfit };
    } catch (fault) {
      if (fault instanceof PacksMoved) return { replaced: 0, objects: 0, unfit };
      if (!(fault instanceof CopyDiffers) || fault.damaged.length === 0) throw fault;
      for (const name of chosen) if (fault.damaged.some((oid) => open.get(name)?.contains(oid) === true)) unfit.set(name, fault);
    }
  }
}
