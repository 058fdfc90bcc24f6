import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { crc32, createDeflate, deflateSync } from 'node:zlib';
import type { ObjectType, Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import { encodeEntryHeader } from './entry-header.js';
import { encodePackIndex } from './index-writer.js';
import { compressedBound } from './inflate.js';

/** One object to be packed. `oid` is believed; whoever made the object has hashed it. */
export interface PackInput {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** A pack and its index, in memory. `chunks` joined are the pack; `checksum` is its last 20 bytes in hex. */
export interface EncodedPack {
  readonly chunks: readonly Buffer[];
  readonly idx: Buffer;
  readonly checksum: string;
  readonly bytes: number;
  readonly objects: number;
}

/** Above this, deflating one object would hold the event loop for milliseconds and goes to the thread pool. */
const SYNC_BYTES = 64 << 10;

/** What a large stream is made, and hashed, in: 2 ms of hashing. */
const LARGE_PIECE_BYTES = 1 << 20;

/**
 * An object's content as a zlib stream, in pieces; made in the thread pool when it takes milliseconds. Pieces, because zlib ends a
 * stream in a piece of its own, and joining that to 100 MB holds the event loop for 50 to 130 ms.
 */
export async function deflateObject(content: Buffer, level: number): Promise<readonly Buffer[]> {
  if (content.length <= SYNC_BYTES) return [deflateSync(content, { level, chunkSize: compressedBound(content.length) })];
  const stream = createDeflate({ level, chunkSize: Math.min(compressedBound(content.length), LARGE_PIECE_BYTES) });
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.end(content);
  await finished(stream);
  return pieces;
}

/**
 * A pack of version 2 of these objects, each once, in their order, without deltas: a pack of one operation is small, and
 * the answer waits for it. `level` is zlib's (git's default of 6 where absent). Yields to the event loop between objects.
 */
export async function packObjects(inputs: readonly PackInput[], level = 6): Promise<EncodedPack> {
  const count = inputs.length;
  const columns = { count, oids: Buffer.alloc(count * 20), offsets: new Float64Array(count), crcs: new Uint32Array(count) };
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(count, 8);
  const chunks: Buffer[] = [head];
  const hash = createHash('sha1').update(head);
  const pace = new Pace();
  let offset = head.length;
  for (const [at, { oid, type, content }] of inputs.entries()) {
    const header = encodeEntryHeader(type, content.length);
    const body = await deflateObject(content, level);
    hash.update(header);
    let crc = crc32(header);
    let length = header.length;
    for (const piece of body) {
      hash.update(piece);
      crc = crc32(piece, crc);
      length += piece.length;
      if (pace.due()) await pace.breathe();
    }
    columns.oids.write(oid, at * 20, 'hex');
    columns.offsets[at] = offset;
    columns.crcs[at] = crc;
    chunks.push(header, ...body);
    offset += length;
    if (pace.due()) await pace.breathe();
  }
  const checksum = hash.digest();
  chunks.push(checksum);
  return { chunks, idx: await encodePackIndex(columns, checksum), checksum: checksum.toString('hex'), bytes: offset + 20, objects: count };
}
