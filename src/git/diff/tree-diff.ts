import type { ObjectSource, Oid } from '../objects/object-source.js';
import { encodeName } from '../objects/tree.js';
import type { FileChange } from './file-change.js';
import { PathFilter } from './path-filter.js';
import { detectRenames, type RenamePair, type RenameSide } from './renames.js';
import { FULL_SCORE } from './similarity.js';
import { walkTrees } from './tree-walk.js';

const DEFAULT_MAX_CHANGES = 1_000_000;

/** What a comparison of two trees looks for; what is left out is as `git diff -M` does it. */
export interface TreeDiffOptions {
  /** False lists a rename as a deletion and an addition. True unless given. */
  readonly renames?: boolean;
  /** Least percent of content that a renamed file kept, 1–100. 50 unless given. */
  readonly renameThreshold?: number;
  /** See {@link RenameOptions.limit}; 1000 unless given. */
  readonly renameLimit?: number;
  /** See {@link RenameOptions.countsUnfinishedLine}. */
  readonly countsUnfinishedLine?: boolean;
  /** Also finds copies of deleted and changed files, as `-C`. False unless given. */
  readonly copies?: boolean;
  /** Files, directories or globs, in readable UTF-8, as {@link PathFilter} takes them; renames are looked for within them only. Everything when left out or empty. */
  readonly paths?: readonly string[];
  /** Most changed files and opened trees, 1,000,000 unless given. */
  readonly maxChanges?: number;
}

/**
 * What changed between two trees, in git's order: by path in byte order, a deleted file under its old path. `from` null
 * stands for the empty tree. A subtree that is equal on both sides is never opened, and no blob is read unless it may be
 * part of an inexact rename.
 *
 * Rejects with `BudgetExceeded` beyond `maxChanges`, and as `ObjectSource.read` does.
 */
export async function diffTrees(source: ObjectSource, from: Oid | null, to: Oid | null, options: TreeDiffOptions = {}): Promise<FileChange[]> {
  const paths = options.paths ?? [];
  const filter = paths.length === 0 ? null : new PathFilter(paths.map(encodeName));
  const changes = await walkTrees(source, from, to, filter, { maxChanges: options.maxChanges ?? DEFAULT_MAX_CHANGES });
  if (options.renames === false) return changes;
  return pairRenames(source, changes, options);
}

/** Replaces pairs of a deletion and an addition by renames, and additions by copies, in a list ordered by path. */
async function pairRenames(source: ObjectSource, changes: FileChange[], options: TreeDiffOptions): Promise<FileChange[]> {
  const deleted: RenameSide[] = [];
  const added: RenameSide[] = [];
  const changed: RenameSide[] = [];
  for (const change of changes) {
    const { path, oldMode, oldOid, newMode, newOid } = change;
    if (change.status === 'ADDED' && newMode !== null && newOid !== null) added.push({ path, mode: newMode, oid: newOid });
    else if (oldMode !== null && oldOid !== null) (change.status === 'DELETED' ? deleted : changed).push({ path, mode: oldMode, oid: oldOid });
  }
  if (added.length === 0 || deleted.length + (options.copies === true ? changed.length : 0) === 0) return changes;
  const { pairs } = await detectRenames(source, deleted, added, {
    threshold: options.renameThreshold ?? 50,
    limit: options.renameLimit ?? 1000,
    countsUnfinishedLine: options.countsUnfinishedLine === true,
    ...(options.copies === true ? { copySources: changed } : {}),
  });
  return pairs.length === 0 ? changes : withPairs(changes, pairs, new Set(deleted.map(({ path }) => path)));
}

/** Of several files made from one deleted file, the last by path is its rename and the others are copies. */
function withPairs(changes: readonly FileChange[], pairs: readonly RenamePair[], deleted: ReadonlySet<string>): FileChange[] {
  const byTarget = new Map(pairs.map((pair) => [pair.to.path, pair]));
  const uses = new Map<string, number>();
  for (const { from } of pairs) uses.set(from.path, (uses.get(from.path) ?? 0) + 1);
  const renamed = new Set([...uses.keys()].filter((path) => deleted.has(path)));
  const result: FileChange[] = [];
  for (const change of changes) {
    if (change.status === 'DELETED' && renamed.has(change.path)) continue;
    const pair = change.status === 'ADDED' ? byTarget.get(change.path) : undefined;
    if (pair === undefined) {
      result.push(change);
      continue;
    }
    const left = (uses.get(pair.from.path) ?? 0) - 1;
    uses.set(pair.from.path, left);
    result.push({
      ...change,
      status: left === 0 && deleted.has(pair.from.path) ? 'RENAMED' : 'COPIED',
      oldPath: pair.from.path,
      oldMode: pair.from.mode,
      oldOid: pair.from.oid,
      similarity: Math.floor((pair.score * 100) / FULL_SCORE),
    });
  }
  return result;
}
