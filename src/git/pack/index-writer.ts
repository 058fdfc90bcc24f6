import { createHash } from 'node:crypto';
import { PackInvalid } from '../objects/errors.js';
import { Pace } from '../objects/pace.js';
import { sortPaced } from './sort-paced.js';

const HASH_SLICE = 2 << 20;

/** The objects of a pack, as columns: `oids` 20 bytes each, `offsets` in bytes, `crcs` of each entry's raw bytes. */
export interface IndexColumns {
  readonly count: number;
  readonly oids: Buffer;
  readonly offsets: Float64Array;
  readonly crcs: Uint32Array;
}

/**
 * The bytes of a version 2 index (gitformat-pack), equal to what `git index-pack` writes for the same pack. `packChecksum`
 * is the pack's last 20 bytes. Offsets from 2 GiB on go to the table of 64-bit offsets. Lets the event loop breathe: the index of a million
 * objects takes half a second. Rejects with {@link PackInvalid} where the pack holds an object twice.
 */
export async function encodePackIndex(columns: IndexColumns, packChecksum: Buffer): Promise<Buffer> {
  const { count, oids, offsets, crcs } = columns;
  const pace = new Pace();
  const order = await sortedOrder(oids, count, pace);
  let large = 0;
  for (let i = 0; i < count; i++) if ((offsets[i] ?? 0) >= 0x80000000) large++;
  const oidsAt = 8 + 1024;
  const crcsAt = oidsAt + count * 20;
  const offsetsAt = crcsAt + count * 4;
  const largeAt = offsetsAt + count * 4;
  const bytes = Buffer.alloc(largeAt + large * 8 + 40);
  bytes.writeUInt32BE(0xff744f63, 0);
  bytes.writeUInt32BE(2, 4);
  const fanout = new Uint32Array(256);
  let nextLarge = 0;
  for (let position = 0; position < count; position++) {
    const object = order[position] ?? 0;
    if (position > 0 && compareIds(oids, order[position - 1] ?? 0, object) === 0) throw new PackInvalid('the pack holds an object twice');
    const first = oids[object * 20] ?? 0;
    fanout[first] = (fanout[first] ?? 0) + 1;
    oids.copy(bytes, oidsAt + position * 20, object * 20, object * 20 + 20);
    bytes.writeUInt32BE(crcs[object] ?? 0, crcsAt + position * 4);
    const offset = offsets[object] ?? 0;
    if (offset < 0x80000000) {
      bytes.writeUInt32BE(offset, offsetsAt + position * 4);
    } else {
      bytes.writeUInt32BE(0x80000000 + nextLarge, offsetsAt + position * 4);
      bytes.writeUInt32BE(Math.floor(offset / 0x100000000), largeAt + nextLarge * 8);
      bytes.writeUInt32BE(offset % 0x100000000, largeAt + nextLarge * 8 + 4);
      nextLarge++;
    }
    if ((position & 0xfff) === 0 && pace.due()) await pace.breathe();
  }
  let upTo = 0;
  for (let first = 0; first < 256; first++) {
    upTo += fanout[first] ?? 0;
    bytes.writeUInt32BE(upTo, 8 + 4 * first);
  }
  packChecksum.copy(bytes, bytes.length - 40);
  const hash = createHash('sha1');
  const end = bytes.length - 20;
  for (let at = 0; at < end; at += HASH_SLICE) {
    hash.update(bytes.subarray(at, Math.min(at + HASH_SLICE, end)));
    if (pace.due()) await pace.breathe();
  }
  hash.digest().copy(bytes, end);
  return bytes;
}

/**
 * The objects' numbers in the order of their ids. Sorts 53-bit keys of leading id bits and number, which the engine sorts
 * natively (a million in 0.1 s where a comparing sort takes 1.5 s), then settles equal leading bits by whole ids.
 */
export async function sortedOrder(oids: Buffer, count: number, pace: Pace): Promise<Uint32Array> {
  const numberBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count))));
  const dropped = Math.max(0, 32 - (53 - numberBits));
  const span = 2 ** numberBits;
  const unsorted = new Float64Array(count);
  for (let i = 0; i < count; i++) unsorted[i] = Math.floor(oids.readUInt32BE(i * 20) / 2 ** dropped) * span + i;
  const keys = await sortPaced(unsorted, pace);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const object = (keys[i] ?? 0) % span;
    let at = i;
    while (at > 0 && compareIds(oids, order[at - 1] ?? 0, object) > 0) {
      order[at] = order[at - 1] ?? 0;
      at--;
    }
    order[at] = object;
    if ((i & 0xfff) === 0 && pace.due()) await pace.breathe();
  }
  return order;
}

/** Compares two ids of a column by bytes. */
function compareIds(oids: Buffer, a: number, b: number): number {
  return oids.compare(oids, b * 20, b * 20 + 20, a * 20, a * 20 + 20);
}
