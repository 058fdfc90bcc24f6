import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteLru } from '../../../src/git/memory/byte-lru.js';
import { readCommit } from '../../../src/git/objects/commit.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { encodeTree, readTree } from '../../../src/git/objects/tree.js';
import { indexPack } from '../../../src/git/pack/index-pack.js';
import { PackFile } from '../../../src/git/pack/pack-file.js';
import { PackIndex } from '../../../src/git/pack/pack-index.js';
import { BufferAccess, TailAccess } from '../../../src/git/pack/random-access.js';
import { readBundleHeader } from '../../../src/git/pack/bundle.js';
import { cloneCorpus, git } from '../../support/git-binary.js';

const READING = { maxObjectBytes: 1 << 30, largeObjectBytes: 1 << 20 };

interface Opened {
  readonly directory: string;
  readonly pack: Buffer;
  readonly idx: Buffer;
  readonly objects: PackFile;
}

async function openClone(directory: string): Promise<Opened> {
  const packs = join(directory, 'objects', 'pack');
  const file = readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '';
  const pack = readFileSync(join(packs, file));
  const idx = readFileSync(join(packs, file.replace(/pack$/u, 'idx')));
  const objects = PackFile.open(await PackIndex.open(idx), new BufferAccess(pack), { ...READING, bases: new ByteLru(64 << 20) });
  return { directory, pack, idx, objects };
}

describe.each(['express', 'flask'] as const)('the pack of %s', (name) => {
  let clone: Opened;
  beforeAll(async () => {
    clone = await openClone(cloneCorpus(name));
  });
  afterAll(() => rmSync(dirname(clone.directory), { recursive: true, force: true }));

  it('gives every object with the type, size and bytes that git gives', async () => {
    const lines = git(clone.directory, ['cat-file', '--batch-all-objects', '--batch-check']).split('\n');
    expect(lines.length).toBe(clone.objects.index.count);
    for (const line of lines) {
      const [oid = '', type, size] = line.split(' ');
      const header = await clone.objects.header(oid);
      const object = await clone.objects.read(oid);
      if (header.type !== type || header.size !== Number(size) || object.type !== type || hashObject(object.type, object.content) !== oid) {
        throw new TypeError(`${line}: ${header.type} ${header.size}, read as ${object.type} of ${object.content.length} bytes`);
      }
    }
  });

  it('parses every commit and tree, and every tree encodes to the bytes it came from', async () => {
    let parsed = 0;
    for (const line of git(clone.directory, ['cat-file', '--batch-all-objects', '--batch-check']).split('\n')) {
      const [oid = '', type] = line.split(' ');
      if (type === 'commit' && (await readCommit(clone.objects, oid)).oid === oid) parsed++;
      if (type !== 'tree') continue;
      if (hashObject('tree', encodeTree(await readTree(clone.objects, oid))) !== oid) throw new TypeError(`tree ${oid} encodes to another id`);
      parsed++;
    }
    expect(parsed).toBeGreaterThan(1000);
  });

  it('is indexed byte for byte as git index-pack indexes it', async () => {
    const indexed = await indexPack(new BufferAccess(clone.pack));
    expect(createHash('sha1').update(indexed.idx).digest('hex')).toBe(createHash('sha1').update(clone.idx).digest('hex'));
  });

  it('is indexed the same with hardly any memory for bases', async () => {
    const indexed = await indexPack(new BufferAccess(clone.pack), { memoryBytes: 1 << 20 });
    expect(indexed.idx.equals(clone.idx)).toBe(true);
  });

  it('finds ids by prefix as git rev-parse --disambiguate does', async () => {
    for (const prefix of ['0000', 'ffff', 'abcd', '1234', 'a0a0']) {
      const byGit = git(clone.directory, ['rev-parse', `--disambiguate=${prefix}`]).split('\n').filter((line) => line !== '');
      expect([...(await clone.objects.withPrefix(prefix, 1000))].sort()).toEqual(byGit.sort());
    }
  });

  it('comes out of its bundle, whose references git lists the same', () => {
    const bundle = readFileSync(new URL(`../../../../shared/corpus/${name}.bundle`, import.meta.url));
    const access = new BufferAccess(bundle);
    const header = readBundleHeader(access);
    expect(header.prerequisites).toEqual([]);
    const listed = git(clone.directory, ['bundle', 'list-heads', new URL(`../../../../shared/corpus/${name}.bundle`, import.meta.url).pathname]);
    expect(header.references.map(({ oid, name: ref }) => `${oid} ${ref}`).join('\n')).toBe(listed);
    const tail = new TailAccess(access, header.packOffset);
    expect(tail.read(0, tail.size).equals(clone.pack)).toBe(true);
  });
});
