import { ByteLru } from '../memory/byte-lru.js';
import { BudgetExceeded, GitDataError, ObjectCorrupt, ObjectMissing, PackInvalid } from '../objects/errors.js';
import { hashObject, hashObjectPaced } from '../objects/hash.js';
import type { GitObject, ObjectHeader, ObjectSource, Oid } from '../objects/object-source.js';
import { applyDelta, applyDeltaPaced, parseDeltaHeader } from './delta.js';
import { isDelta, objectTypeOf, parseEntryHeader, type EntryHeader } from './entry-header.js';
import { compressedBound, endedEarly, inflatePrefix, inflateSized, inflateSizedAsync } from './inflate.js';
import type { PackIndex } from './pack-index.js';
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

/** The first read at an entry. Half of all compressed objects of source code fit; below 4096 so that the buffer pool serves it. */
const WINDOW_BYTES = 4000;
/** Enough compressed bytes for the Huffman tables in front of a delta's first two numbers. */
const DELTA_HEADER_BYTES = 512;
/** git packs chains of 50, at most 4095 by its own limit. */
const MAX_CHAIN = 4096;

interface Entry {
  readonly offset: number;
  readonly header: EntryHeader;
  /** The bytes from `offset` on, as far as the first read went. */
  readonly window: Buffer;
}

let serials = 0;

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
    try {
      const entry = this.#entry(this.#offsetOf(oid));
      let root = entry;
      for (let depth = 0; isDelta(root.header.type); depth++) root = this.#entry(this.#baseOf(root, depth));
      const type = objectTypeOf(root.header.type);
      if (root === entry) return { type, size: entry.header.size };
      const start = entry.header.length;
      return { type, size: parseDeltaHeader(inflatePrefix(entry.window.subarray(start, start + DELTA_HEADER_BYTES))).resultSize };
    } catch (fault) {
      throw asObjectFault(oid, fault);
    }
  }

  async read(oid: Oid): Promise<GitObject> {
    const used: number[] = [];
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
    const chain: Entry[] = [];
    let at = offset;
    let base = bases.get(this.#keyPrefix + at);
    while (base === undefined) {
      const entry = this.#entry(at);
      if (!isDelta(entry.header.type)) {
        base = { type: objectTypeOf(entry.header.type), content: await this.#inflate(entry) };
        if (chain.length > 0) bases.set(this.#keyPrefix + at, base, base.content.length);
        break;
      }
      chain.push(entry);
      at = this.#baseOf(entry, chain.length);
      base = bases.get(this.#keyPrefix + at);
    }
    used.push(at);
    let object = base;
    for (let entry = chain.pop(); entry !== undefined; entry = chain.pop()) {
      const delta = await this.#inflate(entry);
      const large = parseDeltaHeader(delta).resultSize > largeObjectBytes;
      const content = large ? await applyDeltaPaced(object.content, delta, maxObjectBytes) : applyDelta(object.content, delta, maxObjectBytes);
      object = { type: object.type, content };
      if (chain.length === 0) break;
      used.push(entry.offset);
      bases.set(this.#keyPrefix + entry.offset, object, content.length);
    }
    return object;
  }

  #offsetOf(oid: Oid): number {
    const offset = this.#index.offsetOf(oid);
    if (offset < 0) throw new ObjectMissing(oid);
    return offset;
  }

  #entry(offset: number): Entry {
    if (offset < 12 || offset >= this.#end) throw new PackInvalid(`no entry can begin at ${offset}`);
    const window = this.#access.read(offset, Math.min(WINDOW_BYTES, this.#end - offset));
    return { offset, header: parseEntryHeader(window, offset), window };
  }

  #baseOf(entry: Entry, depth: number): number {
    if (depth > MAX_CHAIN) throw new PackInvalid(`deltas nest deeper than ${MAX_CHAIN}`);
    const { baseOid, baseOffset } = entry.header;
    if (baseOid === null) return baseOffset;
    const offset = this.#index.offsetOf(baseOid);
    if (offset < 0) throw new PackInvalid(`the base ${baseOid} is not in the pack`);
    return offset;
  }

  async #inflate(entry: Entry): Promise<Buffer> {
    const { maxObjectBytes } = this.#options;
    const { size, length } = entry.header;
    if (size > maxObjectBytes) throw new BudgetExceeded('object bytes', maxObjectBytes, size);
    const available = this.#end - entry.offset - length;
    const likely = Math.min(available, compressedBound(size));
    try {
      return await this.#inflateFrom(entry, likely);
    } catch (fault) {
      // A stream of many tiny stored blocks is longer than any that git writes, and still valid.
      if (likely === available || !endedEarly(fault)) throw fault;
      return this.#inflateFrom(entry, Math.min(available, likely * 16));
    }
  }

  async #inflateFrom(entry: Entry, compressedBytes: number): Promise<Buffer> {
    const { size, length } = entry.header;
    if (size > this.#options.largeObjectBytes) return inflateSizedAsync(await this.#access.readAsync(entry.offset + length, compressedBytes), size);
    const held = entry.window.length - length;
    return inflateSized(compressedBytes <= held ? entry.window.subarray(length) : this.#access.read(entry.offset + length, compressedBytes), size);
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
