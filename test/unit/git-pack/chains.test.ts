import { describe, expect, it } from 'vitest';
import { deflateSync } from 'node:zlib';
import { ByteLru } from '../../../src/git/memory/byte-lru.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { applyDelta } from '../../../src/git/pack/delta.js';
import { indexPack } from '../../../src/git/pack/index-pack.js';
import { PackFile } from '../../../src/git/pack/pack-file.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';
import { BufferAccess } from '../../../src/git/pack/random-access.js';
import { entryHeader, offsetDelta, packOf, sizeBytes } from './pack-fixtures.js';

/** Counts how often the pack is read, in whatever way. */
class CountingAccess extends BufferAccess {
  reads = 0;

  override read(position: number, length: number): Buffer {
    this.reads++;
    return super.read(position, length);
  }
}

const BASE = Buffer.from(Array.from({ length: 60 }, (_, line) => `line ${line} of the first version\n`).join(''));
const DEPTH = 50;

/** A base and a chain of deltas on it, each of which copies all but the last bytes of the one before and adds some; and what they make. */
function chain(added: number, gap: number): { pack: Buffer; contents: Buffer[] } {
  const entries: Buffer[] = [Buffer.concat([entryHeader(3, BASE.length), deflateSync(BASE)])];
  const contents: Buffer[] = [BASE];
  for (let at = 1; at <= DEPTH; at++) {
    const before = contents[at - 1] ?? BASE;
    const kept = before.length - 3;
    const insert = Buffer.alloc(added, `<${at}>`);
    const delta = Buffer.concat([sizeBytes(before.length), sizeBytes(kept + added), Buffer.from([0xb0, kept & 255, kept >> 8, added]), insert]);
    const filler = Buffer.concat([entryHeader(3, gap), deflateSync(Buffer.alloc(gap, `${at} `), { level: 0 })]);
    entries.push(filler, offsetDelta(filler.length + (entries.at(-1)?.length ?? 0), delta));
    contents.push(Buffer.concat([before.subarray(0, kept), insert]));
  }
  return { pack: packOf(entries), contents };
}

async function opened(pack: Buffer, largeObjectBytes: number, baseBytes: number): Promise<{ file: PackFile; access: CountingAccess }> {
  const access = new CountingAccess(pack);
  const { idx } = await indexPack(new BufferAccess(pack));
  return { file: PackFile.open(await PackIndex.open(idx), access, { maxObjectBytes: 1 << 20, largeObjectBytes, bases: new ByteLru(baseBytes) }), access };
}

describe('a chain of deltas', () => {
  it.each([
    ['held on the way', 1 << 16],
    ['of which only some are held on the way', 100],
    ['none of which is held on the way', 8],
  ])('%s gives every version, with bases kept and without', async (_, largeObjectBytes) => {
    const { pack, contents } = chain(20, 300);
    for (const baseBytes of [0, 1 << 20]) {
      const { file } = await opened(pack, largeObjectBytes, baseBytes);
      for (const content of contents.toReversed()) expect((await file.read(hashObject('blob', content))).content.equals(content)).toBe(true);
    }
  });

  it('of fifty whose bases lie near costs a few reads of the disk, not fifty', async () => {
    const { pack, contents } = chain(20, 300);
    const { file, access } = await opened(pack, 1 << 16, 0);
    const last = contents.at(-1) ?? BASE;
    access.reads = 0;
    expect((await file.read(hashObject('blob', last))).content.equals(last)).toBe(true);
    expect(access.reads).toBeLessThanOrEqual(2 + Math.ceil(pack.length / 12_000));
  });

  it('is read from the disk each time: what has gone bad in between is noticed', async () => {
    const { pack, contents } = chain(20, 300);
    const { file } = await opened(pack, 1 << 16, 0);
    const oid = hashObject('blob', contents.at(-1) ?? BASE);
    await file.read(oid);
    pack.fill(0xff, 20, 40);
    await expect(file.read(oid)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it('is read by two at a time, one of which waits, without either seeing the other’s bytes', async () => {
    const one = chain(20, 300);
    const two = chain(21, 700);
    const files = [await opened(one.pack, 8, 0), await opened(two.pack, 1 << 16, 0)];
    const reads = DEPTH * 2;
    const answers = await Promise.all(Array.from({ length: reads }, async (_, at) => {
      const content = (at % 2 === 0 ? one : two).contents[at >> 1] ?? BASE;
      return (await files[at % 2]?.file.read(hashObject('blob', content)))?.content.equals(content);
    }));
    expect(answers.every((same) => same === true)).toBe(true);
  });
});

describe('a delta', () => {
  it('copies and inserts pieces of every size around those that are copied byte by byte', () => {
    const base = Buffer.from(Array.from({ length: 300 }, (_, at) => at & 255));
    for (let size = 1; size <= 127; size++) {
      const insert = Buffer.from(Array.from({ length: size }, (_, at) => (at * 7 + size) & 255));
      const delta = Buffer.concat([sizeBytes(300), sizeBytes(2 * size), Buffer.from([0x91, 100, size, size]), insert]);
      expect(applyDelta(base, delta, 1000).equals(Buffer.concat([base.subarray(100, 100 + size), insert]))).toBe(true);
    }
  });
});
