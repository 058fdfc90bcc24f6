import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { BudgetExceeded, PackInvalid } from '../objects/errors.js';
import { hashObject, hashObjectPaced } from '../objects/hash.js';
import type { Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import { isDelta, MAX_ENTRY_HEADER, objectTypeOf, parseEntryHeader, type EntryHeader } from './entry-header.js';
import type { IndexColumns } from './index-writer.js';
import type { IndexPackLimits } from './index-limits.js';
import { compressedBound, endedEarly, inflateMeasured, inflateMeasuredAsync, type Inflated } from './inflate.js';
import { readPackHeader } from './pack-file.js';
import type { RandomAccess } from './random-access.js';

/**
 * What one pass over a pack found, as columns by entry in pack order. An entry that is no delta has its id in `oids` and its
 * type number in `types`; a delta has 0 there until it is resolved, its base's offset in `baseOffsets` (-1 where it names the
 * base by id, then in `baseOids`).
 */
export interface PackScan extends IndexColumns {
  readonly types: Uint8Array;
  readonly baseOffsets: Float64Array;
  readonly baseOids: ReadonlyMap<number, Oid>;
  /** Inflated bytes met so far, deltas as they lie in the pack. */
  readonly totalBytes: number;
  readonly checksum: Buffer;
}

/** One byte of header and the shortest zlib stream: what declares more objects than this allows lies. */
const MIN_ENTRY_BYTES = 9;
const CHUNK_BYTES = 1 << 20;

/** Reads a pack from its first byte to its checksum. Rejects as `indexPack` says. */
export async function scanPack(pack: RandomAccess, limits: IndexPackLimits, signal: AbortSignal | undefined): Promise<PackScan> {
  const count = readPackHeader(pack);
  const end = pack.size - 20;
  if (count > limits.maxObjects) throw new BudgetExceeded('objects in a pack', limits.maxObjects, count);
  if (count * MIN_ENTRY_BYTES > end - 12) throw new PackInvalid(`it declares ${count} objects in ${pack.size} bytes`);
  const columns = { count, oids: Buffer.alloc(count * 20), offsets: new Float64Array(count), crcs: new Uint32Array(count) };
  const types = new Uint8Array(count);
  const baseOffsets = new Float64Array(count).fill(-1);
  const baseOids = new Map<number, Oid>();
  const reader = new ChunkReader(pack, end);
  const hash = createHash('sha1').update(pack.read(0, 12));
  const pace = new Pace();
  let offset = 12;
  let totalBytes = 0;
  for (let entry = 0; entry < count; entry++) {
    const header = parseEntryHeader(reader.slice(offset, MAX_ENTRY_HEADER), offset);
    totalBytes += header.size;
    if (header.size > limits.maxObjectBytes) throw new BudgetExceeded('object bytes', limits.maxObjectBytes, header.size);
    if (totalBytes > limits.maxTotalBytes) throw new BudgetExceeded('bytes of all objects', limits.maxTotalBytes, totalBytes);
    const { content, consumed } = await inflateEntry(reader, offset, header, limits.largeObjectBytes);
    const length = header.length + consumed;
    columns.offsets[entry] = offset;
    columns.crcs[entry] = await digest(reader, offset, length, pace, (piece) => hash.update(piece));
    if (isDelta(header.type)) {
      baseOffsets[entry] = header.baseOffset;
      if (header.baseOid !== null) baseOids.set(entry, header.baseOid);
    } else {
      types[entry] = header.type;
      const type = objectTypeOf(header.type);
      const oid = content.length > limits.largeObjectBytes ? await hashObjectPaced(type, content) : hashObject(type, content);
      columns.oids.write(oid, entry * 20, 'hex');
    }
    offset += length;
    if (pace.due()) {
      signal?.throwIfAborted();
      await pace.breathe();
    }
  }
  if (offset !== end) throw new PackInvalid(`${end - offset} bytes follow its last object`);
  const checksum = hash.digest();
  if (!checksum.equals(pack.read(end, 20))) throw new PackInvalid('its checksum is wrong');
  return { ...columns, types, baseOffsets, baseOids, totalBytes, checksum };
}

async function inflateEntry(reader: ChunkReader, offset: number, header: EntryHeader, largeObjectBytes: number): Promise<Inflated> {
  const start = offset + header.length;
  const inflateOnce = async (length: number): Promise<Inflated> => {
    if (header.size > largeObjectBytes) return inflateMeasuredAsync(await reader.sliceAsync(start, length), header.size);
    return inflateMeasured(reader.slice(start, length), header.size);
  };
  const likely = compressedBound(header.size);
  try {
    return await inflateOnce(likely);
  } catch (fault) {
    if (!endedEarly(fault)) throw fault;
    return inflateOnce(likely * 16);
  }
}

/** Feeds an entry's raw bytes to `sink` and answers their CRC-32, piece by piece so that no large entry stalls. */
async function digest(reader: ChunkReader, offset: number, length: number, pace: Pace, sink: (piece: Buffer) => void): Promise<number> {
  let crc = 0;
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    const piece = reader.slice(offset + done, Math.min(CHUNK_BYTES, length - done));
    sink(piece);
    crc = crc32(piece, crc);
    if (length > CHUNK_BYTES && pace.due()) await pace.breathe();
  }
  return crc;
}

/** Forward reading in pieces of a megabyte, so that small entries cost no system call each. */
class ChunkReader {
  readonly #access: RandomAccess;
  readonly #end: number;
  #chunk: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(access: RandomAccess, end: number) {
    this.#access = access;
    this.#end = end;
  }

  /** At most `length` bytes from `position`; fewer only where the objects end. */
  slice(position: number, length: number): Buffer {
    const stop = Math.min(position + length, this.#end);
    if (position < this.#start || stop > this.#start + this.#chunk.length) {
      this.#chunk = this.#access.read(position, Math.min(Math.max(stop - position, CHUNK_BYTES), Math.max(0, this.#end - position)));
      this.#start = position;
    }
    return this.#chunk.subarray(position - this.#start, stop - this.#start);
  }

  /** As {@link slice}, for many megabytes: read in the thread pool, not kept. */
  async sliceAsync(position: number, length: number): Promise<Buffer> {
    return this.#access.readAsync(position, Math.max(0, Math.min(length, this.#end - position)));
  }
}
