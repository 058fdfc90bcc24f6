import { createHash } from 'node:crypto';
import { PackInvalid } from '../objects/errors.js';
import type { Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';

const MAGIC = 0xff744f63;
const FANOUT_AT = 8;
const OIDS_AT = FANOUT_AT + 1024;
const HASH_SLICE = 4 << 20;

/**
 * A pack index of version 2 (gitformat-pack, "Version 2 pack-*.idx files"), read in place from one buffer: 32 bytes an
 * object. Its own checksum is verified once when it is opened, so a flipped bit is a refusal and never a wrong offset.
 */
export class PackIndex {
  /** How many objects it lists. */
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #offsetsAt: number;
  readonly #largeAt: number;
  readonly #large: number;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    if (bytes.length < OIDS_AT + 40) throw new PackInvalid('an index cut short');
    if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== 2) throw new PackInvalid('not an index of version 2');
    let count = 0;
    for (let first = 0; first < 256; first++) {
      const upTo = bytes.readUInt32BE(FANOUT_AT + 4 * first);
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
    const index = new PackIndex(bytes);
    const hash = createHash('sha1');
    const pace = new Pace();
    for (let at = 0; at < bytes.length - 20; at += HASH_SLICE) {
      hash.update(bytes.subarray(at, Math.min(at + HASH_SLICE, bytes.length - 20)));
      if (pace.due()) await pace.breathe();
    }
    if (!hash.digest().equals(bytes.subarray(-20))) throw new PackInvalid('an index whose checksum is wrong');
    return index;
  }

  /** Bytes of memory that it holds. */
  get bytes(): number {
    return this.#bytes.length;
  }

  /** The checksum of the pack that this index belongs to, in hex: the pack's last 20 bytes. */
  get packChecksum(): string {
    return this.#bytes.toString('hex', this.#bytes.length - 40, this.#bytes.length - 20);
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
    return this.#bytes.toString('hex', at, at + 20);
  }

  /** The first 32 bits of the id at a position. */
  prefixAt(position: number): number {
    return this.#bytes.readUInt32BE(OIDS_AT + position * 20);
  }

  /** The pack offset at a position of the index's order. */
  offsetAt(position: number): number {
    const offset = this.#bytes.readUInt32BE(this.#offsetsAt + position * 4);
    if (offset < 0x80000000) return offset;
    const slot = offset - 0x80000000;
    if (slot >= this.#large) throw new PackInvalid('an index with an offset outside its table');
    const at = this.#largeAt + slot * 8;
    return this.#bytes.readUInt32BE(at) * 0x100000000 + this.#bytes.readUInt32BE(at + 4);
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
    const oidAt = OIDS_AT + at * 20;
    return this.#bytes.compare(wanted, 0, 20, oidAt, oidAt + 20) === 0 ? at : -1;
  }

  /** The first position whose id is not below `wanted`, whose first byte is `first`. */
  #lowerBound(wanted: Buffer, first: number): number {
    const bytes = this.#bytes;
    let low = first === 0 ? 0 : bytes.readUInt32BE(FANOUT_AT + 4 * (first - 1));
    let high = bytes.readUInt32BE(FANOUT_AT + 4 * first);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const oidAt = OIDS_AT + middle * 20;
      if (bytes.compare(wanted, 0, 20, oidAt, oidAt + 20) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
