import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ByteLru } from '../../src/git/memory/byte-lru.js';
import { GitDataError, ObjectCorrupt } from '../../src/git/objects/errors.js';
import { hashObject } from '../../src/git/objects/hash.js';
import type { ObjectSource, Oid } from '../../src/git/objects/object-source.js';
import { indexPack } from '../../src/git/pack/index-pack.js';
import { packObjects } from '../../src/git/pack/pack-encoder.js';
import { PackFile } from '../../src/git/pack/pack-file.js';
import { PackIndex } from '../../src/git/pack/pack-index.js';
import { BufferAccess } from '../../src/git/pack/random-access.js';
import { openPackDirectory, type PackDirectory } from '../../src/storage/packs/pack-directory.js';
import { fc } from '../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';

const READING = { maxObjectBytes: 1 << 24, largeObjectBytes: 1 << 12 };

let pack = Buffer.alloc(0);
let idx = Buffer.alloc(0);
let oids: Oid[] = [];
beforeAll(() => {
  // A pack with deltas of both kinds of base, made by git: twenty versions of two files, and their trees and commits.
  const repository = makeRepository();
  try {
    const commands: string[] = [];
    for (let at = 0; at < 20; at++) {
      const text = Array.from({ length: 60 }, (_, line) => `line ${line} ${line === at ? 'changed' : 'same'}\n`).join('');
      const message = `Version ${at}\n`;
      commands.push(`commit refs/heads/main\ncommitter Ada <ada@example.org> ${1_700_000_000 + at} +0000\ndata ${message.length}\n${message}\n`);
      commands.push(`M 100644 inline dir/file\ndata ${text.length}\n${text}\nM 100644 inline other\ndata ${String(at).length}\n${at}\n`);
    }
    git(repository, ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet'], commands.join(''));
    git(repository, ['repack', '-q', '-a', '-d', '-f']);
    const directory = join(repository, 'objects', 'pack');
    const name = readdirSync(directory).find((file) => file.endsWith('.pack')) ?? '';
    pack = readFileSync(join(directory, name));
    idx = readFileSync(join(directory, name.replace(/pack$/u, 'idx')));
    oids = git(repository, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']).split('\n');
  } finally {
    removeRepository(repository);
  }
});

/** Reads every object; answers how many came back. Throws when one came back with other bytes or as an untyped fault. */
async function readAll(source: ObjectSource): Promise<number> {
  let served = 0;
  for (const oid of oids) {
    try {
      const { type, content } = await source.read(oid);
      if (hashObject(type, content) !== oid) throw new TypeError(`served ${oid} with the wrong bytes`);
      served++;
    } catch (fault) {
      if (!(fault instanceof GitDataError)) throw fault;
    }
  }
  return served;
}

function flip(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

/** What `open` answers; null where it refuses the bytes. */
function openedOrRefused(open: () => PackFile): PackFile | null {
  try {
    return open();
  } catch (fault) {
    if (fault instanceof GitDataError) return null;
    throw fault;
  }
}

/** Flips of each kind; `WEIR_TEST_RUNS` or `WEIR_TEST_CASES` makes it a soak. */
const CASES = Number(process.env['WEIR_TEST_RUNS'] ?? process.env['WEIR_TEST_CASES'] ?? 1000);

describe('a flipped bit', () => {
  it('anywhere in a pack never makes a reader serve wrong bytes, and never spoils the whole pack', async () => {
    const index = await PackIndex.open(idx);
    let harmed = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 12 * 8, max: (pack.length - 20) * 8 - 1 }), async (bit) => {
        const file = PackFile.open(index, new BufferAccess(flip(pack, bit)), { ...READING, bases: new ByteLru(1 << 20) });
        const served = await readAll(file);
        if (served < oids.length / 4) throw new TypeError(`one bit took ${oids.length - served} of ${oids.length} objects`);
        if (served < oids.length) harmed++;
      }),
      { numRuns: CASES },
    );
    expect(harmed).toBeGreaterThan(CASES * 0.9);
  });

  it('anywhere in an index refuses the index', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: idx.length * 8 - 1 }), async (bit) => {
        await expect(PackIndex.open(flip(idx, bit))).rejects.toMatchObject({ code: 'PACK_INVALID' });
      }),
      { numRuns: CASES },
    );
  });

  it('anywhere in an index that is read by pages never makes a reader serve wrong bytes, and settling refuses it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: idx.length * 8 - 1 }), async (bit) => {
        const access = new BufferAccess(flip(idx, bit));
        const file = openedOrRefused(() => PackFile.open(PackIndex.lazily(access), new BufferAccess(pack), { ...READING, bases: new ByteLru(1 << 20) }));
        if (file === null) return;
        const served = await readAll(file);
        if (served < oids.length / 4) throw new TypeError(`one bit took ${oids.length - served} of ${oids.length} objects`);
        await expect(file.index.settle()).rejects.toMatchObject({ code: 'PACK_INVALID' });
        expect(await file.settle()).toBe(false);
      }),
      { numRuns: CASES },
    );
  });

  it('in an index on the disk that is read by pages is never a missing object, nor another one’s header', async () => {
    const root = mkdtempSync(join(tmpdir(), 'weir-flips-'));
    const name = `pack-${'0'.repeat(40)}`;
    const index = await PackIndex.open(idx);
    const whole = PackFile.open(index, new BufferAccess(pack), { ...READING, bases: new ByteLru(1 << 20) });
    try {
      writeFileSync(join(root, `${name}.pack`), pack);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: idx.length * 8 - 1 }), fc.constantFrom(...oids), async (bit, oid) => {
          writeFileSync(join(root, `${name}.idx`), flip(idx, bit));
          const fresh = (): PackDirectory => openPackDirectory({ directory: root, livePacks: async () => [name], pagedIndexBytes: 0, largeObjectBytes: 1 << 9 });
          const [reader, asked] = [fresh(), fresh()];
          const object = await reader.read(oid).catch((fault: unknown) => fault);
          expect(object instanceof ObjectCorrupt ? object.oid : object).toEqual(object instanceof ObjectCorrupt ? oid : await whole.read(oid));
          const header = await asked.header(oid).catch((fault: unknown) => fault);
          expect(header instanceof ObjectCorrupt ? header.oid : header).toEqual(header instanceof ObjectCorrupt ? oid : await whole.header(oid));
          reader.close();
          asked.close();
        }),
        { numRuns: 300 },
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('or a cut anywhere makes index-pack refuse the pack', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: pack.length * 8 - 1 }), async (bit) => {
        await expect(indexPack(new BufferAccess(flip(pack, bit)))).rejects.toBeInstanceOf(GitDataError);
        await expect(indexPack(new BufferAccess(pack.subarray(0, bit >> 3)))).rejects.toBeInstanceOf(GitDataError);
      }),
      { numRuns: 150 },
    );
  });

  it('on the disk is an ObjectCorrupt that names the object, and the other objects are served', async () => {
    const root = mkdtempSync(join(tmpdir(), 'weir-flips-'));
    const name = `pack-${'0'.repeat(40)}`;
    try {
      mkdirSync(join(root, 'repo'));
      writeFileSync(join(root, 'repo', `${name}.idx`), idx);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: pack.length * 8 - 1 }), async (bit) => {
          const path = join(root, 'repo', `${name}.pack`);
          writeFileSync(path, flip(pack, bit));
          chmodSync(path, 0o644);
          const store = openPackDirectory({ directory: join(root, 'repo'), livePacks: async () => [name], largeObjectBytes: 1 << 12 });
          let whole = 0;
          for (const oid of oids) {
            const answer = await store.read(oid).catch((fault: unknown) => fault);
            if (answer instanceof ObjectCorrupt && answer.oid === oid) continue;
            if (typeof answer !== 'object' || answer === null || !('content' in answer)) throw new TypeError(`neither served nor refused by name: ${String(answer)}`);
            whole++;
          }
          store.close();
          // The head and the checksum belong to all objects: a pack that has lost them is refused as a whole.
          const structural = bit < 12 * 8 || bit >= (pack.length - 20) * 8;
          expect(structural ? whole === 0 : whole >= 0).toBe(true);
        }),
        { numRuns: 200 },
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('packs of generated objects', () => {
  it('are indexed by git to the same bytes and give back what was put in', async () => {
    const content = fc.oneof(fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)), fc.integer({ min: 0, max: 200_000 }).map((size) => Buffer.alloc(size, size)));
    const directory = mkdtempSync(join(tmpdir(), 'weir-generated-'));
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(content, { maxLength: 30 }), fc.constantFrom(0, 1, 6, 9), async (contents, level) => {
          const byOid = new Map(contents.map((bytes) => [hashObject('blob', bytes), bytes]));
          const encoded = await packObjects([...byOid].map(([oid, bytes]) => ({ oid, type: 'blob', content: bytes })), level);
          const bytes = Buffer.concat(encoded.chunks);
          writeFileSync(join(directory, 'x.pack'), bytes);
          const run = spawnSync('git', ['index-pack', '-o', join(directory, 'x.idx'), join(directory, 'x.pack')]);
          expect(run.status).toBe(0);
          expect(encoded.idx.equals(readFileSync(join(directory, 'x.idx')))).toBe(true);
          expect((await indexPack(new BufferAccess(bytes))).idx.equals(encoded.idx)).toBe(true);
          const file = PackFile.open(await PackIndex.open(encoded.idx), new BufferAccess(bytes), { ...READING, bases: new ByteLru(0) });
          for (const [oid, expected] of byOid) expect((await file.read(oid)).content.equals(expected)).toBe(true);
          rmSync(join(directory, 'x.idx'), { force: true });
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
