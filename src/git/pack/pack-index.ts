import { createHash } from 'node:crypto';
import { PackInvalid } from '../objects/errors.js';
import type { Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import { PagedIndex, WholeIndex, type IndexBytes } from './index-bytes.js';
import type { RandomAccess } from './random-access.js';

const MAGIC = 0xff744f63;
const FANOUT_AT = 8;
const OIDS_AT = FANOUT_AT + 1024;
const HASH_SLICE = 4 << 20;
/** How far from where it is foretold an id is looked for first, in ids; of 4,000 under one first byte they are off by 30. */
const NEAR = 32;

/**
 * A pack index of version 2 (gitformat-pack, "Version 2 pack-*.idx files"), read in place: 32 bytes an object. Its own checksum
 * is verified when it is opened, so a flipped bit is a refusal and never a wrong offset; or, where it is opened *lazily*, by
 * {@link settle}. Until then an object that it does not list may be there, and one that it finds may be another: whoever serves
 * something of it hashes that, and settles the index before it calls anything absent.
 */
export class PackIndex {
  /** How many objects it lists. */
  readonly count: number;
  #bytes: IndexBytes;
  readonly #offsetsAt: number;
  readonly #largeAt: number;
  readonly #large: number;
  #unsettled: RandomAccess | null;
  #settling: Promise<void> | null = null;

  private constructor(bytes: IndexBytes, unsettled: RandomAccess | null) {
    this.#bytes = bytes;
    this.#unsettled = unsettled;
    if (bytes.length < OIDS_AT + 40) throw new PackInvalid('an index cut short');
    if (bytes.uint32(0) !== MAGIC || bytes.uint32(4) !== 2) throw new PackInvalid('not an index of version 2');
    let count = 0;
    for (let first = 0; first < 256; first++) {
      const upTo = bytes.uint32(FANOUT_AT + 4 * first);
      if (upTo < count) throw new PackInvalid('an index whose fan-out goes backwards');
      count = upTo;
    }
    this.count = count;
    this.#offsetsAt = OIDS_AT + count * 24;
    this.#largeAt = OIDS_AT + count * 28;
    this.#large = (bytes.length - 40 - this.#largeAt) / 8;
    if (!Number.isInteger(this.#large) || this.#large < 0 || this.#large > count) throw new PackInvalid('an index of an impossible size');
  }

  /** Opens an index. Rejects with {@link PackInvalid} when it is malformed or its checksum is wrong. `bytes` is kept. */
  static async open(bytes: Buffer): Promise<PackIndex> {
    const index = new PackIndex(new WholeIndex(bytes), null);
    await requireChecksum(bytes);
    return index;
  }

  /**
   * Opens an index of which only what is asked for is read, and whose checksum is not verified before {@link settle}. For large ones:
   * 25 MB (800,000 objects) take 30 ms to read and hash, and an everyday diff needs 20 of its pages. `access` is kept until
   * then. Throws {@link PackInvalid} when head, fan-out or size are malformed, and whatever the access throws; so do all
   * methods until it is settled.
   */
  static lazily(access: RandomAccess): PackIndex {
    if (access.size < OIDS_AT + 40) throw new PackInvalid('an index cut short');
    return new PackIndex(new PagedIndex(access), access);
  }

  /** True once the checksum of all of it was verified. */
  get isSettled(): boolean {
    return this.#unsettled === null;
  }

  /** Reads the rest of a lazily opened index into memory and verifies its checksum. Rejects with {@link PackInvalid} when that is wrong. */
  settle(): Promise<void> {
    if (this.#unsettled === null) return Promise.resolve();
    this.#settling ??= this.#settle(this.#unsettled).finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  async #settle(access: RandomAccess): Promise<void> {
    const bytes = await access.readAsync(0, access.size);
    await requireChecksum(bytes);
    // What was taken from single pages must be what the whole has: a fan-out that was read before cannot differ from what was hashed.
    if (bytes.readUInt32BE(FANOUT_AT + 4 * 255) !== this.count) throw new PackInvalid('an index that changed while it was read');
    this.#bytes = new WholeIndex(bytes);
    this.close();
    this.#unsettled = null;
  }

  /** Gives back the file of an index that is not settled. */
  close(): void {
    this.#unsettled?.close();
  }

  /** Bytes of memory that it holds. */
  get bytes(): number {
    return this.#bytes.held;
  }

  /** The checksum of the pack that this index belongs to, in hex: the pack's last 20 bytes. */
  get packChecksum(): string {
    return this.#bytes.hex(this.#bytes.length - 40, this.#bytes.length - 20);
  }

  /** Where the object lies in the pack; -1 when it is not in it. Throws {@link PackInvalid} for an offset outside its table. */
  offsetOf(oid: Oid): number {
    const position = this.#position(Buffer.from(oid, 'hex'));
    return position < 0 ? -1 : this.offsetAt(position);
  }

  /** The position of an object in the index's order; -1 when it is not in the pack. */
  positionOf(oid: Oid): number {
    return this.#position(Buffer.from(oid, 'hex'));
  }

  /** As {@link positionOf}, of an id as its 20 bytes: who asks many packs converts once. */
  positionOfBytes(oid: Buffer): number {
    return this.#position(oid);
  }

  /** The id at a position of the index's order, 0 to {@link count} - 1. */
  oidAt(position: number): Oid {
    const at = OIDS_AT + position * 20;
    return this.#bytes.hex(at, at + 20);
  }

  /** The first 32 bits of the id at a position. */
  prefixAt(position: number): number {
    return this.#bytes.uint32(OIDS_AT + position * 20);
  }

  /** The pack offset at a position of the index's order. */
  offsetAt(position: number): number {
    const offset = this.#bytes.uint32(this.#offsetsAt + position * 4);
    if (offset < 0x80000000) return offset;
    const slot = offset - 0x80000000;
    if (slot >= this.#large) throw new PackInvalid('an index with an offset outside its table');
    const at = this.#largeAt + slot * 8;
    return this.#bytes.uint32(at) * 0x100000000 + this.#bytes.uint32(at + 4);
  }

  /** The ids that start with `prefix` (4–40 hex digits), at most `limit`, in order. */
  withPrefix(prefix: string, limit: number): Oid[] {
    const found: Oid[] = [];
    const first = Number.parseInt(prefix.slice(0, 2), 16);
    let at = this.#lowerBound(Buffer.from(prefix.padEnd(40, '0'), 'hex'), first);
    for (; at < this.count && found.length < limit; at++) {
      const oid = this.oidAt(at);
      if (!oid.startsWith(prefix)) break;
      found.push(oid);
    }
    return found;
  }

  #position(wanted: Buffer): number {
    const first = wanted[0] ?? 0;
    const at = this.#lowerBound(wanted, first);
    if (at >= this.count) return -1;
    return this.#bytes.compareId(wanted, OIDS_AT + at * 20) === 0 ? at : -1;
  }

  /** The first position whose id is not below `wanted`, whose first byte is `first`. */
  #lowerBound(wanted: Buffer, first: number): number {
    const bytes = this.#bytes;
    let low = first === 0 ? 0 : bytes.uint32(FANOUT_AT + 4 * (first - 1));
    let high = bytes.uint32(FANOUT_AT + 4 * first);
    // Ids are hashes, so they lie evenly: the place can be foretold to within the root of their number. From there the search widens
    // until it has the id between two others, and stays within one page of a lazily opened index instead of jumping over all.
    const guess = low + Math.floor(((high - low) * (wanted.readUInt32BE(0) & 0xffffff)) / 0x1000000);
    for (let step = NEAR; guess - step > low; step *= 4) {
      if (bytes.compareId(wanted, OIDS_AT + (guess - step) * 20) > 0) {
        low = guess - step + 1;
        break;
      }
      high = guess - step;
    }
    for (let step = NEAR; guess + step < high; step *= 4) {
      if (bytes.compareId(wanted, OIDS_AT + (guess + step) * 20) <= 0) {
        high = guess + step;
        break;
      }
      low = guess + step + 1;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bytes.compareId(wanted, OIDS_AT + middle * 20) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Hashes an index, letting the event loop in; rejects with {@link PackInvalid} where its last 20 bytes are not the result. */
async function requireChecksum(bytes: Buffer): Promise<void> {
  const hash = createHash('sha1');
  const pace = new Pace();
  for (let at = 0; at < bytes.length - 20; at += HASH_SLICE) {
    hash.update(bytes.subarray(at, Math.min(at + HASH_SLICE, bytes.length - 20)));
    if (pace.due()) await pace.breathe();
  }
  if (!hash.digest().equals(bytes.subarray(-20))) throw new PackInvalid('an index whose checksum is wrong');
}
