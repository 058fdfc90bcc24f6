import { ObjectCorrupt } from '../objects/errors.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { MODE_DIRECTORY, type TreeEntry } from '../objects/tree.js';
import { findEntry } from '../objects/walk-tree.js';

/**
 * The entry of a tree at a path in its latin1 reading (which is exact for names that are not UTF-8); null where there is none.
 * Reads one tree a component.
 */
export async function lookUp(source: ObjectSource, root: Oid, path: string): Promise<TreeEntry | null> {
  let tree = root;
  let found: TreeEntry | null = null;
  for (const name of path.split('/')) {
    if (found !== null) {
      if (found.mode !== MODE_DIRECTORY) return null;
      tree = found.oid;
    }
    const object = await source.read(tree);
    if (object.type !== 'tree') throw new ObjectCorrupt(tree, `expected a tree, found a ${object.type}`);
    found = findEntry(tree, object.content, name);
    if (found === null) return null;
  }
  return found;
}
