import { PathClash } from './errors.js';
import type { Oid } from './object-source.js';
import type { StagedObjects } from './staged-objects.js';
import { EMPTY_TREE, encodeName, encodeTree, MODE_DIRECTORY, readTree, treeEntry, type TreeEntry } from './tree.js';

/** What a path is to hold afterwards; `mode` is one of the canonical modes of {@link TreeEntry}. */
export interface TreeChange {
  readonly mode: number;
  readonly oid: Oid;
}

interface Node {
  readonly path: string;
  change: TreeChange | null | undefined;
  readonly children: Map<string, Node>;
}

/**
 * Stages the tree that results when `changes` (readable UTF-8 paths; null deletes) are applied to `rootTree`, and answers
 * its id. Only trees on the way to a change are read and rewritten; every other entry keeps its raw bytes, and a tree in
 * which nothing changed keeps its id even where another git padded its modes. A directory that loses its last entry
 * vanishes; a root that does is the empty tree.
 *
 * A change with {@link MODE_DIRECTORY} puts a whole tree in the place of a directory or of nothing. A file may take the
 * place of a directory, or the reverse, when the same changes delete what stood there. Rejects with {@link PathClash}
 * (absent, file-in-the-way, directory-in-the-way, malformed); which of several clashes is named is not promised.
 */
export async function applyTreeChanges(staged: StagedObjects, rootTree: Oid, changes: ReadonlyMap<string, TreeChange | null>): Promise<Oid> {
  if (changes.size === 0) return rootTree;
  return (await rewrite(staged, rootTree, plant(changes))) ?? staged.put('tree', Buffer.alloc(0));
}

/** The changes as a tree of names, so that each directory is opened once. */
function plant(changes: ReadonlyMap<string, TreeChange | null>): Node {
  const root: Node = { path: '', change: undefined, children: new Map() };
  for (const [path, change] of changes) {
    let node = root;
    let prefix = '';
    for (const component of componentsOf(path)) {
      prefix = prefix === '' ? component : `${prefix}/${component}`;
      const name = encodeName(component);
      const child: Node = node.children.get(name) ?? { path: prefix, change: undefined, children: new Map() };
      node.children.set(name, child);
      node = child;
    }
    node.change = change;
  }
  return root;
}

function componentsOf(path: string): string[] {
  const wellFormed = !path.includes('\0') && Buffer.from(path, 'utf8').toString('utf8') === path;
  const components = path.split('/');
  const valid = components.every((name) => name !== '' && name !== '.' && name !== '..' && name.toLowerCase() !== '.git');
  if (!wellFormed || !valid) throw new PathClash(path, 'malformed');
  return components;
}

/** The tree after the changes below `node`; null when nothing is left. `tree` is null where no directory stood. */
async function rewrite(staged: StagedObjects, tree: Oid | null, node: Node): Promise<Oid | null> {
  const before = tree === null || tree === EMPTY_TREE ? [] : await readTree(staged, tree);
  const entries = new Map<string, TreeEntry>();
  for (const entry of before) entries.set(entry.name, entry);
  let changed = entries.size !== before.length;
  for (const [name, child] of node.children) {
    const old = entries.get(name);
    const now = await place(staged, name, old, child);
    if (now === old) continue;
    changed = true;
    if (now === undefined) entries.delete(name);
    else entries.set(name, now);
  }
  if (entries.size === 0) return null;
  return changed || tree === null ? staged.put('tree', encodeTree([...entries.values()])) : tree;
}

/** The entry that stands at `child` afterwards; the very same object when nothing changed, undefined when there is none. */
async function place(staged: StagedObjects, name: string, old: TreeEntry | undefined, child: Node): Promise<TreeEntry | undefined> {
  const { change, children, path } = child;
  if (children.size === 0) return change === undefined ? old : leaf(name, old, change, path);
  if (change?.mode === MODE_DIRECTORY) throw new PathClash(path, 'directory-in-the-way');
  const wasDirectory = old?.mode === MODE_DIRECTORY;
  if (!wasDirectory && change === null && old === undefined) throw new PathClash(path, 'absent');
  if (!wasDirectory && old !== undefined && change === undefined) throw new PathClash(path, 'file-in-the-way');
  if (wasDirectory && change === null) throw new PathClash(path, 'directory-in-the-way');
  const below = await rewrite(staged, wasDirectory && old !== undefined ? old.oid : null, child);
  if (change === undefined || change === null) {
    if (below === null) return undefined;
    return wasDirectory && below === old?.oid ? old : treeEntry(name, MODE_DIRECTORY, below);
  }
  // A file in the place of a directory: allowed only when the same changes deleted everything that the directory held.
  if (below !== null) throw new PathClash(path, 'directory-in-the-way');
  return treeEntry(name, change.mode, change.oid);
}

function leaf(name: string, old: TreeEntry | undefined, change: TreeChange | null, path: string): TreeEntry | undefined {
  const wasDirectory = old?.mode === MODE_DIRECTORY;
  if (change === null) {
    if (old === undefined) throw new PathClash(path, 'absent');
    if (wasDirectory) throw new PathClash(path, 'directory-in-the-way');
    return undefined;
  }
  if (change.mode === MODE_DIRECTORY) {
    if (old !== undefined && !wasDirectory) throw new PathClash(path, 'file-in-the-way');
    if (change.oid === EMPTY_TREE) throw new PathClash(path, 'malformed');
  } else if (wasDirectory) {
    throw new PathClash(path, 'directory-in-the-way');
  }
  return old !== undefined && old.mode === change.mode && old.oid === change.oid ? old : treeEntry(name, change.mode, change.oid);
}
