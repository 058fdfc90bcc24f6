import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { ObjectCorrupt, PackInvalid } from '../../git/objects/errors.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { CopySource } from '../../git/pack/pack-copier.js';
import type { PackDirectory } from '../packs/pack-directory.js';
import { CopyDiffers } from '../packs/write-copy.js';
import { distinctObjects } from './distinct.js';
import { Reachable } from './reachable.js';

/** Objects as one pack in `into`, null when there are none. Rejects with ObjectCorrupt for one that does not read back whole: it is needed, and may be whole elsewhere one day. */
export async function copyWhole(into: PackDirectory, sources: readonly CopySource[], signal?: AbortSignal): Promise<StoredPack | null> {
  if (sources.every(({ positions }) => positions.size === 0)) return null;
  try {
    return await into.copyPack(sources, signal);
  } catch (fault) {
    const [damaged] = fault instanceof CopyDiffers ? fault.damaged : [];
    throw damaged === undefined ? fault : new ObjectCorrupt(damaged, 'it cannot be read whole', { cause: fault });
  }
}

/**
 * Copies what the roots lead to in one repository, and nothing else of it, into another: one pack, durable when it answers. The caller holds
 * a lease on the packs of `from`. Rejects with ObjectMissing, ObjectCorrupt or PackInvalid where what is wanted is not there whole.
 */
export async function copyReachable(from: PackDirectory, into: PackDirectory, roots: readonly Oid[], signal?: AbortSignal): Promise<StoredPack[]> {
  const packs = [...(await from.openPacks()).values()];
  const [unreadable] = from.unreadable;
  if (unreadable !== undefined) throw new PackInvalid(`${unreadable[0]} cannot be read`, { cause: unreadable[1] });
  const reachable = new Reachable(from, packs);
  await reachable.markFrom(roots, signal);
  const copied = await copyWhole(into, await distinctObjects(packs, (pack, position) => reachable.marksOf(pack)?.has(position) === true), signal);
  return copied === null ? [] : [copied];
}
