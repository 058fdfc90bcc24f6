import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PackInvalid } from '../../../src/git/objects/errors.js';
import { Pace } from '../../../src/git/objects/pace.js';
import { encodePackIndex, sortedOrder } from '../../../src/git/pack/index-writer.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';

const TRAILER = Buffer.alloc(20, 7);

describe('an index', () => {
  it('finds every object of a pack beyond 2 and 4 GiB at its offset', async () => {
    const count = 3000;
    const oids = randomBytes(count * 20);
    const offsets = Float64Array.from({ length: count }, (_, at) => 12 + at * 5_000_011);
    expect(offsets.at(-1)).toBeGreaterThan(2 ** 33);
    const index = await PackIndex.open(await encodePackIndex({ count, oids, offsets, crcs: new Uint32Array(count) }, TRAILER));
    expect(index.packChecksum).toBe(TRAILER.toString('hex'));
    for (let at = 0; at < count; at++) {
      const oid = oids.toString('hex', at * 20, at * 20 + 20);
      expect(index.offsetOf(oid)).toBe(offsets[at]);
    }
    for (let at = 1; at < count; at++) expect(index.oidAt(at - 1) < index.oidAt(at)).toBe(true);
    expect(index.offsetOf(randomBytes(20).toString('hex'))).toBe(-1);
  });

  it('orders ids that share their leading bits by the rest', async () => {
    const ids = ['aaaaaaaaff', 'aaaaaaaa00', '0000000001', 'ffffffffff', 'aaaaaaaa7f', '0000000000'].map((head) => head.padEnd(40, '0'));
    const order = await sortedOrder(Buffer.from(ids.join(''), 'hex'), ids.length, new Pace());
    expect([...order].map((at) => ids[at])).toEqual([...ids].sort());
  });

  it('of nothing is an index, and of an object twice is refused', async () => {
    const none = { count: 0, oids: Buffer.alloc(0), offsets: new Float64Array(0), crcs: new Uint32Array(0) };
    const index = await PackIndex.open(await encodePackIndex(none, TRAILER));
    expect([index.count, index.offsetOf('ab'.repeat(20)), index.withPrefix('abcd', 5).length]).toEqual([0, -1, 0]);
    const twice = { count: 2, oids: Buffer.alloc(40, 3), offsets: Float64Array.of(12, 50), crcs: new Uint32Array(2) };
    await expect(encodePackIndex(twice, TRAILER)).rejects.toThrow(PackInvalid);
  });

  it('finds ids by prefixes of odd and even length, and at the ends of its order', async () => {
    const ids = ['0000', '00ff', 'ab10', 'ab12', 'ab13', 'ffff'].map((head) => head.padEnd(40, '5'));
    const columns = { count: ids.length, oids: Buffer.from(ids.join(''), 'hex'), offsets: Float64Array.from(ids, (_, at) => 12 + at), crcs: new Uint32Array(ids.length) };
    const index = await PackIndex.open(await encodePackIndex(columns, TRAILER));
    expect(index.withPrefix('ab1', 10)).toEqual(ids.slice(2, 5));
    expect(index.withPrefix('ab12', 10)).toEqual([ids[3]]);
    expect(index.withPrefix('ab1', 2)).toEqual(ids.slice(2, 4));
    expect(index.withPrefix('ffff', 2)).toEqual([ids[5]]);
    expect(index.withPrefix('00005', 2)).toEqual([ids[0]]);
    expect(index.withPrefix('cccc', 2)).toEqual([]);
    expect(index.withPrefix(ids[4] ?? '', 2)).toEqual([ids[4]]);
  });
});
