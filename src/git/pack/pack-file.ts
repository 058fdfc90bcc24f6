import { ByteLru } from '../memory/byte-lru.js';
import { BudgetExceeded, GitDataError, ObjectCorrupt, ObjectMissing, PackInvalid } from '../objects/errors.js';
import { hashObject, hashObjectPaced } from '../objects/hash.js';
import type { GitObject, ObjectHeader, ObjectSource, Oid } from '../objects/object-source.js';
import { applyDelta, applyDeltaPaced, parseDeltaHeader } from './delta.js';
import { isDelta, MAX_ENTRY_HEADER, objectTypeOf, parseEntryHeader, type EntryHeader } from './entry-header.js';
import { compressedBound, endedEarly, inflatePrefix, inflateSized, inflateSizedAsync } from './inflate.js';
import type { PackIndex } from './pack-index.js';
import { PackWindow } from './pack-window.js';
import type { RandomAccess } from './random-access.js';

/** Objects that served as bases of deltas, by pack and offset; one cache is shared by all packs of the process. */
export type BaseCache = ByteLru<string, GitObject>;

/** Bounds of a reader, in bytes. */
export interface PackReadOptions {
  /** Objects over this are refused with {@link BudgetExceeded} before memory is taken. */
  readonly maxObjectBytes: number;
  /** From this size on reading, inflating and hashing leave the event loop. */
  readonly largeObjectBytes: number;
  readonly bases: BaseCache;
}

/** The first read at an entry. Half of all compressed objects of source code fit. */
const FIRST_BYTES = 4000;
/** Enough compressed bytes for the Huffman tables in front of a delta's first two numbers. */
const DELTA_HEADER_BYTES = 512;
/** A stream of many tiny stored blocks is longer than any that git writes, and still valid: it is tried once more with so many times its likely bytes. */
const STORED_BLOCKS = 16;
/** git packs chains of 50, at most 4095 by its own limit. */
const MAX_CHAIN = 4096;

interface Entry {
  readonly offset: number;
  readonly header: EntryHeader;
}

/** A delta on the way from an object to what it is made of. */
interface Link {
  readonly entry: Entry;
  readonly key: string;
  /** The inflated delta; null where it was too large to hold on the way. */
  readonly delta: Buffer | null;
}

let serials = 0;
const shown = new PackWindow();

/**
 * The objects of one pack. Every object read is hashed again and rejected with {@link ObjectCorrupt} when it is not the one
 * that was asked for: neither a flipped bit nor a swapped offset is ever served. Faults of the pack's structure show as
 * {@link ObjectCorrupt} of the object that met them.
 */
export class PackFile implements ObjectSource {
  readonly #index: PackIndex;
  readonly #access: RandomAccess;
  readonly #options: PackReadOptions;
  readonly #keyPrefix = `${++serials}:`;
  readonly #end: number;
  #indexFault: unknown = null;

  private constructor(index: PackIndex, access: RandomAccess, options: PackReadOptions) {
    this.#index = index;
    this.#access = access;
    this.#options = options;
    this.#end = access.size - 20;
  }

  /**
   * Puts an index and a pack together. Throws {@link PackInvalid} where they do not belong together: signature, version,
   * number of objects, or the checksum at the pack's end, which is compared and not computed.
   */
  static open(index: PackIndex, access: RandomAccess, options: PackReadOptions): PackFile {
    const count = readPackHeader(access);
    if (count !== index.count) throw new PackInvalid(`a pack of ${count} objects beside an index of ${index.count}`);
    if (access.read(access.size - 20, 20).toString('hex') !== index.packChecksum) throw new PackInvalid('pack and index do not belong together');
    return new PackFile(index, access, options);
  }

  /** The index that finds its objects. */
  get index(): PackIndex {
    return this.#index;
  }

  /** Gives the files back. */
  close(): void {
    this.#index.close();
    this.#access.close();
  }

  /** Why its index could not be asked; null while it could be. */
  get indexFault(): unknown {
    return this.#indexFault;
  }

  /** True when its index lists the object, `oid` as its 20 bytes. An index that cannot be read lists nothing, and {@link indexFault} says why. */
  lists(oid: Buffer): boolean {
    try {
      return this.#index.positionOfBytes(oid) >= 0;
    } catch (fault) {
      this.#indexFault = fault;
      return false;
    }
  }

  /** Verifies the whole index, where that was put off; see {@link PackIndex.settle}. False when it is broken, and {@link indexFault} says how. */
  async settle(): Promise<boolean> {
    try {
      await this.#index.settle();
      return true;
    } catch (fault) {
      this.#indexFault = fault;
      return false;
    }
  }

  /** Size of the pack in bytes. */
  get bytes(): number {
    return this.#access.size;
  }

  /** Where the last entry ends and the checksum begins. */
  get end(): number {
    return this.#end;
  }

  /** The bytes from one offset to another as they lie in the pack, unverified: what a copy of an entry begins with. */
  async raw(from: number, to: number): Promise<Buffer> {
    const length = to - from;
    return length > this.#options.largeObjectBytes ? this.#access.readAsync(from, length) : this.#access.read(from, length);
  }

  async has(oid: Oid): Promise<boolean> {
    return this.contains(oid);
  }

  /** As {@link has}, at once. */
  contains(oid: Oid): boolean {
    return this.#index.offsetOf(oid) >= 0;
  }

  async withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    return this.#index.withPrefix(prefix, limit);
  }

  async header(oid: Oid): Promise<ObjectHeader> {
    shown.forget();
    try {
      const entry = this.#entry(this.#offsetOf(oid));
      let root = entry;
      for (let depth = 0; isDelta(root.header.type); depth++) root = this.#entry(this.#baseOf(root, depth));
      const type = objectTypeOf(root.header.type);
      if (root === entry) return { type, size: entry.header.size };
      const start = entry.offset + entry.header.length;
      return { type, size: parseDeltaHeader(inflatePrefix(this.#bytes(start, Math.min(DELTA_HEADER_BYTES, this.#end - start)))).resultSize };
    } catch (fault) {
      throw asObjectFault(oid, fault);
    }
  }

  async read(oid: Oid): Promise<GitObject> {
    const used: number[] = [];
    shown.forget();
    try {
      const object = await this.#resolve(this.#offsetOf(oid), used);
      const large = object.content.length > this.#options.largeObjectBytes;
      const hash = large ? await hashObjectPaced(object.type, object.content) : hashObject(object.type, object.content);
      if (hash !== oid) throw new PackInvalid(`what is stored hashes to ${hash}`);
      return object;
    } catch (fault) {
      // What was built on the way may be what is wrong, so nothing of it stays to mislead the next reader.
      for (const offset of used) this.#options.bases.delete(this.#keyPrefix + offset);
      throw asObjectFault(oid, fault);
    }
  }

  /** The object at `offset`, not yet verified; offsets of the bases it went through are added to `used`. */
  async #resolve(offset: number, used: number[]): Promise<GitObject> {
    const { bases, maxObjectBytes, largeObjectBytes } = this.#options;
    const chain: Link[] = [];
    let room = largeObjectBytes;
    let at = offset;
    let key = this.#keyPrefix + at;
    let object = bases.get(key);
    while (object === undefined) {
      const entry = this.#entry(at, chain.length > 0);
      const { type, size } = entry.header;
      if (!isDelta(type)) {
        object = { type: objectTypeOf(type), content: size > largeObjectBytes ? await this.#inflateLarge(entry) : this.#inflate(entry) };
        if (chain.length > 0) bases.set(key, object, object.content.length);
        break;
      }
      // A delta is inflated while its bytes are shown; what together would be large is read again on the way back.
      const delta = size > room ? null : this.#inflate(entry);
      if (delta !== null) room -= size;
      chain.push({ entry, key, delta });
      at = this.#baseOf(entry, chain.length);
      key = this.#keyPrefix + at;
      object = bases.get(key);
    }
    used.push(at);
    for (let link = chain.pop(); link !== undefined; link = chain.pop()) {
      const { entry } = link;
      const delta = link.delta ?? (entry.header.size > largeObjectBytes ? await this.#inflateLarge(entry) : this.#inflate(entry));
      const large = parseDeltaHeader(delta).resultSize > largeObjectBytes;
      const content: Buffer = large ? await applyDeltaPaced(object.content, delta, maxObjectBytes) : applyDelta(object.content, delta, maxObjectBytes);
      object = { type: object.type, content };
      if (chain.length === 0) break;
      used.push(entry.offset);
      bases.set(link.key, object, content.length);
    }
    return object;
  }

  #offsetOf(oid: Oid): number {
    const offset = this.#index.offsetOf(oid);
    if (offset < 0) throw new ObjectMissing(oid);
    return offset;
  }

  /** The entry at `offset`; `wide` where the ones in front of it will be wanted next. */
  #entry(offset: number, wide = false): Entry {
    if (offset < 12 || offset >= this.#end) throw new PackInvalid(`no entry can begin at ${offset}`);
    shown.show(this.#access, offset, Math.min(wide ? MAX_ENTRY_HEADER : FIRST_BYTES, this.#end - offset), this.#end, wide);
    return { offset, header: parseEntryHeader(shown.bytes, offset, offset - shown.start) };
  }

  /** At least these bytes of the pack, as far as it goes; to be used before the next are asked for. */
  #bytes(position: number, length: number): Buffer {
    if (!shown.show(this.#access, position, length, this.#end, false)) return this.#access.read(position, length);
    return shown.bytes.subarray(position - shown.start);
  }

  #baseOf(entry: Entry, depth: number): number {
    if (depth > MAX_CHAIN) throw new PackInvalid(`deltas nest deeper than ${MAX_CHAIN}`);
    const { baseOid, baseOffset } = entry.header;
    if (baseOid === null) return baseOffset;
    const offset = this.#index.offsetOf(baseOid);
    if (offset < 0) throw new PackInvalid(`the base ${baseOid} is not in the pack`);
    return offset;
  }

  /** What an entry holds, at once. */
  #inflate(entry: Entry): Buffer {
    const { size, start, available, likely } = this.#extent(entry);
    try {
      return inflateSized(this.#bytes(start, likely), size);
    } catch (fault) {
      if (likely === available || !endedEarly(fault)) throw fault;
      return inflateSized(this.#access.read(start, Math.min(available, likely * STORED_BLOCKS)), size);
    }
  }

  /** As {@link #inflate}, off the event loop. */
  async #inflateLarge(entry: Entry): Promise<Buffer> {
    const { size, start, available, likely } = this.#extent(entry);
    try {
      return await inflateSizedAsync(await this.#access.readAsync(start, likely), size);
    } catch (fault) {
      if (likely === available || !endedEarly(fault)) throw fault;
      return inflateSizedAsync(await this.#access.readAsync(start, Math.min(available, likely * STORED_BLOCKS)), size);
    }
  }

  /** Where an entry's stream begins, how many bytes it can have, and in all but contrived cases has. */
  #extent({ offset, header: { size, length } }: Entry): { size: number; start: number; available: number; likely: number } {
    const { maxObjectBytes } = this.#options;
    if (size > maxObjectBytes) throw new BudgetExceeded('object bytes', maxObjectBytes, size);
    const start = offset + length;
    const available = this.#end - start;
    return { size, start, available, likely: Math.min(available, compressedBound(size)) };
  }
}

/** Checks a pack's first twelve bytes and answers how many objects it declares. Throws {@link PackInvalid}. */
export function readPackHeader(access: RandomAccess): number {
  if (access.size < 32) throw new PackInvalid(`a pack of ${access.size} bytes is cut short`);
  const head = access.read(0, 12);
  const version = head.readUInt32BE(4);
  if (head.toString('latin1', 0, 4) !== 'PACK') throw new PackInvalid('it does not begin with PACK');
  if (version !== 2 && version !== 3) throw new PackInvalid(`version ${version} is not known`);
  return head.readUInt32BE(8);
}

function asObjectFault(oid: Oid, fault: unknown): unknown {
  return fault instanceof GitDataError && fault.code === 'PACK_INVALID' ? new ObjectCorrupt(oid, fault.message, { cause: fault }) : fault;
}
