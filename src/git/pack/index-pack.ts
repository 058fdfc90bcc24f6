import { resolveDeltas } from './delta-resolver.js';
import { DEFAULT_INDEX_LIMITS, type IndexPackLimits } from './index-limits.js';
import { encodePackIndex } from './index-writer.js';
import { scanPack } from './pack-scan.js';
import type { RandomAccess } from './random-access.js';

/** An index made from a pack alone. `checksum` is the pack's, verified; `bytes` its size. */
export interface IndexedPack {
  readonly idx: Buffer;
  readonly checksum: string;
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Reads a pack from end to end, verifies its checksum, hashes every object that it holds and answers its index, equal to
 * what `git index-pack` writes. Memory stays within the limits whatever the pack declares: sizes and counts are compared
 * with what its bytes can hold before anything is allocated.
 *
 * Rejects with {@link PackInvalid} (malformed, thin, a delta without a base, an object twice) or {@link BudgetExceeded}; with
 * the signal's reason when aborted. It does not judge what the objects mean: that is `git fsck`'s part.
 */
export async function indexPack(pack: RandomAccess, limits: Partial<IndexPackLimits> = {}, signal?: AbortSignal): Promise<IndexedPack> {
  const bounds = { ...DEFAULT_INDEX_LIMITS, ...limits };
  const scan = await scanPack(pack, bounds, signal);
  await resolveDeltas(pack, scan, bounds, signal);
  const idx = await encodePackIndex(scan, scan.checksum);
  return { idx, checksum: scan.checksum.toString('hex'), objects: scan.count, bytes: pack.size };
}
