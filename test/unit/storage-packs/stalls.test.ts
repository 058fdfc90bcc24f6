import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePackIndex } from '../../../src/git/pack/index-writer.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';
import { createPackCaches } from '../../../src/storage/packs/pack-caches.js';
import { distinctObjects } from '../../../src/storage/upkeep/distinct.js';
import { watchMainThread } from '../../support/main-thread.js';
import { makeStore, type StoreFixture } from './pack-directory-fixture.js';

/** No turn of the event loop may take longer, in milliseconds of its own processor time. */
const LONGEST_MS = 100;
const LARGE_BYTES = 40 << 20;

let fixture: StoreFixture;
beforeAll(() => {
  fixture = makeStore();
});
afterAll(() => fixture.remove());

describe('the event loop is never held', () => {
  it('while 40 MB that do not compress are hashed, stored, found stored, copied and read', async () => {
    const content = Buffer.alloc(LARGE_BYTES);
    for (let at = 0; at < content.length; at += 1 << 20) randomBytes(1 << 20).copy(content, at);
    const store = fixture.open({ zlibLevel: 1 });
    const watch = watchMainThread();
    const staged = store.stage();
    const oid = await staged.putLarge('blob', content);
    const pack = await store.persist(staged);
    if (pack === null) throw new TypeError('nothing was stored');
    fixture.live.push(pack.name);
    store.adopt(pack);
    expect(await store.persist(staged)).toBeNull();
    const copy = await store.copyPack(await distinctObjects([...(await store.openPacks()).values()]));
    fixture.live.splice(0, 1, copy.name);
    const object = await fixture.open({ caches: createPackCaches({ objectBytes: 0 }) }).read(oid);
    const { longestMs, turns } = watch.stop();
    expect(object.content.equals(content)).toBe(true);
    expect(turns).toBeGreaterThan(50);
    expect(longestMs).toBeLessThan(LONGEST_MS);
  });

  it('while the index of 400,000 objects is made and opened', async () => {
    const count = 400_000;
    const oids = randomBytes(count * 20);
    const offsets = Float64Array.from({ length: count }, (_, at) => 12 + at * 40);
    const watch = watchMainThread();
    const index = await PackIndex.open(await encodePackIndex({ count, oids, offsets, crcs: new Uint32Array(count) }, Buffer.alloc(20, 7)));
    const { longestMs, turns } = watch.stop();
    for (let at = 0; at < count; at += 997) expect(index.offsetOf(oids.toString('hex', at * 20, at * 20 + 20))).toBe(12 + at * 40);
    expect(turns).toBeGreaterThan(5);
    expect(longestMs).toBeLessThan(LONGEST_MS);
  });
});
