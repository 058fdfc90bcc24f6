import type { ObjectSource, Oid } from '../git/objects/object-source.js';
import { decodeName, MODE_DIRECTORY, readTree } from '../git/objects/tree.js';
import { entryAt } from '../git/objects/walk-tree.js';
import { siblingKey } from './path.js';

function splitPath(path: string): readonly [directory: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
}

/** Two names that cannot stand side by side. */
export interface SiblingClash {
  /** What was to be added: the path itself, or a directory that leads to it. */
  readonly path: string;
  /** The other's name, and its path. */
  readonly name: string;
  readonly sibling: string;
}

/**
 * The names beside each new path, directory by directory, as far as they have been asked for. A directory of the tree is read
 * once; what the same changes add or drop is counted in.
 */
export class SiblingNames {
  readonly #source: ObjectSource;
  readonly #tree: Oid;
  /** directory → folded name → the names that fold to it; more than one only where the tree already had them. */
  readonly #directories = new Map<string, Map<string, Set<string>>>();

  constructor(source: ObjectSource, tree: Oid) {
    this.#source = source;
    this.#tree = tree;
  }

  /** The clash that a new file at `path` makes, in its own name or in a directory that leads to it; null when there is none. */
  async clash(path: string): Promise<SiblingClash | null> {
    for (let at = path; at !== ''; at = splitPath(at)[0]) {
      const [directory, name] = splitPath(at);
      const alike = (await this.#names(directory)).get(siblingKey(name));
      if (alike === undefined || alike.has(name)) continue;
      for (const other of alike) return { path: at, name: other, sibling: directory === '' ? other : `${directory}/${other}` };
    }
    return null;
  }

  /** Counts a file that now stands at `path`. */
  async add(path: string): Promise<void> {
    for (let at = path; at !== ''; at = splitPath(at)[0]) {
      const [directory, name] = splitPath(at);
      const names = await this.#names(directory);
      names.set(siblingKey(name), (names.get(siblingKey(name)) ?? new Set<string>()).add(name));
    }
  }

  /**
   * Forgets what stood at `path`, a file or a directory that is empty by now. Directories that led to a file are kept, since others may
   * stand in them: whoever is told of a clash with one looks whether it is still there.
   */
  async remove(path: string): Promise<void> {
    const [directory, name] = splitPath(path);
    const names = await this.#names(directory);
    const alike = names.get(siblingKey(name));
    alike?.delete(name);
    if (alike?.size === 0) names.delete(siblingKey(name));
  }

  async #names(directory: string): Promise<Map<string, Set<string>>> {
    const known = this.#directories.get(directory);
    if (known !== undefined) return known;
    const names = new Map<string, Set<string>>();
    const oid = directory === '' ? this.#tree : await this.#directoryOid(directory);
    for (const entry of oid === null ? [] : await readTree(this.#source, oid)) {
      const name = decodeName(entry.name);
      names.set(siblingKey(name), (names.get(siblingKey(name)) ?? new Set<string>()).add(name));
    }
    this.#directories.set(directory, names);
    return names;
  }

  async #directoryOid(directory: string): Promise<Oid | null> {
    const entry = await entryAt(this.#source, this.#tree, directory);
    return entry?.mode === MODE_DIRECTORY ? entry.oid : null;
  }
}
