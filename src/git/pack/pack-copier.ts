import { createHash } from 'node:crypto';
import type { Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import type { BitSet } from './bit-set.js';
import { encodeEntryHeader, encodeOffsetDeltaHeader, isDelta, MAX_ENTRY_HEADER, parseEntryHeader, type EntryHeader } from './entry-header.js';
import { deflateObject } from './pack-encoder.js';
import type { PackFile } from './pack-file.js';
import { PackLayout } from './pack-layout.js';

/** Some objects of a pack, by their positions in its index. */
export interface CopySource {
  readonly pack: PackFile;
  readonly positions: BitSet;
}

/** How a copy came about, for the log and for tests: entries taken as they lay, and those that had to be made anew. */
export interface CopyTally {
  readonly raw: number;
  readonly anew: number;
}

/** What is written at a time. */
const PIECE_BYTES = 1 << 20;
/** Longest chain of deltas in a copy; git's own default (`pack.depth`). */
const MAX_DEPTH = 50;

/**
 * Writes one pack of these objects, which must all be different: each entry as it lies where that is possible, its delta
 * included when the base is in the new pack already; whole otherwise. A source's entries keep their order, so that what its
 * writer laid together stays together.
 *
 * Entries that are copied raw are not verified here: the caller indexes what was written, which hashes every object of it, and
 * compares the ids. Rejects with ObjectCorrupt for an object that must be made anew and does not read back whole, with what
 * `write` rejects with, and with the signal's reason.
 */
export async function copyPack(sources: readonly CopySource[], write: (chunks: readonly Buffer[]) => Promise<void>, signal?: AbortSignal, level = 6): Promise<CopyTally> {
  const places: Place[] = [];
  for (const { pack, positions } of sources) places.push(new Place(pack, positions, await PackLayout.of(pack)));
  return new Copier(places, write, level).run(signal);
}

/** One source, and where its objects have come to lie in the new pack: 0 for those that are not written (yet). */
class Place {
  readonly newOffsets: Float64Array;
  readonly depths: Uint8Array;

  constructor(
    readonly pack: PackFile,
    readonly positions: BitSet,
    readonly layout: PackLayout,
  ) {
    this.newOffsets = new Float64Array(pack.index.count);
    this.depths = new Uint8Array(pack.index.count);
  }
}

interface Written {
  readonly offset: number;
  readonly depth: number;
}

class Copier {
  readonly #places: readonly Place[];
  readonly #write: (chunks: readonly Buffer[]) => Promise<void>;
  readonly #level: number;
  readonly #hash = createHash('sha1');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #offset = 0;
  #raw = 0;
  #anew = 0;

  constructor(places: readonly Place[], write: (chunks: readonly Buffer[]) => Promise<void>, level: number) {
    this.#places = places;
    this.#write = write;
    this.#level = level;
  }

  async run(signal: AbortSignal | undefined): Promise<CopyTally> {
    const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
    head.writeUInt32BE(this.#places.reduce((sum, { positions }) => sum + positions.size, 0), 8);
    await this.#put(head);
    const pace = new Pace();
    for (const place of this.#places) {
      for (let rank = 0; rank < place.layout.count; rank++) {
        if (place.positions.has(place.layout.positionAt(rank))) await this.#copy(place, rank);
        if (!pace.due()) continue;
        signal?.throwIfAborted();
        await pace.breathe();
      }
    }
    await this.#flush();
    await this.#write([this.#hash.digest()]);
    return { raw: this.#raw, anew: this.#anew };
  }

  async #copy(place: Place, rank: number): Promise<void> {
    const { pack, layout } = place;
    const start = layout.startOf(rank);
    const position = layout.positionAt(rank);
    const entry = await pack.raw(start, layout.endOf(rank));
    const header = parseEntryHeader(entry.subarray(0, MAX_ENTRY_HEADER), start);
    const at = this.#offset;
    if (!isDelta(header.type)) {
      this.#raw++;
      await this.#put(entry);
    } else {
      const base = this.#writtenBase(place, header);
      if (base === null || base.depth >= MAX_DEPTH) {
        await this.#putAnew(pack, pack.index.oidAt(position));
      } else {
        this.#raw++;
        place.depths[position] = base.depth + 1;
        await this.#put(encodeOffsetDeltaHeader(header.size, at - base.offset));
        await this.#put(entry.subarray(header.length));
      }
    }
    place.newOffsets[position] = at;
  }

  async #putAnew(pack: PackFile, oid: Oid): Promise<void> {
    const { type, content } = await pack.read(oid);
    this.#anew++;
    await this.#put(encodeEntryHeader(type, content.length));
    for (const piece of await deflateObject(content, this.#level)) await this.#put(piece);
  }

  /** Where the base of a delta lies in the new pack, whichever source it came from; null when it does not, or not yet. */
  #writtenBase(place: Place, { baseOid, baseOffset }: EntryHeader): Written | null {
    const position = baseOid === null ? place.layout.positionBeginningAt(baseOffset) : place.pack.index.positionOf(baseOid);
    if (position < 0) return null;
    const here = writtenAt(place, position);
    if (here !== null) return here;
    const oid = Buffer.from(place.pack.index.oidAt(position), 'hex');
    for (const other of this.#places) {
      const there = other === place ? null : writtenAt(other, other.pack.index.positionOfBytes(oid));
      if (there !== null) return there;
    }
    return null;
  }

  async #put(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#offset += bytes.length;
    if (this.#waitingBytes >= PIECE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const pace = new Pace();
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        this.#hash.update(chunk.subarray(at, at + PIECE_BYTES));
        if (pace.due()) await pace.breathe();
      }
    }
    await this.#write(chunks);
  }
}

function writtenAt(place: Place, position: number): Written | null {
  const offset = position < 0 ? 0 : (place.newOffsets[position] ?? 0);
  return offset === 0 ? null : { offset, depth: place.depths[position] ?? 0 };
}
