import type { StagedObjects } from '../objects/staged-objects.js';
import { applyRenames } from './apply-renames.js';
import type { ConflictStage, TreeMerge, Version } from './conflict.js';
import { followDirectories } from './directory-renames.js';
import { Effort } from './effort.js';
import { findRenames } from './find-renames.js';
import type { MergeLabels } from './merge-lines.js';
import { PathTable, type MergeScope } from './path-state.js';
import { settlePaths } from './settle-paths.js';
import { collectPaths, type MergeLimits, type TreeTriple, type WalkedTrees } from './three-way-walk.js';
import { writeResult } from './write-result.js';

/** How trees are merged. */
export interface TreeMergeOptions {
  /** Names of the sides in markers and in the names of files that step aside. */
  readonly labels: MergeLabels;
  /** 0 unless the outcome is a virtual merge base; then how deep in such merges this one is. */
  readonly depth?: number;
  readonly limits?: MergeLimits;
}

/**
 * Merges two trees over a base as git's `ort` strategy does. What it makes is staged in `staged` and nowhere else; with
 * conflicts, the tree holds files with markers, as `git merge-tree --write-tree` writes it. Subtrees that are alike on all
 * three sides are never opened.
 *
 * Rejects with {@link BudgetExceeded} beyond the limits, and as `ObjectSource.read` does. A conflict is not a rejection.
 */
export async function mergeTrees(staged: StagedObjects, trees: TreeTriple, options: TreeMergeOptions): Promise<TreeMerge> {
  if (trees.ours !== null && (trees.ours === trees.theirs || trees.theirs === trees.base)) return { tree: trees.ours, conflicts: [], stages: [] };
  if (trees.theirs !== null && trees.ours === trees.base) return { tree: trees.theirs, conflicts: [], stages: [] };
  const limits = options.limits ?? {};
  const scope: MergeScope = { staged, labels: options.labels, depth: options.depth ?? 0, effort: limits.effort ?? new Effort() };
  scope.effort.goOn();
  const walked = await collectPaths(staged, trees, limits);
  const table = new PathTable();
  for (const { path, base, ours, theirs } of walked.paths.values()) Object.assign(table.at(path), { base, ours, theirs });
  await applyRenames(scope, table, await followDirectories(scope, table, trees, walked, await findRenames(staged, walked)));
  const { versions, conflicts, stages } = await settlePaths(scope, table);
  const tree = await writeResult(staged, trees.ours, changesTo(versions, walked));
  return { tree, conflicts, stages: stages.sort(byPathAndStage) };
}

/** What of the result differs from ours. */
function changesTo(versions: ReadonlyMap<string, Version | null>, walked: WalkedTrees): Map<string, Version | null> {
  const changes = new Map<string, Version | null>();
  for (const [path, version] of versions) {
    const ours = walked.paths.get(path)?.ours ?? null;
    if (version?.oid !== ours?.oid || version?.mode !== ours?.mode) changes.set(path, version);
  }
  return changes;
}

function byPathAndStage(a: ConflictStage, b: ConflictStage): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : a.stage - b.stage;
}
