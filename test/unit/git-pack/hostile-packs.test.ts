import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ByteLru } from '../../../src/git/memory/byte-lru.js';
import { BudgetExceeded, ObjectCorrupt, ObjectMissing, PackInvalid } from '../../../src/git/objects/errors.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { readBundleHeader } from '../../../src/git/pack/bundle.js';
import { applyDelta, parseDeltaHeader } from '../../../src/git/pack/delta.js';
import { indexPack } from '../../../src/git/pack/index-pack.js';
import { PackFile } from '../../../src/git/pack/pack-file.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';
import { BufferAccess } from '../../../src/git/pack/random-access.js';
import { entryHeader, offsetDelta, packOf, refDelta, sizeBytes } from './pack-fixtures.js';

const blob = (text: string): Buffer => Buffer.concat([entryHeader(3, Buffer.byteLength(text)), deflateSync(Buffer.from(text))]);
const index = async (pack: Buffer, limits = {}): Promise<unknown> => indexPack(new BufferAccess(pack), limits);

const header = (text: string): unknown => readBundleHeader(new BufferAccess(Buffer.from(text)));

/** A delta that copies all of its base `times` times. */
function copies(base: number, times: number): Buffer {
  const copy = Buffer.from([0xf0, base & 255, (base >> 8) & 255, (base >> 16) & 255]);
  return Buffer.concat([sizeBytes(base), sizeBytes(base * times), ...Array.from({ length: times }, () => copy)]);
}

describe('a hostile pack', () => {
  it('of 46 bytes that declares four billion objects is refused before memory is taken', async () => {
    const pack = packOf([Buffer.alloc(14)], 0xffffffff);
    expect(pack.length).toBe(46);
    const before = process.memoryUsage().rss;
    await expect(index(pack)).rejects.toThrow(BudgetExceeded);
    await expect(index(pack, { maxObjects: 2 ** 33 })).rejects.toThrow(/declares 4294967295 objects in 46 bytes/u);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 << 20);
  });

  it('whose object declares a gigabyte in a few bytes is refused before memory is taken', async () => {
    const pack = packOf([Buffer.concat([entryHeader(3, 2 ** 30), deflateSync(Buffer.from('x'))])]);
    const before = process.memoryUsage().rss;
    await expect(index(pack)).rejects.toThrow(/cannot come out of/u);
    await expect(index(pack, { maxObjectBytes: 1 << 20 })).rejects.toThrow(BudgetExceeded);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 << 20);
  });

  it('whose object declares less or more than its stream holds is refused', async () => {
    for (const size of [0, 4, 6, 60]) await expect(index(packOf([Buffer.concat([entryHeader(3, size), deflateSync(Buffer.from('hello'))])]))).rejects.toThrow(PackInvalid);
  });

  it('whose deltas multiply is ended by the bound of one object and by the bound of all', async () => {
    const base = Buffer.alloc(60_000, 'x');
    const entries: Buffer[] = [Buffer.concat([entryHeader(3, base.length), deflateSync(base)])];
    let size = base.length;
    for (let level = 0; level < 3; level++) {
      entries.push(offsetDelta(entries.at(-1)?.length ?? 0, copies(size, 16)));
      size *= 16;
    }
    const pack = packOf(entries);
    expect(pack.length).toBeLessThan(1000);
    await expect(index(pack, { maxObjectBytes: 32 << 20 })).rejects.toMatchObject({ name: 'BudgetExceeded', budget: 'object bytes', actual: size });
    await expect(index(pack, { maxTotalBytes: 32 << 20 })).rejects.toMatchObject({ name: 'BudgetExceeded', budget: 'bytes of all objects' });
    await expect(index(pack)).resolves.toMatchObject({ objects: 4 });
  });

  it('with many deltas on one large base is ended by the bound of all', async () => {
    const base = Buffer.alloc(1 << 20, 'y');
    const entries: Buffer[] = [Buffer.concat([entryHeader(3, base.length), deflateSync(base)])];
    let distance = entries[0]?.length ?? 0;
    for (let at = 0; at < 200; at++) {
      const delta = Buffer.concat([sizeBytes(base.length), sizeBytes(base.length + 1), Buffer.from([0xf0, 0xff, 0xff, 0x0f, 0x91, 0xff, 0x01, 0x01, at])]);
      const entry = offsetDelta(distance, delta);
      entries.push(entry);
      distance += entry.length;
    }
    await expect(index(packOf(entries), { maxTotalBytes: 20 << 20, memoryBytes: 1 << 20 })).rejects.toThrow(BudgetExceeded);
  });

  it('that is thin, or whose deltas turn in a circle, is refused with a sentence', async () => {
    const delta = Buffer.concat([sizeBytes(1), sizeBytes(1), Buffer.from([1, 65])]);
    const absent = 'ab'.repeat(20);
    await expect(index(packOf([refDelta(absent, delta)]))).rejects.toThrow(`${absent} is not among its objects`);
    await expect(index(packOf([blob('x'), refDelta(absent, delta), offsetDelta(refDelta(absent, delta).length, delta)]))).rejects.toThrow(/thin/u);
  });

  it('that holds an object twice is refused', async () => {
    await expect(index(packOf([blob('x'), blob('x')]))).rejects.toThrow(/twice/u);
    const same = Buffer.concat([sizeBytes(1), sizeBytes(1), Buffer.from([0x90, 1])]);
    await expect(index(packOf([blob('x'), offsetDelta(blob('x').length, same)]))).rejects.toThrow(/twice/u);
  });

  it.each([
    ['an unknown type', packOf([Buffer.concat([entryHeader(5, 1), deflateSync(Buffer.from('x'))])])],
    ['a base before the first object', packOf([offsetDelta(5000, Buffer.from([1, 1, 1, 65]))])],
    ['a base where no object begins', packOf([blob('hello'), offsetDelta(3, Buffer.from([5, 1, 1, 65]))])],
    ['itself as its base', packOf([blob('x'), offsetDelta(0, Buffer.from([1, 1, 1, 65]))])],
    ['fewer objects than it declares', packOf([blob('x')], 2)],
    ['more objects than it declares', packOf([blob('x'), blob('y')], 1)],
    ['no objects at all but bytes', packOf([blob('x')], 0)],
    ['a size that never ends', packOf([Buffer.alloc(20, 0xff)])],
    ['another version', Buffer.concat([Buffer.from('PACK\0\0\0\x04\0\0\0\0'), Buffer.alloc(20)])],
    ['another signature', Buffer.concat([Buffer.from('KCAP\0\0\0\x02\0\0\0\0'), Buffer.alloc(20)])],
    ['hardly a byte', Buffer.from('PACK')],
    ['a wrong checksum', Buffer.concat([packOf([blob('x')]).subarray(0, -1), Buffer.from([0])])],
  ])('with %s is refused', async (_, pack) => {
    await expect(index(pack)).rejects.toThrow(PackInvalid);
  });

  it('may be empty, as git allows', async () => {
    await expect(index(packOf([]))).resolves.toMatchObject({ objects: 0 });
  });

  it('cut short at any byte is refused', async () => {
    const pack = packOf([blob('one'), blob('two'), offsetDelta(blob('two').length, Buffer.concat([sizeBytes(3), sizeBytes(4), Buffer.from([0x90, 3, 1, 66])]))]);
    await expect(index(pack)).resolves.toMatchObject({ objects: 3 });
    for (let length = 0; length < pack.length; length++) await expect(index(pack.subarray(0, length))).rejects.toThrow(PackInvalid);
  });

  it('that ends a long index is given up when the caller aborts', async () => {
    const entries = Array.from({ length: 20_000 }, (_, at) => blob(`text ${at}`));
    await expect(indexPack(new BufferAccess(packOf(entries)), {}, AbortSignal.abort(new PackInvalid('given up')))).rejects.toThrow('given up');
  });
});

describe('a delta', () => {
  const base = Buffer.from('0123456789');
  it('copies and inserts', () => {
    const delta = Buffer.concat([sizeBytes(10), sizeBytes(7), Buffer.from([0x91, 2, 3, 2, 65, 66, 0x90, 2])]);
    expect(applyDelta(base, delta, 100).toString()).toBe('234AB01');
  });

  it('of no size in its copy means 65536 bytes', () => {
    const large = Buffer.alloc(0x10000, 'z');
    expect(applyDelta(large, Buffer.concat([sizeBytes(0x10000), sizeBytes(0x10000), Buffer.from([0x80])]), 1 << 20).equals(large)).toBe(true);
  });

  it.each([
    ['a base of another size', [9, 1, 1, 65]],
    ['the reserved instruction', [10, 1, 0]],
    ['a copy past its base', [10, 5, 0x91, 8, 5]],
    ['a copy past its result', [10, 2, 0x90, 5]],
    ['an insert past its end', [10, 5, 5, 65]],
    ['an insert past its result', [10, 1, 2, 65, 66]],
    ['a result too short', [10, 5, 1, 65]],
    ['a copy cut short', [10, 5, 0x91]],
    ['no sizes', [0x80]],
    ['a size without end', Array.from({ length: 12 }, () => 0xff)],
    ['a result that no instruction can make', [10, 0xff, 0xff, 0xff, 0x7f]],
  ])('with %s is refused', (_, bytes) => {
    expect(() => applyDelta(base, Buffer.from(bytes), 1 << 30)).toThrow(PackInvalid);
  });

  it('declares its sizes, and one over the bound is refused before memory is taken', () => {
    const delta = Buffer.concat([sizeBytes(10), sizeBytes(2 ** 40), Buffer.alloc(100_000, 0x80)]);
    expect(parseDeltaHeader(delta)).toMatchObject({ baseSize: 10, resultSize: 2 ** 40 });
    expect(() => applyDelta(base, delta, 1 << 30)).toThrow(BudgetExceeded);
  });
});

describe('a reader of a pack', () => {
  const reading = { maxObjectBytes: 1 << 20, largeObjectBytes: 1 << 16 };
  const open = async (pack: Buffer): Promise<PackFile> => {
    const { idx } = await indexPack(new BufferAccess(pack));
    return PackFile.open(await PackIndex.open(idx), new BufferAccess(pack), { ...reading, bases: new ByteLru(1 << 20) });
  };

  it('never calls a swapped offset an object', async () => {
    const pack = packOf([blob('one'), blob('two')]);
    const { idx } = await indexPack(new BufferAccess(pack));
    const at = 8 + 1024 + 2 * 24;
    const swapped = Buffer.concat([idx.subarray(0, at), idx.subarray(at + 4, at + 8), idx.subarray(at, at + 4), idx.subarray(at + 8, -20)]);
    const resealed = Buffer.concat([swapped, createHash('sha1').update(swapped).digest()]);
    const file = PackFile.open(await PackIndex.open(resealed), new BufferAccess(pack), { ...reading, bases: new ByteLru(0) });
    await expect(file.read(hashObject('blob', Buffer.from('one')))).rejects.toThrow(ObjectCorrupt);
  });

  it('says missing for what is not there, and refuses what is over its bound', async () => {
    const big = Buffer.alloc((1 << 20) + 1, 'b');
    const file = await open(packOf([Buffer.concat([entryHeader(3, big.length), deflateSync(big)]), blob('small')]));
    await expect(file.read('00'.repeat(20))).rejects.toThrow(ObjectMissing);
    await expect(file.read(hashObject('blob', big))).rejects.toThrow(BudgetExceeded);
    expect(await file.header(hashObject('blob', big))).toEqual({ type: 'blob', size: big.length });
    expect((await file.read(hashObject('blob', Buffer.from('small')))).content.toString()).toBe('small');
  });

  it('reads a stream of many empty stored blocks, longer than any that git writes', async () => {
    const empty = Buffer.from([0, 0, 0, 0xff, 0xff]);
    const body = Buffer.concat([Buffer.from([0x78, 0x01]), ...Array.from({ length: 150 }, () => empty), deflateSync(Buffer.from('tiny')).subarray(2)]);
    const file = await open(packOf([Buffer.concat([entryHeader(3, 4), body]), ...Array.from({ length: 300 }, (_, at) => blob(`filler ${at}`))]));
    expect((await file.read(hashObject('blob', Buffer.from('tiny')))).content.toString()).toBe('tiny');
  });

  it('refuses an index of another pack, and indexes that are malformed', async () => {
    const { idx } = await indexPack(new BufferAccess(packOf([blob('one')])));
    const other = packOf([blob('two')]);
    const opened = await PackIndex.open(idx);
    expect(() => PackFile.open(opened, new BufferAccess(other), { ...reading, bases: new ByteLru(0) })).toThrow(/belong together/u);
    for (let length = 0; length < idx.length; length += 7) await expect(PackIndex.open(idx.subarray(0, length))).rejects.toThrow(PackInvalid);
    for (let at = 0; at < idx.length; at++) {
      const flipped = Buffer.from(idx);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await expect(PackIndex.open(flipped)).rejects.toThrow(PackInvalid);
    }
  });
});

describe('a bundle', () => {
  const oid = 'ab'.repeat(20);

  it('of version 3 has capabilities, prerequisites and references', () => {
    const text = `# v3 git bundle\n@object-format=sha1\n-${oid} a comment\n${oid} refs/heads/main\n${oid} HEAD\n\nPACK`;
    expect(header(text)).toMatchObject({ version: 3, prerequisites: [oid], references: [{ oid, name: 'refs/heads/main' }, { oid, name: 'HEAD' }], packOffset: text.length - 4 });
  });

  it.each([
    ['another signature', '# v4 git bundle\n\nPACK'],
    ['no signature', 'PACK'],
    ['no end', `# v2 git bundle\n${oid} HEAD\n`],
    ['a filter', '# v3 git bundle\n@filter=blob:none\n\nPACK'],
    ['SHA-256', '# v3 git bundle\n@object-format=sha256\n\nPACK'],
    ['an unknown capability', '# v3 git bundle\n@shiny\n\nPACK'],
    ['a capability in version 2', '# v2 git bundle\n@object-format=sha1\n\nPACK'],
    ['a line of no form', '# v2 git bundle\nhello\n\nPACK'],
    ['a prerequisite behind a reference', `# v2 git bundle\n${oid} HEAD\n-${oid}\n\nPACK`],
    ['nothing', ''],
  ])('with %s is refused', (_, text) => {
    expect(() => header(text)).toThrow(PackInvalid);
  });
});
