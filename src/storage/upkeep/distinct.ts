import { Pace } from '../../git/objects/pace.js';
import { BitSet } from '../../git/pack/bit-set.js';
import type { CopySource } from '../../git/pack/pack-copier.js';
import type { PackFile } from '../../git/pack/pack-file.js';

/**
 * The objects of these packs, each once: taken from the first pack that has it. `wanted` narrows them by pack and position; by
 * default all are. Sorts nothing and keeps no ids: every object asks the packs before its own, of which the largest come first.
 */
export async function distinctObjects(packs: readonly PackFile[], wanted: (pack: PackFile, position: number) => boolean = () => true): Promise<CopySource[]> {
  const largestFirst = [...packs].sort((a, b) => b.index.count - a.index.count);
  const sources: CopySource[] = [];
  const pace = new Pace();
  for (const pack of largestFirst) {
    const { index } = pack;
    const positions = new BitSet(index.count);
    for (let position = 0; position < index.count; position++) {
      if (pace.due()) await pace.breathe();
      if (!wanted(pack, position)) continue;
      const oid = Buffer.from(index.oidAt(position), 'hex');
      const earlier = sources.some((source) => source.positions.has(source.pack.index.positionOfBytes(oid)));
      if (!earlier) positions.add(position);
    }
    sources.push({ pack, positions });
  }
  return sources;
}
