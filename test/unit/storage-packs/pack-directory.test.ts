import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeCommit } from '../../../src/git/objects/commit.js';
import { applyTreeChanges } from '../../../src/git/objects/edit-tree.js';
import { BudgetExceeded, ObjectCorrupt, ObjectMissing } from '../../../src/git/objects/errors.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { EMPTY_TREE, MODE_FILE } from '../../../src/git/objects/tree.js';
import { createPackCaches } from '../../../src/storage/packs/pack-caches.js';
import { PackStores } from '../../../src/storage/packs/pack-stores.js';
import { git, makeRepository, removeRepository, runGit } from '../../support/git-binary.js';
import { makeStore, namesIn, textOf, type StoreFixture } from './pack-directory-fixture.js';

let fixture: StoreFixture;
beforeEach(() => {
  fixture = makeStore();
});
afterEach(() => fixture.remove());

const ADA = { name: 'Ada', email: 'ada@example.org', seconds: 1_700_000_000, zone: '+0000' };

function only(ending: string, directory = fixture.directory): string {
  const found = readdirSync(directory).filter((name) => name.endsWith(ending));
  expect(found).toHaveLength(1);
  return join(directory, found[0] ?? '');
}

describe('what is persisted', () => {
  it('is read by git, accepted by verify-pack and fsck, and indexed by git to the same bytes', async () => {
    const store = fixture.open();
    const staged = store.stage();
    staged.put('tree', Buffer.alloc(0));
    const file = { mode: MODE_FILE, oid: staged.put('blob', Buffer.from('hello\n')) };
    const big = { mode: MODE_FILE, oid: staged.put('blob', randomBytes(3 << 20)) };
    const empty = { mode: MODE_FILE, oid: staged.put('blob', Buffer.alloc(0)) };
    const tree = await applyTreeChanges(staged, EMPTY_TREE, new Map([['a/b/c.txt', file], ['big.bin', big], ['empty', empty]]));
    const commit = staged.put('commit', encodeCommit({ tree, parents: [], author: ADA, committer: ADA, message: 'One\n' }));
    const tag = staged.put('tag', Buffer.from(`object ${commit}\ntype commit\ntag v1\ntagger Ada <ada@example.org> 1700000000 +0000\n\nOne\n`));
    const pack = await store.persist(staged);
    expect(pack?.objects).toBe(staged.entries().size);
    const path = only('.pack');
    expect(readFileSync(path)).toHaveLength(pack?.bytes ?? 0);

    const repository = makeRepository();
    try {
      linkSync(path, join(repository, 'objects', 'pack', `${pack?.name}.pack`));
      linkSync(only('.idx'), join(repository, 'objects', 'pack', `${pack?.name}.idx`));
      git(repository, ['update-ref', 'refs/tags/v1', tag]);
      git(repository, ['update-ref', 'refs/heads/main', commit]);
      git(repository, ['verify-pack', only('.idx')]);
      expect(runGit(repository, ['fsck', '--full', '--strict'])).toMatchObject({ status: 0, stderr: '' });
      expect(git(repository, ['ls-tree', '-r', '--name-only', 'v1'])).toBe('a/b/c.txt\nbig.bin\nempty');
      git(repository, ['index-pack', '-o', join(fixture.root, 'theirs.idx'), path]);
      expect(readFileSync(join(fixture.root, 'theirs.idx')).equals(readFileSync(only('.idx')))).toBe(true);
      git(repository, ['index-pack', '--strict', '--stdin'], readFileSync(path));
    } finally {
      removeRepository(repository);
    }
  });

  it('is invisible until its row is committed and it was adopted, then visible without asking for the list', async () => {
    const store = fixture.open();
    const staged = store.stage();
    const oid = staged.put('blob', Buffer.from('new'));
    const pack = await store.persist(staged);
    if (pack === null) throw new TypeError('nothing was persisted');
    expect(await store.has(oid)).toBe(false);
    await expect(store.read(oid)).rejects.toThrow(ObjectMissing);
    fixture.live.push(pack.name);
    store.adopt(pack);
    const asked = fixture.asked;
    expect(textOf(await store.read(oid))).toBe('new');
    expect(fixture.asked).toBe(asked);
  });

  it('is seen by another gateway at its first miss', async () => {
    const [one, two] = [fixture.open(), fixture.open()];
    await expect(two.read('00'.repeat(20))).rejects.toThrow(ObjectMissing);
    const [oid = ''] = await fixture.write(one, 'from the first');
    expect(textOf(await two.read(oid))).toBe('from the first');
    expect(await two.header(oid)).toEqual({ type: 'blob', size: 14 });
    expect(await two.withPrefix(oid.slice(0, 6), 5)).toEqual([oid]);
  });

  it('leaves out what is stored and whole, and answers null when that is all', async () => {
    const store = fixture.open();
    await fixture.write(store, 'one', 'two');
    const again = store.stage();
    again.put('blob', Buffer.from('one'));
    expect(await store.persist(again)).toBeNull();
    again.put('blob', Buffer.from('three'));
    expect(await store.persist(again)).toMatchObject({ objects: 1 });
  });

  it('includes again what is stored and does not read back whole, even when a cache still has it', async () => {
    const store = fixture.open();
    const [oid = ''] = await fixture.write(store, 'precious content, long enough');
    expect(textOf(await store.read(oid))).toContain('precious');
    const path = only('.pack');
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 0xff;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    await fixture.write(store, 'precious content, long enough');
    expect(fixture.live).toHaveLength(2);
    expect(textOf(await fixture.open().read(oid))).toContain('precious');
  });

  it('gets a name of its own each time, so that removing an old pack never removes a new one of the same objects', async () => {
    const [one, two] = [fixture.open(), fixture.open()];
    await fixture.write(one, 'same');
    fixture.live.length = 0;
    await fixture.write(two, 'same');
    expect(namesIn(fixture.directory)).toHaveLength(4);
  });
});

describe('a reader', () => {
  it('says missing for what is absent, and asks for the list once a miss', async () => {
    const store = fixture.open();
    await fixture.write(store, 'x');
    const asked = fixture.asked;
    await expect(store.read('ab'.repeat(20))).rejects.toThrow(ObjectMissing);
    expect(fixture.asked).toBe(asked + 1);
    expect(await store.has('ab'.repeat(20))).toBe(false);
    expect(fixture.asked).toBe(asked + 2);
  });

  it('shares one question among many misses at once, and never trusts an answer asked for before the miss', async () => {
    const answers: (() => void)[] = [];
    const store = fixture.open({
      livePacks: async () => {
        const names = [...fixture.live];
        fixture.asked++;
        await new Promise<void>((resolve) => answers.push(resolve));
        return names;
      },
    });
    const early = store.has('ab'.repeat(20));
    await Promise.resolve();
    expect(fixture.asked).toBe(1);
    const [oid = ''] = await fixture.write(fixture.open({ livePacks: async () => [...fixture.live] }), 'late');
    const late = Promise.all(Array.from({ length: 10 }, async () => store.has(oid)));
    answers.shift()?.();
    expect(await early).toBe(false);
    await new Promise(setImmediate);
    answers.shift()?.();
    expect(await late).toEqual(Array.from({ length: 10 }, () => true));
    expect(fixture.asked).toBe(2);
  });

  it('goes on when consolidation replaced the packs under it', async () => {
    const store = fixture.open();
    const [one = ''] = await fixture.write(store, 'first');
    const [two = ''] = await fixture.write(store, 'second');
    const reader = fixture.open({ caches: createPackCaches({ objectBytes: 0, openFiles: 1 }) });
    expect(textOf(await reader.read(one))).toBe('first');
    const both = fixture.open({ livePacks: async () => [] });
    const staged = both.stage();
    staged.put('blob', Buffer.from('first'));
    staged.put('blob', Buffer.from('second'));
    const merged = await both.persist(staged);
    const replaced = fixture.live.splice(0, 2, merged?.name ?? '');
    for (const name of replaced) for (const ending of ['pack', 'idx']) unlinkSync(join(fixture.directory, `${name}.${ending}`));
    expect(textOf(await reader.read(two))).toBe('second');
    expect(textOf(await reader.read(one))).toBe('first');
  });

  it('calls an object corrupt and not missing when a listed pack is gone, and heals when it is back', async () => {
    const store = fixture.open();
    const [oid = ''] = await fixture.write(store, 'x');
    const path = only('.idx');
    renameSync(path, `${path}.away`);
    const reader = fixture.open();
    await expect(reader.read(oid)).rejects.toThrow(ObjectCorrupt);
    const [other = ''] = await fixture.write(reader, 'others go on');
    expect(textOf(await reader.read(other))).toBe('others go on');
    renameSync(`${path}.away`, path);
    expect(textOf(await reader.read(oid))).toBe('x');
  });

  it('serves the whole copy of an object that is broken in another pack', async () => {
    const [one, two] = [fixture.open(), fixture.open({ livePacks: async () => [] })];
    const [oid = ''] = await fixture.write(one, 'twice stored');
    const first = only('.pack');
    await fixture.write(two, 'twice stored');
    chmodSync(first, 0o644);
    truncateSync(first, 40);
    expect(textOf(await fixture.open().read(oid))).toBe('twice stored');
  });

  it('shares caches among repositories without showing one the objects of another', async () => {
    const caches = createPackCaches();
    const rows = new Map<number, string[]>([[1, []], [2, []]]);
    const stores = new PackStores({ root: join(fixture.root, 'shared'), caches, livePacks: async (repoId) => rows.get(repoId) ?? [] });
    const staged = stores.open(1).stage();
    const oid = staged.put('blob', Buffer.from('secret'));
    const pack = await stores.open(1).persist(staged);
    rows.get(1)?.push(pack?.name ?? '');
    expect(textOf(await stores.open(1).read(oid))).toBe('secret');
    expect(caches.objects.get(oid)).toBeDefined();
    await expect(stores.open(2).read(oid)).rejects.toThrow(ObjectMissing);
    await expect(stores.open(2).header(oid)).rejects.toThrow(ObjectMissing);
    expect(await stores.open(2).has(oid)).toBe(false);
    stores.close();
    expect(caches.handles.size).toBe(0);
  });

  it('keeps at most as many stores and descriptors open as it may', async () => {
    const caches = createPackCaches({ openFiles: 3 });
    const names = new Map<number, string[]>();
    const stores = new PackStores({ root: join(fixture.root, 'many'), caches, maxOpen: 4, livePacks: async (repoId) => names.get(repoId) ?? [] });
    const oids: string[] = [];
    for (let repoId = 0; repoId < 10; repoId++) {
      const staged = stores.open(repoId).stage();
      oids.push(staged.put('blob', Buffer.from(`file of ${repoId}`)));
      names.set(repoId, [(await stores.open(repoId).persist(staged))?.name ?? '']);
    }
    for (let repoId = 0; repoId < 10; repoId++) {
      expect(textOf(await stores.open(repoId).read(oids[repoId] ?? ''))).toBe(`file of ${repoId}`);
      expect(caches.handles.size).toBeLessThanOrEqual(3);
    }
    stores.close();
  });

  it('lets the event loop breathe while it reads 16 MB, and answers many readers with one reading', async () => {
    const content = Buffer.alloc(16 << 20, randomBytes(1 << 16));
    const store = fixture.open({ zlibLevel: 1 });
    const [oid = ''] = await fixture.write(store, content);
    const reader = fixture.open({ caches: createPackCaches({ objectBytes: 0 }) });
    let ticks = 0;
    let open = true;
    const tick = (): void => {
      ticks++;
      if (open) setImmediate(tick);
    };
    setImmediate(tick);
    const objects = await Promise.all([reader.read(oid), reader.read(oid), reader.read(oid)]);
    open = false;
    expect(ticks).toBeGreaterThan(4);
    expect(objects[0]?.content.equals(content)).toBe(true);
    expect(objects[1]).toBe(objects[0]);
    expect(objects[2]).toBe(objects[0]);
  });

  it('refuses an object over its bound by name', async () => {
    const store = fixture.open();
    const [oid = ''] = await fixture.write(store, Buffer.alloc(5000));
    await expect(fixture.open({ maxObjectBytes: 4999 }).read(oid)).rejects.toThrow(BudgetExceeded);
  });

  it('lists every id once, and after a refresh serves nothing of a pack that is no longer live', async () => {
    const store = fixture.open();
    const [one = '', two = ''] = await fixture.write(store, 'one', 'two');
    await fixture.write(fixture.open({ livePacks: async () => [] }), 'two', 'three');
    const listed: string[] = [];
    for await (const oid of store.oids()) listed.push(oid);
    expect(listed.sort()).toEqual([one, two, hashObject('blob', Buffer.from('three'))].sort());
    expect(textOf(await store.read(one))).toBe('one');
    fixture.live.shift();
    await store.refresh();
    await expect(store.read(one)).rejects.toThrow(ObjectMissing);
    expect(textOf(await store.read(two))).toBe('two');
  });

  it('closes the indexes of other repositories when they take too much memory', async () => {
    const rows = new Map<number, string[]>();
    const stores = new PackStores({ root: join(fixture.root, 'wide'), maxIndexBytes: 1, livePacks: async (repoId) => rows.get(repoId) ?? [] });
    const first = stores.open(1);
    const staged = first.stage();
    const oid = staged.put('blob', Buffer.from('x'));
    rows.set(1, [(await first.persist(staged))?.name ?? '']);
    expect(textOf(await first.read(oid))).toBe('x');
    expect(first.indexBytes).toBeGreaterThan(1000);
    expect(stores.open(2)).not.toBe(first);
    expect(first.indexBytes).toBe(0);
    expect(textOf(await first.read(oid))).toBe('x');
    expect(textOf(await stores.open(1).read(oid))).toBe('x');
    stores.close();
  });

  it('never opens a file that the list does not name as a pack', async () => {
    const store = fixture.open({ livePacks: async () => ['../../../etc/passwd'] });
    await expect(store.read('ab'.repeat(20))).rejects.toMatchObject({ name: 'ObjectCorrupt', cause: { message: expect.stringContaining('not a pack') } });
  });
});

describe('a foreign pack', () => {
  let repository = '';
  beforeEach(() => {
    repository = makeRepository();
    const texts = Array.from({ length: 30 }, (_, at) => 'line\n'.repeat(50 + at));
    git(repository, ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet'], texts.map((text) => `blob\ndata ${text.length}\n${text}\n`).join(''));
    const blobs = texts.map((text) => hashObject('blob', Buffer.from(text)));
    const imported = packFile('.pack');
    git(repository, ['pack-objects', '-q', join(repository, 'objects', 'pack', 'pack')], `${blobs.join('\n')}\n`);
    for (const ending of ['pack', 'idx']) unlinkSync(imported.replace(/pack$/u, ending));
  });
  afterEach(() => removeRepository(repository));

  const packFile = (ending: string): string => only(ending, join(repository, 'objects', 'pack'));

  it('is linked in with its index and read, deltas by id included', async () => {
    expect(git(repository, ['verify-pack', '-v', packFile('.idx')])).toMatch(/chain length/u);
    const store = fixture.open();
    const pack = await store.adoptFiles(packFile('.pack'), packFile('.idx'));
    expect(pack).toMatchObject({ objects: 30, bytes: readFileSync(packFile('.pack')).length });
    fixture.live.push(pack.name);
    const oid = hashObject('blob', Buffer.from('line\n'.repeat(60)));
    expect(textOf(await store.read(oid))).toBe('line\n'.repeat(60));
    removeRepository(repository);
    expect(textOf(await fixture.open().read(oid))).toBe('line\n'.repeat(60));
  });

  it('is copied and indexed to the same bytes when it is not trusted', async () => {
    const store = fixture.open();
    const pack = readFileSync(packFile('.pack'));
    const access = createPackCaches().handles.access(packFile('.pack'));
    const taken = await store.importPack(access);
    access.close();
    expect(readFileSync(only('.pack')).equals(pack)).toBe(true);
    expect(readFileSync(only('.idx')).equals(readFileSync(packFile('.idx')))).toBe(true);
    fixture.live.push(taken.name);
    for (let at = 0; at < 30; at++) expect(await store.has(hashObject('blob', Buffer.from('line\n'.repeat(50 + at))))).toBe(true);
  });

  it('that is broken is refused and leaves nothing behind', async () => {
    mkdirSync(fixture.directory, { recursive: true });
    const store = fixture.open();
    const broken = join(fixture.root, 'broken.pack');
    const bytes = readFileSync(packFile('.pack'));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(broken, bytes);
    const access = createPackCaches().handles.access(broken);
    await expect(store.importPack(access)).rejects.toMatchObject({ code: 'PACK_INVALID' });
    await expect(store.adoptFiles(broken, packFile('.idx'))).rejects.toMatchObject({ code: 'PACK_INVALID' });
    await expect(store.importPack(access, {}, AbortSignal.abort())).rejects.toThrow(/abort/u);
    access.close();
    expect(namesIn(fixture.directory)).toEqual([]);
    expect(existsSync(packFile('.pack'))).toBe(true);
  });
});
