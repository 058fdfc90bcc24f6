import { BudgetExceeded, ObjectCorrupt } from '../objects/errors.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { MODE_DIRECTORY } from '../objects/tree.js';
import type { FileChange } from './file-change.js';
import { Pace } from '../objects/pace.js';
import type { PathFilter } from './path-filter.js';
import { TreeCursor } from './tree-cursor.js';

/** git's own bound on nested directories (`core.maxTreeDepth`); deeper trees are hostile. */
const MAX_DEPTH = 2048;

const NO_BYTES = Buffer.alloc(0);
const TYPE_BITS = 0o170000;

/** Bounds of a walk. A few kilobytes of nested trees can stand for billions of files, so none of this is optional. */
export interface WalkLimits {
  /** Most changed files, and most trees opened. */
  readonly maxChanges: number;
}

/**
 * Walks two trees side by side and lists the files that differ, by path in byte order. A subtree with the same oid on
 * both sides is never opened, nor is one that `filter` excludes.
 *
 * Rejects with {@link BudgetExceeded} beyond `limits` or 2048 nested directories, and as `ObjectSource.read` does.
 */
export async function walkTrees(
  source: ObjectSource,
  from: Oid | null,
  to: Oid | null,
  filter: PathFilter | null,
  limits: WalkLimits,
): Promise<FileChange[]> {
  const walk = new Walk(source, filter, limits);
  if (from !== to) await walk.pair(from, to, '', 0);
  return walk.changes;
}

interface Side {
  readonly mode: number;
  readonly oid: Oid;
}

class Walk {
  readonly changes: FileChange[] = [];
  readonly #source: ObjectSource;
  readonly #filter: PathFilter | null;
  readonly #limits: WalkLimits;
  readonly #pace = new Pace();
  #opened = 0;

  constructor(source: ObjectSource, filter: PathFilter | null, limits: WalkLimits) {
    this.#source = source;
    this.#filter = filter;
    this.#limits = limits;
  }

  /** Compares two directories; `prefix` is their path with a closing slash, empty at the root. */
  async pair(from: Oid | null, to: Oid | null, prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new BudgetExceeded('directory depth', MAX_DEPTH, depth);
    const [left, right] = await Promise.all([this.#open(from), this.#open(to)]);
    left.skipEqual(right);
    while (!left.done || !right.done) {
      const order = left.done ? 1 : right.done ? -1 : left.compare(right);
      if (order < 0) await this.#one(left, 'DELETED', prefix, depth);
      else if (order > 0) await this.#one(right, 'ADDED', prefix, depth);
      else if (!left.sameObject(right)) await this.#both(left, right, prefix, depth);
      if (order <= 0) left.advance();
      if (order >= 0) right.advance();
      left.skipEqual(right);
      if (this.changes.length % 1024 === 1023) await this.#pace.breathe();
    }
  }

  /** An entry on one side only. */
  async #one(cursor: TreeCursor, status: 'ADDED' | 'DELETED', prefix: string, depth: number): Promise<void> {
    const path = prefix + cursor.name();
    const { mode } = cursor;
    const oid = cursor.oid();
    const added = status === 'ADDED';
    if (mode === MODE_DIRECTORY) {
      if (this.#filter?.mayHold(path) === false) return;
      await this.pair(added ? null : oid, added ? oid : null, `${path}/`, depth + 1);
      return;
    }
    if (this.#filter?.matches(path, mode) === false) return;
    this.#push(status, path, added ? null : { mode, oid }, added ? { mode, oid } : null);
  }

  /** Entries of one name that sort alike: both directories, or neither. */
  async #both(left: TreeCursor, right: TreeCursor, prefix: string, depth: number): Promise<void> {
    const path = prefix + left.name();
    const oldMode = left.mode;
    const newMode = right.mode;
    const oldOid = left.oid();
    const newOid = right.oid();
    if (oldMode === MODE_DIRECTORY) {
      if (this.#filter?.mayHold(path) === false) return;
      await this.pair(oldOid, newOid, `${path}/`, depth + 1);
      return;
    }
    // Each side by itself: `a/` asks for the submodule `a`, and not for the file that it was before.
    const before = this.#filter?.matches(path, oldMode) === false ? null : { mode: oldMode, oid: oldOid };
    const after = this.#filter?.matches(path, newMode) === false ? null : { mode: newMode, oid: newOid };
    if (before === null && after === null) return;
    const sameType = (oldMode & TYPE_BITS) === (newMode & TYPE_BITS);
    this.#push(before === null ? 'ADDED' : after === null ? 'DELETED' : sameType ? 'MODIFIED' : 'TYPE_CHANGED', path, before, after);
  }

  #push(status: FileChange['status'], path: string, before: Side | null, after: Side | null): void {
    if (this.changes.length >= this.#limits.maxChanges) throw new BudgetExceeded('changed files', this.#limits.maxChanges, this.changes.length + 1);
    const [oldMode, oldOid] = [before?.mode ?? null, before?.oid ?? null];
    this.changes.push({ status, path, oldPath: null, similarity: null, oldMode, newMode: after?.mode ?? null, oldOid, newOid: after?.oid ?? null });
  }

  async #open(oid: Oid | null): Promise<TreeCursor> {
    if (oid === null) return new TreeCursor('', NO_BYTES);
    if (++this.#opened > this.#limits.maxChanges) throw new BudgetExceeded('opened trees', this.#limits.maxChanges, this.#opened);
    await this.#pace.breathe();
    const object = await this.#source.read(oid);
    if (object.type !== 'tree') throw new ObjectCorrupt(oid, `expected a tree, found a ${object.type}`);
    return new TreeCursor(oid, object.content);
  }
}
