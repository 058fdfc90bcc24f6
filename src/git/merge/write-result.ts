import type { Oid } from '../objects/object-source.js';
import type { StagedObjects } from '../objects/staged-objects.js';
import { EMPTY_TREE, encodeTree, MODE_DIRECTORY, readTree, treeEntry, type TreeEntry } from '../objects/tree.js';
import type { Version } from './conflict.js';

/** Changes of one directory: files by name (null deletes), and the changes of directories in it. */
interface DirectoryChanges {
  readonly files: Map<string, Version | null>;
  readonly directories: Map<string, DirectoryChanges>;
}

/**
 * Writes the tree that `changes` makes of `tree`; answers its id. Only directories on the way to a change are read and
 * written, directories left without entries vanish, and entries are written with canonical modes, as `git merge-tree`
 * writes them (old trees pad modes with zeros). A path and one beneath it must not both be given a file.
 */
export async function writeResult(staged: StagedObjects, tree: Oid | null, changes: ReadonlyMap<string, Version | null>): Promise<Oid> {
  if (changes.size === 0) return tree ?? staged.put('tree', Buffer.alloc(0));
  return (await writeDirectory(staged, tree, groupChanges(changes))) ?? staged.put('tree', Buffer.alloc(0));
}

function groupChanges(changes: ReadonlyMap<string, Version | null>): DirectoryChanges {
  const root: DirectoryChanges = { files: new Map(), directories: new Map() };
  for (const [path, version] of changes) {
    const parts = path.split('/');
    const name = parts.pop() ?? path;
    let at = root;
    for (const part of parts) {
      const next: DirectoryChanges = at.directories.get(part) ?? { files: new Map(), directories: new Map() };
      at.directories.set(part, next);
      at = next;
    }
    at.files.set(name, version);
  }
  return root;
}

/** The id of the changed directory, or null when nothing is left in it. */
async function writeDirectory(staged: StagedObjects, tree: Oid | null, changes: DirectoryChanges): Promise<Oid | null> {
  const before = tree === null || tree === EMPTY_TREE ? [] : await readTree(staged, tree);
  const entries = new Map<string, TreeEntry>(before.map((entry) => [entry.name, treeEntry(entry.name, entry.mode, entry.oid)]));
  for (const [name, version] of changes.files) {
    // A deleted path may be a directory's by now: only a file is deleted by it.
    if (version !== null) entries.set(name, treeEntry(name, version.mode, version.oid));
    else if (entries.get(name)?.mode !== MODE_DIRECTORY) entries.delete(name);
  }
  for (const [name, below] of changes.directories) {
    const there = entries.get(name);
    const oid = await writeDirectory(staged, there?.mode === MODE_DIRECTORY ? there.oid : null, below);
    if (oid !== null) entries.set(name, treeEntry(name, MODE_DIRECTORY, oid));
    else if (there?.mode === MODE_DIRECTORY) entries.delete(name);
  }
  return entries.size === 0 ? null : staged.put('tree', encodeTree([...entries.values()]));
}
