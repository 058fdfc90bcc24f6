import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PackInvalid } from '../../../src/git/objects/errors.js';
import { encodePackIndex } from '../../../src/git/pack/index-writer.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';
import { BufferAccess, type RandomAccess } from '../../../src/git/pack/random-access.js';

const TRAILER = Buffer.alloc(20, 7);

/** Counts what is read of a buffer; from `cut` on every read fails, as those of a file that is gone do. */
class CountedAccess extends BufferAccess {
  bytesRead = 0;
  reads = 0;
  closed = 0;
  cut = false;

  override read(position: number, length: number): Buffer {
    if (this.cut) throw new RangeError('gone');
    this.reads++;
    this.bytesRead += length;
    return super.read(position, length);
  }

  override close(): void {
    this.closed++;
  }
}

async function indexOf(oids: Buffer): Promise<Buffer> {
  const count = oids.length / 20;
  return encodePackIndex({ count, oids, offsets: Float64Array.from({ length: count }, (_, at) => 12 + at * 3_000_017), crcs: new Uint32Array(count) }, TRAILER);
}

/** As many ids as hashes spread them; nearly all under one first byte; in runs that share all but their last bytes. */
const SPREADS: readonly (readonly [name: string, oids: Buffer])[] = [
  ['spread evenly', randomBytes(20 * 4000)],
  ['crowded under one byte', Buffer.concat(Array.from({ length: 4000 }, (_, at) => Buffer.concat([Buffer.of(at % 100 === 0 ? 9 : 7), randomBytes(19)])))],
  ['alike but for their end', Buffer.concat(Array.from({ length: 4000 }, (_, at) => Buffer.concat([Buffer.alloc(16, 0xab), Buffer.of(0, 0, at >> 8, at & 0xff)])))],
  ['at both ends of a byte', Buffer.concat(Array.from({ length: 2000 }, (_, at) => Buffer.concat([Buffer.of(5, at % 2 === 0 ? 0 : 0xff, at % 2 === 0 ? 0 : 0xff, at % 2 === 0 ? 0 : 0xff), randomBytes(16)])))],
  ['one', randomBytes(20)],
];

describe('an index that is read by pages', () => {
  it.each(SPREADS)('finds what the whole one finds, of ids %s', async (_name, oids) => {
    const bytes = await indexOf(oids);
    const [whole, paged] = [await PackIndex.open(bytes), PackIndex.lazily(new BufferAccess(bytes))];
    expect([paged.count, paged.packChecksum, paged.isSettled]).toEqual([whole.count, whole.packChecksum, false]);
    for (let at = 0; at < whole.count; at++) {
      const oid = oids.toString('hex', at * 20, at * 20 + 20);
      expect(paged.offsetOf(oid)).toBe(12 + at * 3_000_017);
      expect(whole.offsetOf(oid)).toBe(12 + at * 3_000_017);
      const near = Buffer.from(oid, 'hex');
      near[19] = (near[19] ?? 0) ^ 0x80;
      expect(paged.positionOfBytes(near)).toBe(whole.positionOfBytes(near));
      expect(paged.oidAt(at)).toBe(whole.oidAt(at));
      expect(paged.prefixAt(at)).toBe(whole.prefixAt(at));
    }
    for (const absent of ['00'.repeat(20), 'ff'.repeat(20), 'ab'.repeat(20), '07'.repeat(20)]) expect(paged.offsetOf(absent)).toBe(whole.offsetOf(absent));
    for (const prefix of ['abab', '0700', '05ff', '0000', 'ffff']) expect(paged.withPrefix(prefix, 9)).toEqual(whole.withPrefix(prefix, 9));
  });

  it('reads a few pages for an object, however many there are', async () => {
    const count = 300_000;
    const oids = randomBytes(20 * count);
    const bytes = await indexOf(oids);
    const access = new CountedAccess(bytes);
    const index = PackIndex.lazily(access);
    const before = access.reads;
    const asked = 40;
    for (let at = 0; at < asked; at++) expect(index.offsetOf(oids.toString('hex', at * 20, at * 20 + 20))).toBe(12 + at * 3_000_017);
    // One page of ids, one of small and one of large offsets, and here and there a second one.
    expect((access.reads - before) / asked).toBeLessThan(4);
    expect(access.bytesRead).toBeLessThan(bytes.length / 4);
    expect(index.bytes).toBeLessThanOrEqual(access.bytesRead);
  });

  it('is whole in memory once it is settled, gives its file back and answers the same', async () => {
    const oids = randomBytes(20 * 3000);
    const access = new CountedAccess(await indexOf(oids));
    const index = PackIndex.lazily(access);
    const [first, second] = [index.settle(), index.settle()];
    await Promise.all([first, second]);
    expect([index.isSettled, access.closed, index.bytes]).toEqual([true, 1, access.size]);
    access.cut = true;
    for (let at = 0; at < 3000; at += 7) expect(index.offsetOf(oids.toString('hex', at * 20, at * 20 + 20))).toBe(12 + at * 3_000_017);
    await index.settle();
  });

  it('settles with one read for all who wait', async () => {
    const access = new CountedAccess(await indexOf(randomBytes(20 * 3000)));
    const index = PackIndex.lazily(access);
    const before = access.bytesRead;
    await Promise.all(Array.from({ length: 20 }, () => index.settle()));
    expect(access.bytesRead - before).toBe(access.size);
  });

  it('tries to settle again after a failure', async () => {
    const bytes = await indexOf(randomBytes(20 * 300));
    const access = new CountedAccess(bytes);
    const index = PackIndex.lazily(access);
    access.cut = true;
    await expect(index.settle()).rejects.toThrow('gone');
    expect(index.isSettled).toBe(false);
    access.cut = false;
    await index.settle();
    expect(index.isSettled).toBe(true);
  });

  it('is refused at once where its form is wrong, and by its checksum when it is settled', async () => {
    const bytes = await indexOf(randomBytes(20 * 300));
    const lazily = (change: (copy: Buffer) => Buffer | undefined): RandomAccess => {
      const copy = Buffer.from(bytes);
      return new BufferAccess(change(copy) ?? copy);
    };
    expect(() => PackIndex.lazily(lazily((copy) => copy.subarray(0, 900)))).toThrow(PackInvalid);
    expect(() => PackIndex.lazily(lazily((copy) => copy.subarray(0, -4)))).toThrow(PackInvalid);
    expect(() => PackIndex.lazily(lazily((copy) => void copy.writeUInt32BE(1, 0)))).toThrow(PackInvalid);
    expect(() => PackIndex.lazily(lazily((copy) => void copy.writeUInt32BE(0xffffffff, 8)))).toThrow(PackInvalid);
    // Offsets that point outside, and a changed id, show only now; resealed, the index would be another valid one.
    const flipped = PackIndex.lazily(lazily((copy) => void (copy[1500] = (copy[1500] ?? 0) ^ 1)));
    await expect(flipped.settle()).rejects.toThrow('checksum');
    const resealed = PackIndex.lazily(lazily((copy) => {
      copy[1500] = (copy[1500] ?? 0) ^ 1;
      createHash('sha1').update(copy.subarray(0, -20)).digest().copy(copy, copy.length - 20);
      return undefined;
    }));
    await resealed.settle();
  });
});
