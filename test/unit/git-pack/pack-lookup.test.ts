import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashObject } from '../../../src/git/objects/hash.js';
import { ByteLru } from '../../../src/git/memory/byte-lru.js';
import { packObjects } from '../../../src/git/pack/pack-encoder.js';
import { PackFile } from '../../../src/git/pack/pack-file.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';
import { PackLookup } from '../../../src/git/pack/pack-lookup.js';
import { encodePackIndex } from '../../../src/git/pack/index-writer.js';
import { BufferAccess } from '../../../src/git/pack/random-access.js';

const READING = { maxObjectBytes: 1 << 30, largeObjectBytes: 1 << 20, bases: new ByteLru<string, never>(0) };

async function packOf(...texts: readonly string[]): Promise<PackFile> {
  const encoded = await packObjects(texts.map((text) => ({ oid: hashObject('blob', Buffer.from(text)), type: 'blob', content: Buffer.from(text) })));
  return PackFile.open(await PackIndex.open(encoded.idx), new BufferAccess(Buffer.concat(encoded.chunks)), READING);
}

/** A pack whose index lists these ids and whose objects are not there: what a lookup asks is the index alone. */
async function packListing(count: number, oids: Buffer): Promise<PackFile> {
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  head.writeUInt32BE(count, 8);
  const checksum = createHash('sha1').update(head).digest();
  const idx = await encodePackIndex({ count, oids, offsets: new Float64Array(count).fill(12), crcs: new Uint32Array(count) }, checksum);
  return PackFile.open(await PackIndex.open(idx), new BufferAccess(Buffer.concat([head, checksum])), READING);
}

/** An id that begins as all of them do, and ends with this byte. */
function like(end: number): Buffer {
  return Buffer.concat([Buffer.from('ffffffff', 'hex'), Buffer.alloc(15), Buffer.from([end])]);
}

/** The ids of which the lookup answers other packs than asking each of them does, or one twice. */
function wronglyFound(lookup: PackLookup, packs: readonly PackFile[], oids: readonly string[]): string[] {
  return oids.filter((oid) => {
    const found = [...lookup.holding(Buffer.from(oid, 'hex'))];
    const holding = packs.filter((pack) => pack.contains(oid));
    return found.length !== holding.length || holding.some((pack) => !found.includes(pack));
  });
}

describe('a lookup over many packs', () => {
  it('finds exactly the packs that list an object, each once, whether they were there at first or came later', async () => {
    const packs: PackFile[] = [];
    const lookup = new PackLookup([]);
    const oids: string[] = [];
    for (let at = 0; at < 120; at++) {
      const own = [`one of ${at}`, `shared by seven ${at % 17}`, `of two ${Math.floor(at / 2)}`];
      oids.push(...own.map((text) => hashObject('blob', Buffer.from(text))));
      const pack = await packOf(...own);
      packs.push(pack);
      lookup.add(pack);
      expect(wronglyFound(lookup, packs, oids)).toEqual([]);
    }
    for (let at = 0; at < 200; at++) expect([...lookup.holding(randomBytes(20))]).toEqual([]);
  });

  it('tells ids apart that begin alike', async () => {
    const packs = await Promise.all(Array.from({ length: 30 }, (_, at) => packListing(2, Buffer.concat([like(at), like(100 + (at % 3))]))));
    const lookup = new PackLookup(packs);
    expect(wronglyFound(lookup, packs, Array.from({ length: 110 }, (_, end) => like(end).toString('hex')))).toEqual([]);
  });

  it('asks large packs first and one by one', async () => {
    const count = 70_000;
    const oids = randomBytes(count * 20);
    const large = await packListing(count, oids);
    const wanted = oids.subarray(40, 60);
    const small = await Promise.all(Array.from({ length: 20 }, () => packListing(1, wanted)));
    const found = [...new PackLookup([...small, large]).holding(wanted)];
    expect(found[0]).toBe(large);
    expect(new Set(found)).toEqual(new Set([large, ...small]));
  });

  it('goes on with what it knew while packs are added under a reader that waits', async () => {
    const packs = await Promise.all(Array.from({ length: 20 }, (_, at) => packOf('the same', `own ${at}`)));
    const lookup = new PackLookup(packs);
    const oid = Buffer.from(hashObject('blob', Buffer.from('the same')), 'hex');
    const found: PackFile[] = [];
    for (const pack of lookup.holding(oid)) {
      found.push(pack);
      lookup.add(await packOf(`added ${found.length}`));
      expect([...lookup.holding(oid)]).toHaveLength(20);
    }
    expect(new Set(found)).toEqual(new Set(packs));
    expect(found).toHaveLength(20);
  });
});
