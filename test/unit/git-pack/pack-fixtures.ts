import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** The bytes of an entry's header, written here a second time so that the code under test is not its own judge. */
export function entryHeader(type: number, size: number): Buffer {
  const bytes = [];
  let rest = BigInt(size) >> 4n;
  bytes.push((type << 4) | (size % 16) | (rest > 0n ? 0x80 : 0));
  while (rest > 0n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  }
  return Buffer.from(bytes);
}

/** A size as deltas write it. */
export function sizeBytes(size: number): Buffer {
  const bytes = [];
  let rest = BigInt(size);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A delta on the entry that lies `distance` bytes before it. */
export function offsetDelta(distance: number, delta: Buffer): Buffer {
  const bytes = [distance & 0x7f];
  for (let rest = distance >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (--rest & 0x7f));
  return Buffer.concat([entryHeader(6, delta.length), Buffer.from(bytes), deflateSync(delta)]);
}

/** A delta on the object with this id. */
export function refDelta(base: string, delta: Buffer): Buffer {
  return Buffer.concat([entryHeader(7, delta.length), Buffer.from(base, 'hex'), deflateSync(delta)]);
}

/** A pack of these entries with a right checksum; it may lie about their number. */
export function packOf(entries: readonly Buffer[], count: number = entries.length): Buffer {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0');
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}
