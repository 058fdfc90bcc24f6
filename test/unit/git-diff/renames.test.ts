import { beforeEach, describe, expect, it } from 'vitest';
import { detectRenames, type RenameOptions, type RenameSide } from '../../../src/git/diff/renames.js';
import { diffTrees, type TreeDiffOptions } from '../../../src/git/diff/tree-diff.js';
import { MODE_EXECUTABLE, MODE_FILE, MODE_SUBMODULE, MODE_SYMLINK } from '../../../src/git/objects/tree.js';
import { MemoryObjects, type FileSpec } from '../../support/memory-objects.js';

type Files = Readonly<Record<string, FileSpec>>;

let objects: MemoryObjects;

beforeEach(() => {
  objects = new MemoryObjects();
});

/** `total` lines of ten bytes, of which the first `shared` are the same in every file and the rest belong to `owner` alone. */
function lines(total: number, shared: number, owner = 0): string {
  return Array.from({ length: total }, (_, i) => `line${String(i < shared ? i : i + 1000 * (owner + 1)).padStart(5, '0')}\n`).join('');
}

function side(path: string, content: string): RenameSide {
  return { path, mode: MODE_FILE, oid: objects.blob(content) };
}

async function pairs(deleted: RenameSide[], added: RenameSide[], options?: RenameOptions): Promise<string[]> {
  const result = await detectRenames(objects, deleted, added, options);
  return result.pairs.map(({ from, to, score }) => `${from.path} -> ${to.path} ${score}`);
}

/** `s007` and so on: names in byte order. */
function name(i: number): string {
  return `s${String(i).padStart(3, '0')}`;
}

/** Files of one and the same content. */
function copies(prefix: string, count: number): RenameSide[] {
  return Array.from({ length: count }, (_, i) => ({ path: `${prefix}${i}`, mode: MODE_FILE, oid: '1'.repeat(40) }));
}

/** `R098 old -> new` for a rename, `A path` and so on, in the order of the answer. */
async function changes(from: Files, to: Files, options?: TreeDiffOptions): Promise<string[]> {
  const found = await diffTrees(objects, objects.tree(from), objects.tree(to), options);
  return found.map(({ status, similarity, oldPath, path }) => {
    const score = similarity === null ? '' : String(similarity).padStart(3, '0');
    return `${status[0] ?? ''}${score} ${oldPath === null ? '' : `${oldPath} -> `}${path}`;
  });
}

describe('a file that moved unchanged', () => {
  it('is a rename at 100 % and is not read', async () => {
    expect(await changes({ a: 'text\n' }, { 'b/c': 'text\n' })).toEqual(['R100 a -> b/c']);
    expect(objects.reads).not.toContain(objects.blob('text\n'));
  });

  it('goes by its base name first and by its path among those', async () => {
    expect(await changes({ 'a/n': 'x', 'b/m': 'x' }, { 'c/m': 'x', 'c/n': 'x' })).toEqual(['R100 b/m -> c/m', 'R100 a/n -> c/n']);
    expect(await changes({ 'a/n': 'x', 'b/m': 'x' }, { 'c/k': 'x', 'c/n': 'x' })).toEqual(['R100 a/n -> c/k', 'R100 b/m -> c/n']);
  });

  it('becomes one rename and an addition when it is found twice', async () => {
    expect(await changes({ a: 'x' }, { b: 'x', c: 'x' })).toEqual(['R100 a -> b', 'A c']);
  });

  it('is looked for among the first hundred of the same content that are left', async () => {
    const from = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`a/${name(i)}`, 'x']));
    expect(await changes(from, { ...from, [`b/${name(99)}`]: 'x' }, { copies: true })).toEqual([`A b/${name(99)}`]);
    expect(await changes(from, { [`b/${name(99)}`]: 'x' })).toContain(`R100 a/${name(99)} -> b/${name(99)}`);
    expect(await changes(from, { [`b/${name(100)}`]: 'x' })).toContain(`R100 a/${name(0)} -> b/${name(100)}`);
    // Those that are taken do not count.
    const all = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`b/${name(i)}`, 'x']));
    expect(await changes(from, all)).toEqual(Array.from({ length: 200 }, (_, i) => `R100 a/${name(i)} -> b/${name(i)}`));
  });

  it('costs steps in proportion to their number when there are tens of thousands', async () => {
    const began = process.cpuUsage();
    expect((await detectRenames(objects, copies('a/x', 30_000), copies('b/y', 30_000))).pairs).toHaveLength(30_000);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(5000);
  });

  it('is found when it is empty, unless empty files are not to be paired', async () => {
    expect(await changes({ a: '' }, { b: '' })).toEqual(['R100 a -> b']);
    expect((await detectRenames(objects, [side('a', '')], [side('b', '')], { pairEmpty: false })).pairs).toEqual([]);
  });

  it('may gain the executable bit but not become a symlink', async () => {
    expect(await changes({ a: 'x' }, { b: { mode: MODE_EXECUTABLE, content: 'x' } })).toEqual(['R100 a -> b']);
    expect(await changes({ a: 'x' }, { b: { mode: MODE_SYMLINK, content: 'x' } })).toEqual(['D a', 'A b']);
  });

  it('is a rename also as a symlink or a submodule, without reading what a submodule names', async () => {
    const module = { mode: MODE_SUBMODULE, oid: '1'.repeat(40) };
    expect(await changes({ a: { mode: MODE_SYMLINK, content: 'x' }, m: module }, { b: { mode: MODE_SYMLINK, content: 'x' }, n: module })).toEqual(['R100 a -> b', 'R100 m -> n']);
  });

  it('stays a deletion and an addition when renames are not wanted', async () => {
    expect(await changes({ a: 'x' }, { b: 'x' }, { renames: false })).toEqual(['D a', 'A b']);
  });
});

describe('a file that moved and changed', () => {
  it('is a rename from 50 % of its content on, rounded down', async () => {
    expect(await changes({ a: lines(100, 100) }, { b: lines(100, 50, 1) })).toEqual(['R050 a -> b']);
    expect(await changes({ a: lines(100, 100) }, { b: lines(100, 49, 1) })).toEqual(['D a', 'A b']);
    expect(await changes({ a: lines(300, 300) }, { b: lines(300, 299, 1) })).toEqual(['R099 a -> b']);
  });

  it('follows the threshold that is asked for', async () => {
    expect(await changes({ a: lines(100, 100) }, { b: lines(100, 30, 1) }, { renameThreshold: 30 })).toEqual(['R030 a -> b']);
    expect(await changes({ a: lines(100, 100) }, { b: lines(100, 99, 1) }, { renameThreshold: 100 })).toEqual(['D a', 'A b']);
  });

  it('measures against the larger of the two', async () => {
    expect(await changes({ a: lines(60, 60) }, { b: lines(100, 60, 1) })).toEqual(['R060 a -> b']);
    expect(await changes({ a: lines(100, 60, 1) }, { b: lines(60, 60) })).toEqual(['R060 a -> b']);
  });

  it('is not read when its size leaves no chance', async () => {
    expect(await changes({ a: lines(10, 10) }, { b: lines(100, 10, 1) })).toEqual(['D a', 'A b']);
    expect(objects.reads).toHaveLength(2);
  });

  it('wins by its base name from half-way between the threshold and all of it', async () => {
    const rival = lines(100, 99, 2);
    expect(await changes({ 'd/f': lines(100, 100) }, { 'e/f': lines(100, 75, 1), 'e/g': rival })).toEqual(['R075 d/f -> e/f', 'A e/g']);
    expect(await changes({ 'd/f': lines(100, 100) }, { 'e/f': lines(100, 74, 1), 'e/g': rival })).toEqual(['A e/f', 'R099 d/f -> e/g']);
    expect(await changes({ 'd/f': lines(100, 100) }, { 'e/f': lines(100, 65, 1), 'e/g': rival }, { renameThreshold: 30 })).toEqual(['R065 d/f -> e/f', 'A e/g']);
  });

  it('does not win by a base name that is there twice', async () => {
    const [moved, rival] = [lines(100, 80, 1), lines(100, 99, 2)];
    expect(await changes({ 'd/f': lines(100, 100), 'x/f': lines(100, 0, 5) }, { 'e/f': moved, 'e/g': rival })).toEqual(['A e/f', 'R099 d/f -> e/g', 'D x/f']);
    // An exact rename takes the second one out of the way.
    const other = lines(100, 0, 5);
    expect(await changes({ 'd/f': lines(100, 100), 'x/f': other }, { 'e/f': moved, 'e/g': rival, 'y/f': other })).toEqual(['R080 d/f -> e/f', 'A e/g', 'R100 x/f -> y/f']);
  });

  it('gives each destination its best source that is still free, of the best four', async () => {
    const sources = Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [`s${i}`, lines(100, 94 - i, i + 1)]));
    const taken: Record<string, string> = { q: lines(100, 100) };
    for (const i of [0, 1, 2]) taken[`p${i}`] = `${lines(100, 94 - i, i + 1)}x\n`;
    expect(await changes(sources, taken)).toContain('R091 s3 -> q');
    taken['p3'] = `${lines(100, 91, 4)}x\n`;
    expect(await changes(sources, taken)).toContain('A q');
  });

  it('gives a tie to the first source, unless a poorer candidate held an earlier place', async () => {
    const tie = (i: number): string => lines(4, 2, i + 1);
    const to = { z: lines(2, 2) };
    expect(await changes({ s0: tie(0), s1: tie(1) }, to)).toEqual(['D s1', 'R050 s0 -> z']);
    const crowd = { a0: lines(3, 1, 9), s0: tie(0), s1: tie(1), s2: tie(2), s3: tie(3) };
    expect(await changes(crowd, to)).toContain('R050 s3 -> z');
  });

  it('is looked for in every pair only while their number is within the square of the limit', async () => {
    const from = Object.fromEntries([0, 1, 2, 3].map((i) => [`a${i}`, lines(20, 0, i)]));
    const to = Object.fromEntries([0, 1, 2, 3].map((i) => [`b${i}`, `${lines(20, 0, i)}x\n`]));
    expect(await changes(from, to, { renameLimit: 4 })).toEqual([0, 1, 2, 3].map((i) => `R099 a${i} -> b${i}`));
    expect(await changes(from, to, { renameLimit: 3 })).toEqual(['D a0', 'D a1', 'D a2', 'D a3', 'A b0', 'A b1', 'A b2', 'A b3']);
  });

  it('is found by its base name whatever the limit', async () => {
    const from = { 'x/a': lines(20, 0, 1), 'x/b': lines(20, 0, 2) };
    const to = { 'y/a': `${lines(20, 0, 1)}x\n`, 'y/b': `${lines(20, 0, 2)}x\n`, 'y/c': 'c' };
    expect(await changes(from, to, { renameLimit: 1 })).toEqual(['R099 x/a -> y/a', 'R099 x/b -> y/b', 'A y/c']);
  });
});

describe('copies', () => {
  it('come from files that are still there, changed, when they are asked for', async () => {
    const [from, to] = [{ a: lines(20, 20) }, { a: `${lines(20, 20)}x\n`, b: lines(20, 20), c: `${lines(20, 20)}y\n` }];
    expect(await changes(from, to, { copies: true })).toEqual(['M a', 'C100 a -> b', 'C099 a -> c']);
    expect(await changes(from, to)).toEqual(['M a', 'A b', 'A c']);
  });

  it('of a deleted file end in its rename', async () => {
    expect(await changes({ a: lines(20, 20) }, { b: `${lines(20, 20)}x\n`, c: `${lines(20, 20)}y\n` }, { copies: true })).toEqual(['C099 a -> b', 'R099 a -> c']);
  });

  it('leave the step by base name out', async () => {
    const to = { 'e/f': lines(100, 80, 1), 'e/g': lines(100, 99, 2) };
    expect(await changes({ 'd/f': lines(100, 100) }, to, { copies: true })).toEqual(['C080 d/f -> e/f', 'R099 d/f -> e/g']);
  });
});

describe('the detection that a merge calls', () => {
  it('answers pairs in the order of the added files with a score of 60,000 parts', async () => {
    expect(await pairs([side('a', lines(80, 80)), side('b', 'b')], [side('c', 'b'), side('d', lines(80, 79, 1))])).toEqual(['b -> c 60000', 'a -> d 59250']);
  });

  it('says when the limit kept it from comparing every pair', async () => {
    const deleted = [side('a', 'a\n'), side('b', 'b\n')];
    const added = [side('c', 'c\n'), side('d', 'd\n')];
    expect(await detectRenames(objects, deleted, added, { limit: 1 })).toEqual({ pairs: [], limited: true });
    expect(await detectRenames(objects, deleted, added, { limit: 2 })).toEqual({ pairs: [], limited: false });
  });

  it('looks past identical files only at the sources that matter', async () => {
    const deleted = [side('a', lines(20, 20)), side('b', 'same')];
    const added = [side('c', `${lines(20, 20)}x\n`), side('d', 'same')];
    expect(await pairs(deleted, added, { relevant: () => false })).toEqual(['b -> d 60000']);
    expect(await pairs(deleted, added, { relevant: ({ path }) => path === 'a' })).toHaveLength(2);
  });

  it('counts an unfinished last line only when asked to', async () => {
    const [deleted, added] = [[side('a', `${lines(1, 1)}tail`)], [side('b', `head\n${lines(1, 1)}tail`)]];
    expect(await pairs(deleted, added)).toEqual(['a -> b 31578']);
    expect(await pairs(deleted, added, { countsUnfinishedLine: true })).toEqual(['a -> b 44210']);
  });
});
