import { beforeEach, describe, expect, it } from 'vitest';
import { TreeCursor } from '../../../src/git/diff/tree-cursor.js';
import { diffTrees } from '../../../src/git/diff/tree-diff.js';
import { walkTrees } from '../../../src/git/diff/tree-walk.js';
import { BudgetExceeded, ObjectCorrupt, ObjectMissing } from '../../../src/git/objects/errors.js';
import { encodeTree, MODE_DIRECTORY, MODE_EXECUTABLE, MODE_FILE, MODE_SUBMODULE, MODE_SYMLINK, parseTree, treeEntry } from '../../../src/git/objects/tree.js';
import { fc } from '../../support/fast-check.js';
import { MemoryObjects } from '../../support/memory-objects.js';

const SOME = '1'.repeat(40);
const OTHER = '2'.repeat(40);

let objects: MemoryObjects;

beforeEach(() => {
  objects = new MemoryObjects();
});

/** Each level holds ten names for one and the same tree below it: `levels` small objects that stand for 10^levels files. */
function bomb(levels: number, bottom: string): string {
  let oid = bottom;
  for (let level = 0; level < levels; level++) {
    oid = objects.put('tree', encodeTree(Array.from({ length: 10 }, (_, i) => treeEntry(`d${i}`, MODE_DIRECTORY, oid))));
  }
  return oid;
}

/** How reading bytes ended: a typed refusal, or whatever else came. */
function outcome(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof ObjectCorrupt ? 'refused' : String(error);
  }
}

describe('the walk over two trees', () => {
  it('looks at each side by itself where a closing slash asks for a submodule that is or was a file', async () => {
    const file = objects.tree({ a0: 'text' });
    const [module, other] = [SOME, OTHER].map((oid) => objects.tree({ a0: { mode: MODE_SUBMODULE, oid } }));
    const listed = async (from: string | undefined, to: string | undefined, path: string): Promise<string[]> =>
      (await diffTrees(objects, from ?? null, to ?? null, { paths: [path] })).map(({ status, oldMode, newMode }) => `${status} ${oldMode?.toString(8)} ${newMode?.toString(8)}`);
    expect(await listed(file, module, 'a0/')).toEqual(['ADDED undefined 160000']);
    expect(await listed(module, file, 'a0/')).toEqual(['DELETED 160000 undefined']);
    expect(await listed(module, other, 'a0/')).toEqual(['MODIFIED 160000 160000']);
    expect(await listed(file, module, 'a0')).toEqual(['TYPE_CHANGED 100644 160000']);
    expect(await listed(file, objects.tree({ a0: 'other' }), 'a0/')).toEqual([]);
  });

  it('tells additions, deletions, changes of content, of mode and of type by path', async () => {
    const from = objects.tree({ gone: 'x', kept: 'k', edited: 'old', mode: 'm', type: 't', 'dir/inner': 'i', module: { mode: MODE_SUBMODULE, oid: SOME } });
    const to = objects.tree({
      kept: 'k',
      edited: 'new',
      mode: { mode: MODE_EXECUTABLE, content: 'm' },
      type: { mode: MODE_SYMLINK, content: 't' },
      'dir/inner': 'i',
      'dir/new': 'n',
      module: { mode: MODE_SUBMODULE, oid: OTHER },
    });
    const changes = await diffTrees(objects, from, to, { renames: false });
    expect(changes.map(({ status, path }) => `${status} ${path}`)).toEqual([
      'ADDED dir/new',
      'MODIFIED edited',
      'DELETED gone',
      'MODIFIED mode',
      'MODIFIED module',
      'TYPE_CHANGED type',
    ]);
    expect(changes[3]).toEqual({
      status: 'MODIFIED',
      path: 'mode',
      oldPath: null,
      similarity: null,
      oldMode: MODE_FILE,
      newMode: MODE_EXECUTABLE,
      oldOid: objects.blob('m'),
      newOid: objects.blob('m'),
    });
    expect(changes[2]).toMatchObject({ newMode: null, newOid: null });
    expect(changes[0]).toMatchObject({ oldMode: null, oldOid: null });
  });

  it('lists every file as added when there is no tree to compare with, and as deleted the other way round', async () => {
    const tree = objects.tree({ a: '1', 'b/c': '2' });
    expect((await diffTrees(objects, null, tree)).map(({ status, path }) => `${status} ${path}`)).toEqual(['ADDED a', 'ADDED b/c']);
    expect((await diffTrees(objects, tree, null)).map(({ status, path }) => `${status} ${path}`)).toEqual(['DELETED a', 'DELETED b/c']);
    expect(await diffTrees(objects, null, null)).toEqual([]);
  });

  it('never opens a subtree that is equal on both sides, nor equal roots', async () => {
    const from = objects.tree({ 'same/deep/a': '1', 'changed/b': '2' });
    const to = objects.tree({ 'same/deep/a': '1', 'changed/b': '3' });
    await diffTrees(objects, from, to);
    expect(objects.reads).not.toContain(objects.tree({ 'deep/a': '1' }));
    expect(objects.reads).toHaveLength(4);
    objects.reads.length = 0;
    await diffTrees(objects, from, from);
    expect(objects.reads).toEqual([]);
  });

  it('never opens a directory that the paths asked for cannot be in', async () => {
    const from = objects.tree({ 'src/a': '1', 'docs/b': '1', 'srcs/c': '1' });
    const to = objects.tree({ 'src/a': '2', 'docs/b': '2', 'srcs/c': '2' });
    const changes = await diffTrees(objects, from, to, { paths: ['src'] });
    expect(changes.map(({ path }) => path)).toEqual(['src/a']);
    expect(objects.reads).toHaveLength(4);
    objects.reads.length = 0;
    expect((await diffTrees(objects, from, to, { paths: ['src/?', 'docs/*.md'] })).map(({ path }) => path)).toEqual(['src/a']);
    expect(objects.reads).toHaveLength(6);
  });

  it('takes paths in readable UTF-8 while names are bytes', async () => {
    const name = Buffer.from('été/naïve.txt').toString('latin1');
    const to = objects.tree({ [name]: 'x', other: 'y' });
    expect((await diffTrees(objects, null, to, { paths: ['été'] })).map(({ path }) => path)).toEqual([name]);
  });

  it('tells a file from a directory of the same name', async () => {
    const from = objects.tree({ a: 'file', 'a.c': 'between' });
    const to = objects.tree({ 'a/b': 'inner', 'a.c': 'changed' });
    expect((await diffTrees(objects, from, to)).map(({ status, path }) => `${status} ${path}`)).toEqual(['DELETED a', 'MODIFIED a.c', 'ADDED a/b']);
  });

  it('says which tree is missing', async () => {
    const root = objects.put('tree', encodeTree([treeEntry('sub', MODE_DIRECTORY, SOME)]));
    await expect(diffTrees(objects, null, root)).rejects.toThrow(new ObjectMissing(SOME));
  });

  it('refuses a blob in the place of a tree', async () => {
    const root = objects.put('tree', encodeTree([treeEntry('sub', MODE_DIRECTORY, objects.blob('x'))]));
    await expect(diffTrees(objects, null, root)).rejects.toThrow(ObjectCorrupt);
  });
});

describe('the bounds of a walk', () => {
  it('stops at the number of files, though ten small trees stand for ten billion', async () => {
    const root = bomb(10, objects.tree({ file: 'x' }));
    await expect(diffTrees(objects, null, root, { maxChanges: 1000 })).rejects.toThrow(new BudgetExceeded('opened trees', 1000, 1001));
  });

  it('stops at the number of trees where there is not one file', async () => {
    const root = bomb(10, objects.tree({}));
    await expect(diffTrees(objects, null, root, { maxChanges: 1000 })).rejects.toThrow(BudgetExceeded);
  });

  it('counts changed files, not files', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `file${i}`);
    const from = objects.tree(Object.fromEntries(names.map((name) => [name, 'x'])));
    const to = objects.tree(Object.fromEntries(names.map((name, i) => [name, i < 3 ? 'y' : 'x'])));
    expect(await walkTrees(objects, from, to, null, { maxChanges: 3 })).toHaveLength(3);
    await expect(walkTrees(objects, from, to, null, { maxChanges: 2 })).rejects.toThrow(new BudgetExceeded('changed files', 2, 3));
  });

  it('refuses more than 2048 nested directories and walks 2048', async () => {
    let oid = objects.tree({ file: 'x' });
    for (let level = 0; level < 2048; level++) oid = objects.put('tree', encodeTree([treeEntry('d', MODE_DIRECTORY, oid)]));
    expect(await diffTrees(objects, null, oid)).toHaveLength(1);
    const deeper = objects.put('tree', encodeTree([treeEntry('d', MODE_DIRECTORY, oid)]));
    await expect(diffTrees(objects, null, deeper)).rejects.toThrow(new BudgetExceeded('directory depth', 2048, 2049));
  });

  it('lets the event loop run in between', async () => {
    const root = bomb(4, objects.tree({ file: 'x' }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await diffTrees(objects, null, root);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

describe('a position in a tree', () => {
  const entries = fc
    .uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z.\-é]{1,6}$/u), mode: fc.constantFrom(MODE_FILE, MODE_EXECUTABLE, MODE_SYMLINK, MODE_DIRECTORY, MODE_SUBMODULE), digit: fc.integer({ min: 0, max: 9 }) }), { selector: ({ name }) => name, maxLength: 12 })
    .map((list) => list.map(({ name, mode, digit }) => treeEntry(Buffer.from(name).toString('latin1'), mode, String(digit).repeat(40))));

  it('passes the entries that the tree codec parses, in their order', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const content = encodeTree(list);
        const passed: string[] = [];
        for (const cursor = new TreeCursor(SOME, content); !cursor.done; cursor.advance()) passed.push(`${cursor.mode} ${cursor.oid()} ${cursor.name()}`);
        expect(passed).toEqual(parseTree(SOME, content).map(({ mode, oid, name }) => `${mode} ${oid} ${name}`));
      }),
    );
  });

  it('refuses exactly the bytes that the tree codec refuses', () => {
    const pieces = fc.constantFrom('100644 ', '40000 ', '0100644 ', '1006449 ', '1000000000 ', ' ', 'x', 'name', '\0', '\0'.repeat(20), 'o'.repeat(20), '\xff');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
        const content = Buffer.from(parts.join(''), 'latin1');
        const walked = outcome(() => {
          for (const cursor = new TreeCursor(SOME, content); !cursor.done; cursor.advance()) cursor.name();
        });
        expect(walked).toBe(outcome(() => parseTree(SOME, content)));
      }),
      { numRuns: 2000 },
    );
  });

  it('skips to the first entries that differ, and to nowhere when they do at once', () => {
    fc.assert(
      fc.property(entries, entries, (one, other) => {
        const [left, right] = [new TreeCursor(SOME, encodeTree(one)), new TreeCursor(SOME, encodeTree(other))];
        const [lefts, rights] = [parseTree(SOME, encodeTree(one)), parseTree(SOME, encodeTree(other))];
        let equal = 0;
        while (equal < Math.min(lefts.length, rights.length) && lefts[equal]?.raw.equals(rights[equal]?.raw ?? Buffer.alloc(0)) === true) equal++;
        left.skipEqual(right);
        expect([left.done, right.done]).toEqual([equal === lefts.length, equal === rights.length]);
        expect(left.done ? undefined : left.name()).toBe(lefts[equal]?.name);
        expect(right.done ? undefined : right.name()).toBe(rights[equal]?.name);
      }),
    );
  });

  it('ends at trees that are cut short on both sides', () => {
    const cut = Buffer.concat([encodeTree([treeEntry('a', MODE_FILE, SOME), treeEntry('b', MODE_FILE, SOME)]).subarray(0, 40)]);
    const whole = encodeTree([treeEntry('a', MODE_FILE, SOME), treeEntry('b', MODE_FILE, OTHER)]);
    expect(() => new TreeCursor(SOME, cut).skipEqual(new TreeCursor(SOME, whole))).toThrow(ObjectCorrupt);
  });
});
