import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { uploadBlob } from '../../src/operations/checkpoint/upload-blob.js';
import { DiskWatch } from '../../src/storage/disk-watch.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

/** A disk of blocks of 10 bytes, of which the test says how many are free; null: it cannot be asked. */
function disk(reserveBytes: number): { readonly watch: DiskWatch; readonly told: string[]; has(blocks: number | null): Promise<void> } {
  let free: number | null = null;
  const told: string[] = [];
  const watch = new DiskWatch({
    directory: '/data', reserveBytes, report: (sentence) => void told.push(sentence),
    statfs: async () => {
      if (free === null) throw Object.assign(new TypeError('EIO'), { code: 'EIO' });
      return { bavail: free, bsize: 10 };
    },
  });
  return { watch, told, has: async (blocks) => { free = blocks; await watch.look(); } };
}

describe('a watched disk', () => {
  it('is short of room below its reserve, says so once, and has room again with a tenth more', async () => {
    const { watch, told, has } = disk(1000);
    await has(100);
    expect([watch.freeBytes, watch.shortage()]).toEqual([1000, null]);
    await has(99);
    await has(98);
    expect(watch.shortage()).toEqual({ freeBytes: 980, reserveBytes: 1000 });
    await has(109);
    expect(watch.shortage()).toEqual({ freeBytes: 1090, reserveBytes: 1000 });
    await has(110);
    expect(watch.shortage()).toBeNull();
    expect(told.map((sentence) => /\d+ bytes/u.exec(sentence)?.[0])).toEqual(['990 bytes', '1100 bytes']);
  });

  it('is believed to be as it was where it cannot be asked', async () => {
    const { watch, has } = disk(1000);
    await has(null);
    expect([watch.freeBytes, watch.shortage()]).toEqual([Number.NaN, null]);
    await has(1);
    await has(null);
    expect(watch.shortage()).toMatchObject({ freeBytes: 10 });
  });

  it('of this machine has a number of free bytes', async () => {
    const watch = new DiskWatch({ directory: '.', reserveBytes: 1, report: () => undefined });
    await watch.start();
    watch.close();
    expect(watch.freeBytes).toBeGreaterThan(0);
  });
});

describe('a gateway whose disk is nearly full', () => {
  let world: VerbWorld;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  it('refuses what writes, with the numbers, lets go what makes room, reads on, and takes up its work again', async () => {
    const { repo, repoId } = await world.proposed();
    const { watch, has } = disk(1000);
    const short = (request: ReturnType<VerbWorld['as']>): ReturnType<VerbWorld['as']> => ({ ...request, gateway: { ...request.gateway, disk: watch } });
    await has(5);
    const branch = { repo, name: 'session/2', idempotencyKey: 'nearly-full' };
    expect(problemOf(await world.withoutTrace(() => createBranch(short(world.as('agent')), branch)))).toMatchObject({ code: 'UNAVAILABLE', message: 'The disk of the server has 50 bytes left, and nothing is written below 1000.' });
    const room = { reserve: () => true, release: () => undefined };
    const upload = { chunks: (async function* () { yield Buffer.from('bytes'); })(), expectedBytes: 5, room };
    expect(await world.withoutTrace(() => uploadBlob(short(world.as('agent')), repo, upload))).toMatchObject({ ok: false, problem: { code: 'UNAVAILABLE' } });
    expect(Object.keys(await world.files(repoId, await world.head(repoId, 'main')))).toEqual(['README.md', 'src/a.txt']);
    receiptOf(await deleteBranch(short(world.as('agent')), { repo, name: 'session/1' }));
    await has(500);
    receiptOf(await createBranch(short(world.as('agent')), branch));
    await has(5);
    // What was done before is told, whatever room there is.
    expect(await createBranch(short(world.as('agent')), branch)).toMatchObject({ ok: true, replayed: true });
  });
});
