import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyTreeChanges, type TreeChange } from '../../../src/git/objects/edit-tree.js';
import { PathClash } from '../../../src/git/objects/errors.js';
import { StagedObjects } from '../../../src/git/objects/staged-objects.js';
import { decodeName, EMPTY_TREE, MODE_DIRECTORY, MODE_EXECUTABLE, MODE_FILE, MODE_SYMLINK, readTree } from '../../../src/git/objects/tree.js';
import { entryAt, findEntry, listTree, walkTree } from '../../../src/git/objects/walk-tree.js';
import { MemoryObjects } from '../../../src/git/memory/memory-objects.js';
import { fc } from '../../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';

let repository = '';
beforeAll(() => {
  repository = makeRepository();
});
afterAll(() => removeRepository(repository));

const BLOBS = ['one', 'two', 'three'];
const FILES = ['a', 'a.c', 'a/b', 'a/b/c', 'a0', 'dir/x', 'dir/y', 'dir/sub/z', 'dir.txt', 'zoë/ü', 'Z', 'dir/sub/deep/er/f'];
const changeSets = fc.array(
  fc.record({ path: fc.constantFrom(...FILES), blob: fc.option(fc.nat(2), { freq: 3 }), mode: fc.constantFrom(MODE_FILE, MODE_EXECUTABLE, MODE_SYMLINK) }),
  { minLength: 1, maxLength: 6 },
);

/** The tree that git's index makes of these files. */
function treeByGit(files: ReadonlyMap<string, TreeChange>): string {
  git(repository, ['read-tree', '--empty']);
  const lines = [...files].map(([path, { mode, oid }]) => `${mode.toString(8)} ${oid}\t${path}`);
  git(repository, ['update-index', '--index-info'], Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8'));
  return git(repository, ['write-tree']);
}

/** Which paths of a set of files clash with each other as file and directory. */
function clashes(files: ReadonlyMap<string, unknown>): boolean {
  return [...files.keys()].some((path) => [...files.keys()].some((other) => other.startsWith(`${path}/`)));
}

function fresh(): { staged: StagedObjects; blobs: string[] } {
  const staged = new StagedObjects(new MemoryObjects());
  for (const text of BLOBS) git(repository, ['hash-object', '-w', '--stdin'], text);
  return { staged, blobs: BLOBS.map((text) => staged.put('blob', Buffer.from(text))) };
}

describe('changes of a tree', () => {
  it('give the tree that git write-tree gives, step after step, or name the path that clashes', async () => {
    const { staged, blobs } = fresh();
    let applied = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(changeSets, { minLength: 1, maxLength: 4 }), async (steps) => {
        let files = new Map<string, TreeChange>();
        let tree = EMPTY_TREE;
        staged.put('tree', Buffer.alloc(0));
        for (const step of steps) {
          const changes = new Map(step.map(({ path, blob, mode }) => [path, blob === null ? null : { mode, oid: blobs[blob] ?? '' }]));
          const next = new Map(files);
          for (const [path, change] of changes) if (change === null) next.delete(path); else next.set(path, change);
          const absent = [...changes].some(([path, change]) => change === null && !files.has(path));
          if (absent || clashes(next)) {
            const refusal = await applyTreeChanges(staged, tree, changes).catch((error: unknown) => error);
            if (!(refusal instanceof PathClash)) throw new TypeError(`accepted ${JSON.stringify([...changes])}`);
            refused += 1;
            continue;
          }
          tree = await applyTreeChanges(staged, tree, changes);
          files = next;
          expect(tree).toBe(treeByGit(files));
          const { leaves } = await listTree(staged, tree, 1000);
          expect(leaves.map(({ path }) => decodeName(path)).sort()).toEqual([...files.keys()].sort());
          applied += 1;
        }
      }),
      { numRuns: 60 },
    );
    expect(applied).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
  });

  it('keep the raw bytes of entries that they do not touch', async () => {
    const { staged, blobs } = fresh();
    const id = Buffer.from(blobs[0] ?? '', 'hex');
    const padded = Buffer.concat([Buffer.from('0100644 old\0'), id]);
    const foreign = Buffer.concat([Buffer.from('100664 \xff\xfe\0', 'latin1'), id]);
    const root = staged.put('tree', Buffer.concat([padded, foreign]));
    const added = await applyTreeChanges(staged, root, new Map([['new', { mode: MODE_FILE, oid: blobs[1] ?? '' }]]));
    const entries = await readTree(staged, added);
    expect(entries.map((entry) => entry.raw.toString('latin1'))).toContain(padded.toString('latin1'));
    expect(entries.map((entry) => entry.raw.toString('latin1'))).toContain(foreign.toString('latin1'));
    expect(await applyTreeChanges(staged, added, new Map([['new', null]]))).toBe(root);
  });

  it('that put in what is already there answer the same tree, padded modes or not', async () => {
    const { staged, blobs } = fresh();
    const root = staged.put('tree', Buffer.concat([Buffer.from('0100644 old\0'), Buffer.from(blobs[0] ?? '', 'hex')]));
    expect(await applyTreeChanges(staged, root, new Map([['old', { mode: MODE_FILE, oid: blobs[0] ?? '' }]]))).toBe(root);
  });

  it('read only the trees on the way to a change', async () => {
    const { staged, blobs } = fresh();
    const oid = blobs[0] ?? '';
    const missing = 'ab'.repeat(20);
    const root = staged.put('tree', Buffer.concat([Buffer.from('40000 other\0'), Buffer.from(missing, 'hex')]));
    const made = await applyTreeChanges(staged, root, new Map([['dir/file', { mode: MODE_FILE, oid }]]));
    expect((await entryAt(staged, made, 'other'))?.oid).toBe(missing);
    expect((await entryAt(staged, made, 'dir/file'))?.oid).toBe(oid);
  });

  it('replace a whole directory by a tree, and the last file of the root leaves the empty tree', async () => {
    const { staged, blobs } = fresh();
    const oid = blobs[0] ?? '';
    staged.put('tree', Buffer.alloc(0));
    const one = await applyTreeChanges(staged, EMPTY_TREE, new Map([['d/x', { mode: MODE_FILE, oid }]]));
    const sub = (await entryAt(staged, one, 'd'))?.oid ?? '';
    const two = await applyTreeChanges(staged, one, new Map([['d', { mode: MODE_DIRECTORY, oid: sub }], ['e', { mode: MODE_DIRECTORY, oid: sub }]]));
    expect((await listTree(staged, two, 10)).leaves.map(({ path }) => path)).toEqual(['d/x', 'e/x']);
    expect(await applyTreeChanges(staged, two, new Map([['d/x', null], ['e/x', null]]))).toBe(EMPTY_TREE);
  });

  it.each([
    ['', 'malformed'], ['/a', 'malformed'], ['a//b', 'malformed'], ['a/', 'malformed'], ['a/../b', 'malformed'], ['.git/config', 'malformed'], ['x\0y', 'malformed'], ['x\ud800', 'malformed'],
    ['d', 'directory-in-the-way'], ['d/x/y', 'file-in-the-way'],
  ])('refuse the path %j as %s and name it', async (path, reason) => {
    const { staged, blobs } = fresh();
    const oid = blobs[0] ?? '';
    staged.put('tree', Buffer.alloc(0));
    const root = await applyTreeChanges(staged, EMPTY_TREE, new Map([['d/x', { mode: MODE_FILE, oid }]]));
    await expect(applyTreeChanges(staged, root, new Map([[path, { mode: MODE_FILE, oid }]]))).rejects.toMatchObject({ name: 'PathClash', reason, path: reason === 'file-in-the-way' ? 'd/x' : path });
  });
});

describe('walks over a tree', () => {
  it('list what git ls-tree -r lists, in its order, and stop at the limit', async () => {
    const { staged, blobs } = fresh();
    staged.put('tree', Buffer.alloc(0));
    const paths = FILES.filter((path) => path !== 'a' && path !== 'a/b');
    const files = new Map(paths.map((path) => [path, { mode: MODE_FILE, oid: blobs[0] ?? '' }]));
    const tree = await applyTreeChanges(staged, EMPTY_TREE, files);
    treeByGit(files);
    const byGit = Buffer.from(git(repository, ['ls-tree', '-r', '-z', '--name-only', tree]), 'latin1').toString('utf8').split('\0').filter((path) => path !== '');
    expect((await listTree(staged, tree, 100)).leaves.map(({ path }) => decodeName(path))).toEqual(byGit);
    expect(await listTree(staged, tree, 2)).toMatchObject({ complete: false, leaves: [{}, {}] });
    for (const path of paths) expect((await entryAt(staged, tree, path))?.oid).toBe(blobs[0]);
    for (const path of ['', 'nope', 'a/b/c/d', 'dir/', 'Z/x']) expect(await entryAt(staged, tree, path)).toBeNull();
  });

  it('refuse a tree that nests deeper than the bound', async () => {
    const objects = new MemoryObjects();
    let oid = objects.put('tree', Buffer.alloc(0));
    for (let depth = 0; depth < 20; depth++) oid = objects.put('tree', Buffer.concat([Buffer.from('40000 d\0'), Buffer.from(oid, 'hex')]));
    const walk = async (maxDepth: number): Promise<number> => {
      let seen = 0;
      for await (const _ of walkTree(objects, oid, { maxDepth })) seen++;
      return seen;
    };
    await expect(walk(10)).rejects.toThrow(/deeper than 10/u);
    await expect(walk(21)).resolves.toBe(20);
  });

  it('find one name without being misled by the bytes of ids', () => {
    const id = Buffer.from('100644 evil\0', 'latin1');
    const content = Buffer.concat([Buffer.from('100644 a\0'), id, Buffer.alloc(20 - id.length), Buffer.from('100644 evil\0'), Buffer.alloc(20, 7)]);
    expect(findEntry('x', content, 'evil')?.oid).toBe('07'.repeat(20));
    expect(findEntry('x', content, 'absent')).toBeNull();
    expect(() => findEntry('x', content.subarray(0, content.length - 1), 'absent')).toThrow(/cut short/u);
  });
});
