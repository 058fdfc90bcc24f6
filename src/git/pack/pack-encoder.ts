import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, deflate, deflateSync } from 'node:zlib';
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

/** How much is hashed before the event loop may be let in. */
const SLICE_BYTES = 2 << 20;

const deflateInPool = promisify(deflate);

/** An object's content as a zlib stream, whole; made in the thread pool when it takes milliseconds. */
export async function deflateObject(content: Buffer, level: number): Promise<Buffer> {
  // One output buffer for all: joining the default pieces of 16 kB of 100 MB would hold the event loop for 0.2 s.
  const options = { level, chunkSize: compressedBound(content.length) };
  return content.length > SYNC_BYTES ? deflateInPool(content, options) : deflateSync(content, options);
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
    for (let done = 0; done < body.length; done += SLICE_BYTES) {
      const slice = body.subarray(done, done + SLICE_BYTES);
      hash.update(slice);
      crc = crc32(slice, crc);
      if (pace.due()) await pace.breathe();
    }
    columns.oids.write(oid, at * 20, 'hex');
    columns.offsets[at] = offset;
    columns.crcs[at] = crc;
    chunks.push(header, body);
    offset += header.length + body.length;
    if (pace.due()) await pace.breathe();
  }
  const checksum = hash.digest();
  chunks.push(checksum);
  return { chunks, idx: await encodePackIndex(columns, checksum), checksum: checksum.toString('hex'), bytes: offset + 20, objects: count };
}
