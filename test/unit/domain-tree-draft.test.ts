import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type Limits } from '../../src/domain/limits.js';
import { Refused, TreeDraft } from '../../src/domain/tree-draft.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { EMPTY_TREE, MODE_DIRECTORY, MODE_EXECUTABLE, MODE_FILE } from '../../src/git/objects/tree.js';
import { listTree } from '../../src/git/objects/walk-tree.js';
import { MemoryObjects } from '../support/memory-objects.js';

function draftOf(files: Readonly<Record<string, string>>, limits: Partial<Limits> = {}): { readonly draft: TreeDraft; readonly staged: StagedObjects; readonly tree: string; readonly file: { mode: number; oid: string } } {
  const objects = new MemoryObjects();
  objects.put('tree', Buffer.alloc(0));
  const staged = new StagedObjects(objects);
  const tree = objects.tree(files);
  const draft = new TreeDraft({ staged, tree, limits: { ...DEFAULT_LIMITS, ...limits }, mayUseBlob: async () => false });
  return { draft, staged, tree, file: { mode: MODE_FILE, oid: objects.blob('new') } };
}

async function paths(staged: StagedObjects, tree: string): Promise<string[]> {
  return tree === EMPTY_TREE ? [] : (await listTree(staged, tree, 1000)).leaves.map(({ path }) => path);
}

async function ruleOf(work: Promise<unknown>): Promise<string> {
  const refusal: unknown = await work.then(() => null, (error: unknown) => error);
  return refusal instanceof Refused && refusal.problem.code === 'INVALID_INPUT' ? `${refusal.problem.field} ${refusal.problem.rule}` : String(refusal);
}

describe('a draft of a tree', () => {
  it('is the very same tree as long as nothing is changed, or all is changed back', async () => {
    const { draft, tree, file } = draftOf({ a: '1', 'd/b': '2' });
    expect(await draft.finish('f')).toEqual({ tree, paths: [] });
    await draft.put('d/c', file, 'f');
    await draft.drop('d/c');
    // What was made and dropped again is no change that a key's globs could forbid.
    expect(await draft.finish('f')).toEqual({ tree, paths: [] });
  });

  it('shows what stands at a path now: files, directories of the tree and such as the changes have made', async () => {
    const { draft, file } = draftOf({ a: '1', 'd/b': '2' });
    expect(await draft.at('a')).toMatchObject({ mode: MODE_FILE });
    expect(await draft.at('d')).toMatchObject({ mode: MODE_DIRECTORY });
    expect(await draft.at('absent')).toBeNull();
    await draft.put('x/y/z', { ...file, mode: MODE_EXECUTABLE }, 'f');
    expect(await draft.at('x/y/z')).toEqual({ ...file, mode: MODE_EXECUTABLE });
    expect(await draft.at('x')).toMatchObject({ mode: MODE_DIRECTORY });
    expect(await draft.at('x/y')).toMatchObject({ mode: MODE_DIRECTORY });
    await draft.drop('x/y/z');
    expect(await draft.at('x')).toBeNull();
    await draft.drop('d/b');
    expect(await draft.at('d')).toBeNull();
    await draft.put('d/c', file, 'f');
    expect(await draft.at('d')).toMatchObject({ mode: MODE_DIRECTORY });
  });

  it('lists the files below a directory as they are by now', async () => {
    const { draft, file } = draftOf({ 'd/a': '1', 'd/e/b': '2', 'dd/c': '3' });
    await draft.drop('d/a');
    await draft.put('d/n', file, 'f');
    expect((await draft.filesAt('d', 'f')).map(({ path }) => path).sort()).toEqual(['d/e/b', 'd/n']);
    expect(await draft.filesAt('d/n', 'f')).toEqual([{ path: 'd/n', ...file }]);
    expect(await ruleOf(draft.filesAt('absent', 'changes[0].delete.path'))).toBe('changes[0].delete.path path/absent');
  });

  it('lists no more files than a checkpoint may change', async () => {
    const { draft } = draftOf({ 'd/a': '1', 'd/b': '2', 'd/c': '3' }, { changesPerCheckpoint: 2 });
    await expect(draft.filesAt('d', 'f')).rejects.toMatchObject({ problem: { code: 'LIMIT_EXCEEDED', limit: 'changesPerCheckpoint', maximum: 2, requested: 3 } });
  });

  it('refuses a file where a directory stands and below a file, in the tree and in the draft, where it is put', async () => {
    const { draft, file } = draftOf({ a: '1', 'd/b': '2' });
    expect(await ruleOf(draft.put('a/x', file, 'one'))).toBe('one path/file-directory');
    expect(await ruleOf(draft.put('d', file, 'two'))).toBe('two path/file-directory');
    await draft.put('n', file, 'f');
    expect(await ruleOf(draft.put('n/m/o', file, 'three'))).toBe('three path/file-directory');
    await draft.put('p/q', file, 'f');
    expect(await ruleOf(draft.put('p', file, 'four'))).toBe('four path/file-directory');
  });

  it('takes a file in the place of a directory, and the reverse, once that is gone', async () => {
    const { draft, staged, file } = draftOf({ a: '1', 'd/b': '2' });
    await draft.drop('a');
    await draft.put('a/x', file, 'f');
    await draft.drop('d/b');
    await draft.put('d', file, 'f');
    const { tree, paths: changed } = await draft.finish('f');
    expect(await paths(staged, tree)).toEqual(['a/x', 'd']);
    expect([...changed].sort()).toEqual(['a', 'a/x', 'd', 'd/b']);
  });

  it('leaves no trace of a file that stood in the place of a directory for a while', async () => {
    const { draft, staged, tree, file } = draftOf({ 'd/b': '1', kept: '2' });
    await draft.drop('d/b');
    await draft.put('d', file, 'f');
    await draft.drop('d');
    const without = await draft.finish('f');
    expect(without.paths).toEqual(['d/b']);
    expect(await paths(staged, without.tree)).toEqual(['kept']);
    await draft.put('d/b', { ...file, oid: (await listTree(staged, tree, 10)).leaves[0]?.entry.oid ?? '' }, 'f');
    expect((await draft.finish('f')).tree).toBe(tree);
  });

  it('lets a directory take another spelling once every file has left it, and not before', async () => {
    const { draft, staged, file } = draftOf({ 'src/a': '1', 'src/b': '2', z: '3' });
    await draft.drop('src/a');
    expect(await ruleOf(draft.put('Src/a', file, 'early'))).toBe('early path/sibling');
    await draft.drop('src/b');
    await draft.put('Src/a', file, 'f');
    expect(await ruleOf(draft.put('src/b', file, 'late'))).toBe('late path/sibling');
    expect(await paths(staged, (await draft.finish('f')).tree)).toEqual(['Src/a', 'z']);
  });

  it('may become empty', async () => {
    const { draft } = draftOf({ 'd/a': '1' });
    await draft.drop('d/a');
    expect((await draft.finish('f')).tree).toBe(EMPTY_TREE);
  });

  it('stays quick with 10,000 files in one directory', async () => {
    const { draft, staged, file } = draftOf({ z: '1' });
    const cpu = process.cpuUsage();
    for (let n = 0; n < 10_000; n++) await draft.put(`many/${n}`, file, 'f');
    for (const each of await draft.filesAt('many', 'f')) await draft.drop(each.path);
    await draft.put('many', file, 'f');
    expect(await paths(staged, (await draft.finish('f')).tree)).toEqual(['many', 'z']);
    // 0.2 s on a quiet machine; anything quadratic takes minutes.
    expect(process.cpuUsage(cpu).user / 1e6).toBeLessThan(5);
  });
});
