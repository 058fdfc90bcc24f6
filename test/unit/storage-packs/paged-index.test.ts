import { rmSync, writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObjectCorrupt, ObjectMissing } from '../../../src/git/objects/errors.js';
import { createPackCaches } from '../../../src/storage/packs/pack-caches.js';
import type { PackDirectory } from '../../../src/storage/packs/pack-directory.js';
import { distinctObjects } from '../../../src/storage/upkeep/distinct.js';
import { makeStore, textOf, type StoreFixture } from './pack-directory-fixture.js';

let fixture: StoreFixture;
let oids: string[];
beforeEach(async () => {
  fixture = makeStore();
  oids = await fixture.write(fixture.open(), ...Array.from({ length: 300 }, (_, at) => `text ${at}\n`));
});
afterEach(() => fixture.remove());

/** A store that reads every index by pages, keeps no objects and, unless told otherwise, one file open: each read opens its file anew. */
function paged(openFiles = 1): PackDirectory {
  return fixture.open({ pagedIndexBytes: 0, caches: createPackCaches({ objectBytes: 0, baseBytes: 0, openFiles }) });
}

function indexPath(): string {
  return join(fixture.directory, `${fixture.live[0] ?? ''}.idx`);
}

describe('a reader whose index is read by pages', () => {
  it('serves every object, its header, and prefixes of its id', async () => {
    const store = paged();
    for (const [at, oid] of oids.entries()) {
      expect(textOf(await store.read(oid))).toBe(`text ${at}\n`);
      expect(await store.header(oid)).toEqual({ type: 'blob', size: `text ${at}\n`.length });
    }
    expect(await store.withPrefix((oids[5] ?? '').slice(0, 12), 3)).toEqual([oids[5]]);
  });

  it('verifies the index before it calls an object missing, and no sooner', async () => {
    const store = paged();
    await store.read(oids[0] ?? '');
    const small = store.indexBytes;
    await store.read(oids[1] ?? '');
    expect([...(await store.openPacks()).values()].every(({ index }) => index.isSettled)).toBe(true);
    const other = paged();
    await other.read(oids[0] ?? '');
    expect(other.indexBytes).toBe(small);
    await expect(other.read('12'.repeat(20))).rejects.toThrow(ObjectMissing);
    expect(await other.has('12'.repeat(20))).toBe(false);
    expect(other.indexBytes).toBe(readFileSync(indexPath()).length);
  });

  it('goes on with what took its pack’s place when that is gone', async () => {
    const store = paged();
    expect(textOf(await store.read(oids[0] ?? ''))).toBe('text 0\n');
    const writer = fixture.open();
    const copy = await writer.copyPack(await distinctObjects([...(await writer.openPacks()).values()]));
    const [gone = ''] = fixture.live.splice(0, 1, copy.name);
    await writer.removeFiles(gone);
    for (const [at, oid] of oids.entries()) expect(textOf(await store.read(oid))).toBe(`text ${at}\n`);
    expect(await store.has(oids[7] ?? '')).toBe(true);
  });

  it('calls objects corrupt, not missing, when the index of their pack is gone or broken', async () => {
    const [gone, broken] = [paged(), paged()];
    const bytes = readFileSync(indexPath());
    const [first = '', second = ''] = oids;
    await gone.read(first);
    await broken.read(first);
    rmSync(indexPath());
    for (const [at, oid] of oids.entries()) {
      const answer = await gone.read(oid).then(textOf, (fault: unknown) => fault);
      expect(answer instanceof ObjectCorrupt ? answer.oid : answer).toBe(answer instanceof ObjectCorrupt ? oid : `text ${at}\n`);
    }
    // Every id is changed, so that whatever page is read next misleads.
    writeFileSync(indexPath(), Buffer.from(bytes).fill(0, 8 + 1024, 8 + 1024 + 20 * oids.length));
    await expect(paged().read(second)).rejects.toThrow(ObjectCorrupt);
    writeFileSync(indexPath(), bytes);
    expect(textOf(await paged().read(second))).toBe('text 1\n');
  });

  it('never answers the header of the object whose place in the index was taken by another', async () => {
    const [short = '', long = ''] = [oids[5], oids[250]];
    const store = fixture.open();
    const [{ index } = { index: null }] = [...(await store.openPacks()).values()];
    const bytes = readFileSync(indexPath());
    const placeOf = (oid: string): number => 8 + 1024 + 24 * oids.length + 4 * (index?.positionOf(oid) ?? 0);
    const offsets = [short, long].map((oid) => bytes.readUInt32BE(placeOf(oid)));
    bytes.writeUInt32BE(offsets[1] ?? 0, placeOf(short));
    bytes.writeUInt32BE(offsets[0] ?? 0, placeOf(long));
    writeFileSync(indexPath(), bytes);
    for (const largeObjectBytes of [1 << 20, 4]) {
      const misled = fixture.open({ pagedIndexBytes: 0, largeObjectBytes });
      await expect(misled.header(short)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT', oid: short });
      await expect(misled.read(long)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT', oid: long });
    }
  });

  it('learns sizes of many objects by its index, once that pays', async () => {
    const store = paged(8);
    for (const [at, oid] of oids.entries()) expect(await store.header(oid)).toEqual({ type: 'blob', size: `text ${at}\n`.length });
    expect(store.indexBytes).toBe(readFileSync(indexPath()).length);
  });

  it('hands whole indexes to those who list or copy everything', async () => {
    const store = paged();
    const listed: string[] = [];
    for await (const oid of store.oids()) listed.push(oid);
    expect(listed.sort()).toEqual([...oids].sort());
    writeFileSync(indexPath(), readFileSync(indexPath()).fill(1, 1100, 1101));
    const misled = paged();
    expect([...(await misled.openPacks()).keys()]).toEqual([]);
    expect(misled.unreadable.size).toBe(1);
  });
});
