import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashObject } from '../../../src/git/objects/hash.js';
import { ObjectMissing } from '../../../src/git/objects/errors.js';
import type { PackFile } from '../../../src/git/pack/pack-file.js';
import { createPackCaches } from '../../../src/storage/packs/pack-caches.js';
import type { PackDirectory } from '../../../src/storage/packs/pack-directory.js';
import { CopyDiffers } from '../../../src/storage/packs/write-copy.js';
import { distinctObjects } from '../../../src/storage/upkeep/distinct.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';
import { makeStore, namesIn, textOf, type StoreFixture } from './pack-directory-fixture.js';

let fixture: StoreFixture;
let repository: string;
beforeEach(() => {
  fixture = makeStore();
  repository = makeRepository();
});
afterEach(() => {
  fixture.remove();
  removeRepository(repository);
});

/** Texts of which git makes deltas of deltas. */
const TEXTS = Array.from({ length: 60 }, (_, at) => Array.from({ length: 200 }, (_, line) => (line % 60 === at ? `changed in ${at}\n` : `line ${line} of many\n`)).join(''));

/** A pack of real git with these blobs, taken into the store. `flags` as for `git pack-objects`. */
async function foreignPack(store: PackDirectory, texts: readonly string[], ...flags: readonly string[]): Promise<string> {
  const oids = texts.map((text) => git(repository, ['hash-object', '-w', '--stdin'], text));
  const hash = git(repository, ['pack-objects', '-q', ...flags, join(repository, 'foreign')], `${oids.join('\n')}\n`);
  const path = join(repository, `foreign-${hash}`);
  const taken = await store.adoptFiles(`${path}.pack`, `${path}.idx`);
  fixture.live.push(taken.name);
  return taken.name;
}

async function copyAll(store: PackDirectory): Promise<{ readonly name: string; readonly objects: number }> {
  const files = [...(await store.openPacks()).values()];
  return store.copyPack(await distinctObjects(files));
}

function chainOf(name: string): string {
  return git(repository, ['verify-pack', '-v', join(fixture.directory, `${name}.idx`)]);
}

function longestChain(name: string): number {
  return Math.max(...[...chainOf(name).matchAll(/^chain length = (\d+)/gmu)].map(([, length]) => Number(length)));
}

describe('a copy of packs', () => {
  it.each([['by distance', '--delta-base-offset'], ['by id', '--no-delta-base-offset']])('keeps the deltas of git that name their base %s, and git reads it', async (_, flag) => {
    const store = fixture.open();
    const name = await foreignPack(store, TEXTS, flag);
    const before = (chainOf(name).match(/^chain length/gmu) ?? []).length;
    await fixture.write(store, 'a new file', 'another one');
    const copy = await copyAll(store);
    expect(copy.objects).toBe(TEXTS.length + 2);
    expect(before).toBeGreaterThan(1);
    expect((chainOf(copy.name).match(/^chain length/gmu) ?? []).length).toBe(before);
    fixture.live.splice(0, 2, copy.name);
    const reader = fixture.open({ caches: createPackCaches({ objectBytes: 0 }) });
    for (const text of [...TEXTS, 'a new file', 'another one']) expect(textOf(await reader.read(hashObject('blob', Buffer.from(text))))).toBe(text);
    git(repository, ['index-pack', '--strict', '--stdin'], readFileSync(join(fixture.directory, `${copy.name}.pack`)));
  });

  it('takes an object that several packs have once, also when each has it as a delta of the other', async () => {
    const store = fixture.open();
    await foreignPack(store, TEXTS.slice(0, 2), '--window=10');
    await foreignPack(store, [...TEXTS].reverse(), '--window=10');
    await foreignPack(store, [TEXTS[1] ?? '', TEXTS[0] ?? '', 'more\n'.repeat(9)], '--window=10');
    const copy = await copyAll(store);
    expect(copy.objects).toBe(TEXTS.length + 1);
    fixture.live.splice(0, 3, copy.name);
    const reader = fixture.open();
    for (const text of TEXTS) expect(textOf(await reader.read(hashObject('blob', Buffer.from(text))))).toBe(text);
  });

  it('makes an object whole whose base does not come along', async () => {
    const store = fixture.open();
    const name = await foreignPack(store, TEXTS);
    const file = (await store.openPacks()).get(name);
    const wanted = new Set(TEXTS.filter((_, at) => at % 2 === 0).map((text) => hashObject('blob', Buffer.from(text))));
    const sources = await distinctObjects(file === undefined ? [] : [file], (pack: PackFile, position) => wanted.has(pack.index.oidAt(position)));
    const copy = await store.copyPack(sources);
    expect(copy.objects).toBe(30);
    fixture.live.splice(0, 1, copy.name);
    const reader = fixture.open();
    const found = await Promise.all(TEXTS.map(async (text) => reader.read(hashObject('blob', Buffer.from(text))).then(textOf, (fault: unknown) => fault instanceof ObjectMissing)));
    expect(found).toEqual(TEXTS.map((text, at) => (at % 2 === 0 ? text : true)));
  });

  it('is never longer a chain than 50 deltas, however long those were that it came from', async () => {
    const store = fixture.open();
    const growing = Array.from({ length: 120 }, (_, at) => Array.from({ length: at + 20 }, (_, line) => `${hashObject('blob', Buffer.from(String(line)))}\n`).join(''));
    // Makes each blob a delta of the one before it.
    git(repository, ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--depth=200'], growing.map((text) => `blob\ndata ${text.length}\n${text}\n`).join(''));
    const packs = join(repository, 'objects', 'pack');
    const [idx = ''] = namesIn(packs).filter((each) => each.endsWith('.idx'));
    const { name } = await store.adoptFiles(join(packs, idx.replace(/idx$/u, 'pack')), join(packs, idx));
    fixture.live.push(name);
    expect(longestChain(name)).toBeGreaterThan(100);
    const copy = await copyAll(store);
    expect(longestChain(copy.name)).toBe(50);
  });

  it('of a damaged object is refused by name and leaves nothing behind', async () => {
    const store = fixture.open();
    const [oid = ''] = await fixture.write(store, 'precious content that will be damaged');
    await fixture.write(store, 'sound');
    const path = join(fixture.directory, `${fixture.live[0]}.pack`);
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 0xff;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    const before = namesIn(fixture.directory);
    const fault: unknown = await copyAll(fixture.open()).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(CopyDiffers);
    expect(fault).toMatchObject({ damaged: [oid] });
    expect(namesIn(fixture.directory)).toEqual(before);
  });

  it('stops when it is told to and leaves nothing behind', async () => {
    const store = fixture.open();
    await fixture.write(store, ...Array.from({ length: 3000 }, (_, at) => `file ${at}\n`.repeat(50)));
    const before = namesIn(fixture.directory);
    const files = [...(await store.openPacks()).values()];
    await expect(store.copyPack(await distinctObjects(files), AbortSignal.abort())).rejects.toThrow(/abort/u);
    expect(namesIn(fixture.directory)).toEqual(before);
  });
});

describe('a writer', () => {
  it('does not believe a pack that is live no longer, even while its file still answers', async () => {
    const store = fixture.open();
    const [oid = ''] = await fixture.write(store, 'collected soon');
    expect(textOf(await store.read(oid))).toBe('collected soon');
    fixture.live.length = 0;
    const staged = store.stage();
    staged.put('blob', Buffer.from('collected soon'));
    expect(await store.persist(staged)).toMatchObject({ objects: 1 });
  });
});
