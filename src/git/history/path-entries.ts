import { ObjectCorrupt } from '../objects/errors.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { encodeName, MODE_DIRECTORY, readTree, type TreeEntry } from '../objects/tree.js';
import { findEntry } from '../objects/walk-tree.js';

/** What a tree has at the path: mode and id; null where there is nothing. */
export type PathEntry = Pick<TreeEntry, 'mode' | 'oid'>;

/** Trees whose entry is remembered at each level: a commit's tree is asked for again as the parent's of its child. */
const REMEMBERED = 1024;

/**
 * Looks at one path in many trees. Two trees are compared from the root down, and no further than to where they have the same
 * subtree, so most commits cost one small read.
 */
export class PathEntries {
  readonly #source: ObjectSource;
  readonly #names: readonly string[];
  readonly #known: readonly Map<Oid, PathEntry | null>[];

  /** `path` is readable UTF-8 without slashes at its ends, and not the root. */
  constructor(source: ObjectSource, path: string) {
    this.#source = source;
    this.#names = encodeName(path).split('/');
    this.#known = this.#names.map(() => new Map<Oid, PathEntry | null>());
  }

  /** The entry at the path in a root tree; null where there is none. */
  async at(root: Oid): Promise<PathEntry | null> {
    let entry: PathEntry | null = { mode: MODE_DIRECTORY, oid: root };
    for (let level = 0; level < this.#names.length && entry !== null; level++) entry = await this.#below(entry, level);
    return entry;
  }

  /**
   * True when two root trees (null: the empty one) have the same at the path, or both nothing. Modes count in their canonical
   * form, within a directory too: where two subtrees differ only in how modes are spelt, git sees no change.
   */
  async same(left: Oid | null, right: Oid | null): Promise<boolean> {
    let a: PathEntry | null = left === null ? null : { mode: MODE_DIRECTORY, oid: left };
    let b: PathEntry | null = right === null ? null : { mode: MODE_DIRECTORY, oid: right };
    for (let level = 0; ; level++) {
      if (a === b || (a !== null && b !== null && a.oid === b.oid && a.mode === b.mode)) return true;
      if (level === this.#names.length) return a !== null && b !== null && a.mode === MODE_DIRECTORY && b.mode === MODE_DIRECTORY && this.#sameFiles(a.oid, b.oid);
      a = a === null ? null : await this.#below(a, level);
      b = b === null ? null : await this.#below(b, level);
    }
  }

  /** The entry of the name at `level` in a directory; null in anything else. */
  async #below(directory: PathEntry, level: number): Promise<PathEntry | null> {
    const [known, name] = [this.#known[level], this.#names[level]];
    if (directory.mode !== MODE_DIRECTORY || known === undefined || name === undefined) return null;
    const found = known.get(directory.oid);
    if (found !== undefined) return found;
    const object = await this.#source.read(directory.oid);
    if (object.type !== 'tree') throw new ObjectCorrupt(directory.oid, `expected a tree, found a ${object.type}`);
    const entry = findEntry(directory.oid, object.content, name);
    if (known.size >= REMEMBERED) known.clear();
    // Without the raw bytes, which would keep the whole tree's buffer alive.
    known.set(directory.oid, entry === null ? null : { mode: entry.mode, oid: entry.oid });
    return entry;
  }

  /** True when two directories hold the same files, spelling of modes aside; reads only until the first difference. */
  async #sameFiles(left: Oid, right: Oid): Promise<boolean> {
    const [ours, theirs] = [await readTree(this.#source, left), await readTree(this.#source, right)];
    if (ours.length !== theirs.length) return false;
    for (const [at, mine] of ours.entries()) {
      const other = theirs[at];
      if (other === undefined || mine.name !== other.name || mine.mode !== other.mode) return false;
      if (mine.oid === other.oid) continue;
      if (mine.mode !== MODE_DIRECTORY || !(await this.#sameFiles(mine.oid, other.oid))) return false;
    }
    return true;
  }
}
