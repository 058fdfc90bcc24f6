import type { FileChange } from '../git/diff/file-change.js';
import type { HunkFacts } from './hunk-id.js';

/** The sides of a changed file as hunk ids carry them. */
type FileFacts = Pick<HunkFacts, 'oldOid' | 'newOid' | 'oldPath' | 'path'>;

/** True when facts are of this very change: the same blobs at the same paths. */
export function isOfChange(change: FileChange, { oldOid, newOid, oldPath, path }: FileFacts): boolean {
  return change.oldOid === oldOid && change.newOid === newOid && change.oldPath === oldPath && change.path === path;
}

/**
 * The changes between two trees, each file of either tree in one of them. It can be looked at as any diff of the two shows it, whatever
 * was paired as a rename there: a rename is taken apart, or put together, when a file is asked for that way.
 */
export class ChangeList {
  #changes: readonly FileChange[];

  /** `changes` in git's order, renames paired. */
  constructor(changes: readonly FileChange[]) {
    this.#changes = changes;
  }

  /** All of them, as they have been asked for; in git's order, but what was taken apart stands together. */
  all(): readonly FileChange[] {
    return this.#changes;
  }

  /** The change at a path, or that moved a file away from it; null when there is none. Paths in the latin1 reading. */
  at(path: string): FileChange | null {
    return this.#changes.find((each) => each.path === path) ?? this.#changes.find((each) => each.status === 'RENAMED' && each.oldPath === path) ?? null;
  }

  /** The change that these facts are of; null when the trees hold none such. */
  named(facts: FileFacts): FileChange | null {
    const exact = this.#changes.find((each) => isOfChange(each, facts));
    if (exact !== undefined) return exact;
    return facts.oldPath === null ? this.#apart(facts) : this.#together(facts, facts.oldPath);
  }

  #apart(facts: FileFacts): FileChange | null {
    const renamed = this.at(facts.path);
    if (renamed?.oldPath === undefined || renamed.oldPath === null) return null;
    const { path, oldPath, oldMode, oldOid, newMode, newOid, status } = renamed;
    const added: FileChange = { status: 'ADDED', path, oldPath: null, similarity: null, oldMode: null, oldOid: null, newMode, newOid };
    const deleted: FileChange = { status: 'DELETED', path: oldPath, oldPath: null, similarity: null, oldMode, oldOid, newMode: null, newOid: null };
    const halves = status === 'RENAMED' ? [deleted, added] : [added];
    const half = halves.find((each) => isOfChange(each, facts));
    if (half === undefined) return null;
    this.#changes = this.#changes.flatMap((each) => (each === renamed ? halves : [each]));
    return half;
  }

  #together(facts: FileFacts, oldPath: string): FileChange | null {
    const added = this.#changes.find((each) => each.status === 'ADDED' && each.path === facts.path && each.newOid === facts.newOid);
    const deleted = this.#changes.find((each) => each.status === 'DELETED' && each.path === oldPath && each.oldOid === facts.oldOid);
    if (added === undefined || deleted === undefined) return null;
    const pair: FileChange = { ...added, status: 'RENAMED', oldPath, oldMode: deleted.oldMode, oldOid: deleted.oldOid };
    this.#changes = this.#changes.flatMap((each) => (each === added ? [pair] : each === deleted ? [] : [each]));
    return pair;
  }
}
