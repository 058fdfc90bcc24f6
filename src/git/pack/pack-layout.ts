import { Pace } from '../objects/pace.js';
import type { PackFile } from './pack-file.js';
import { sortPaced } from './sort-paced.js';

/** The entries of a pack in the order in which they lie: `offsets` ascending, `positions` the index's position of each. */
export class PackLayout {
  readonly #offsets: Float64Array;
  readonly #positions: Uint32Array;
  readonly #end: number;

  private constructor(offsets: Float64Array, positions: Uint32Array, end: number) {
    this.#offsets = offsets;
    this.#positions = positions;
    this.#end = end;
  }

  /** Sorts the offsets of a pack's index: 12 bytes of memory an object, 0.2 s for a million, in slices. */
  static async of(pack: PackFile): Promise<PackLayout> {
    const { index } = pack;
    const unsorted = new Float64Array(index.count);
    const positions = new Uint32Array(index.count);
    const pace = new Pace();
    for (let position = 0; position < index.count; position++) unsorted[position] = index.offsetAt(position);
    const layout = new PackLayout(await sortPaced(unsorted, pace), positions, pack.end);
    for (let position = 0; position < index.count; position++) {
      positions[layout.#rankOf(index.offsetAt(position))] = position;
      if ((position & 0xfff) === 0 && pace.due()) await pace.breathe();
    }
    return layout;
  }

  get count(): number {
    return this.#offsets.length;
  }

  /** The index's position of the entry that lies at this rank. */
  positionAt(rank: number): number {
    return this.#positions[rank] ?? 0;
  }

  /** The first byte of the entry at this rank. */
  startOf(rank: number): number {
    return this.#offsets[rank] ?? this.#end;
  }

  /** The first byte behind the entry at this rank: where the next one begins, or the checksum. */
  endOf(rank: number): number {
    return this.#offsets[rank + 1] ?? this.#end;
  }

  /** The index's position of the entry that begins at `offset`; -1 where none does. */
  positionBeginningAt(offset: number): number {
    const rank = this.#rankOf(offset);
    return this.#offsets[rank] === offset ? this.positionAt(rank) : -1;
  }

  #rankOf(offset: number): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
