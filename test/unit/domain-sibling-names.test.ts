import { describe, expect, it } from 'vitest';
import { SiblingNames } from '../../src/domain/sibling-names.js';
import { encodeName } from '../../src/git/objects/tree.js';
import { MemoryObjects } from '../support/memory-objects.js';

function over(...paths: readonly string[]): { readonly names: SiblingNames; readonly objects: MemoryObjects } {
  const objects = new MemoryObjects();
  const tree = objects.tree(Object.fromEntries(paths.map((path) => [encodeName(path), 'x'])));
  return { names: new SiblingNames(objects, tree), objects };
}

describe('names beside each other', () => {
  it('clash where they differ by case or by the form of an accent only', async () => {
    const { names } = over('README.md', 'src/caf\u00E9.txt');
    expect(await names.clash('readme.md')).toEqual({ path: 'readme.md', name: 'README.md', sibling: 'README.md' });
    expect(await names.clash('src/cafe\u0301.txt')).toEqual({ path: 'src/cafe\u0301.txt', name: 'caf\u00E9.txt', sibling: 'src/caf\u00E9.txt' });
    for (const path of ['README.md', 'README', 'src/other.txt', 'new/readme.md', 'src/README.md']) expect([path, await names.clash(path)]).toEqual([path, null]);
  });

  it('clash in the directories that lead to a file, of the tree and of what was added', async () => {
    const { names } = over('src/a.txt');
    expect(await names.clash('SRC/b.txt')).toEqual({ path: 'SRC', name: 'src', sibling: 'src' });
    await names.add('lib/deep/x');
    expect(await names.clash('lib/DEEP/y')).toEqual({ path: 'lib/DEEP', name: 'deep', sibling: 'lib/deep' });
    expect(await names.clash('lib/deep/X')).toEqual({ path: 'lib/deep/X', name: 'x', sibling: 'lib/deep/x' });
  });

  it('are free once what stood there is removed', async () => {
    const { names } = over('README.md', 'src/a.txt');
    await names.remove('README.md');
    expect(await names.clash('readme.md')).toBeNull();
    await names.remove('src/a.txt');
    // The directory is known still; who sees that it is empty removes it.
    expect(await names.clash('SRC/a.txt')).toMatchObject({ sibling: 'src' });
    await names.remove('src');
    expect(await names.clash('SRC/a.txt')).toBeNull();
    await names.add('SRC/a.txt');
    expect(await names.clash('src/b.txt')).toMatchObject({ name: 'SRC' });
  });

  it('that a tree brought in side by side stay as they are, and a third is refused', async () => {
    const { names } = over('a', 'A');
    expect(await names.clash('a')).toBeNull();
    expect(await names.clash('A')).toBeNull();
    const { names: three } = over('ab', 'AB');
    expect(await three.clash('Ab')).not.toBeNull();
    await three.remove('ab');
    await three.remove('AB');
    expect(await three.clash('Ab')).toBeNull();
  });

  it('are read once a directory, and only where they are asked for', async () => {
    const { names, objects } = over('a/x', 'b/y', 'b/z', 'c/w');
    for (const path of ['b/1', 'b/2', 'b/3', 'b/y']) {
      await names.clash(path);
      await names.add(path);
    }
    const listed = objects.reads.length;
    await names.clash('b/4');
    expect(objects.reads).toHaveLength(listed);
    expect(new Set(objects.reads).size).toBe(2);
  });
});
