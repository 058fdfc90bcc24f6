import { Pace } from '../objects/pace.js';
import type { CommitGraph } from '../history/commit-graph.js';
import type { Oid } from '../objects/object-source.js';
import type { StagedObjects } from '../objects/staged-objects.js';
import type { TreeMerge } from './conflict.js';
import { treeOfCommit } from './merge-commits.js';
import { mergeTrees } from './merge-trees.js';
import type { MergeLimits } from './three-way-walk.js';

/** How commits are replayed. */
export interface ReplayOptions {
  /** The target's name behind the markers of a conflict. */
  readonly onto: string;
  /** The name of the commit being replayed behind the markers; its id where this is not given. */
  readonly nameOf?: (commit: Oid) => string;
  /** Commits that count as the target's already, beside what it reaches: what an earlier rebase or squash brought over. */
  readonly landed?: readonly Oid[];
  readonly limits?: MergeLimits;
  /** Settles conflicts of one commit's merge, which it answers with what is still open; without it every conflict ends the replay. */
  readonly settle?: (merge: TreeMerge, commit: Oid) => Promise<TreeMerge>;
}

/** A commit and the tree that its change makes on top of what came before it. */
export interface ReplayedCommit {
  readonly commit: Oid;
  readonly tree: Oid;
}

/**
 * What a replay came to: the commits to write, oldest first, or the first commit that conflicts, with its merge and whether the
 * target itself is what it was merged onto. Commits whose change the target has already are left out, and those that never had
 * one are kept, both as `git rebase` has it.
 */
export type Replay =
  | { readonly outcome: 'REPLAYED'; readonly commits: readonly ReplayedCommit[]; readonly tree: Oid }
  | { readonly outcome: 'CONFLICTED'; readonly commit: Oid; readonly merge: TreeMerge; readonly isFirst: boolean };

/**
 * Rebases trees: the change of every non-merge commit that `tip` reaches and `target` does not, parents first, merged onto
 * the target's tree one after another. Writes trees and blobs to `staged`; the commits are the caller's to write, for it
 * knows who commits and when.
 *
 * Rejects as {@link mergeTrees} and `settle` do, and with {@link ObjectMissing} for commits that the graph lacks.
 */
export async function replayCommits(staged: StagedObjects, graph: CommitGraph, target: Oid, tip: Oid, options: ReplayOptions): Promise<Replay> {
  const commits: ReplayedCommit[] = [];
  const pace = new Pace();
  let tree = await treeOfCommit(staged, graph, target);
  for (const commit of commitsToReplay(graph, tip, [target, ...(options.landed ?? [])])) {
    options.limits?.effort?.goOn();
    await pace.breathe();
    const [parent] = graph.parentsOf(commit);
    const trees = {
      base: parent === undefined ? null : await treeOfCommit(staged, graph, parent),
      ours: tree,
      theirs: await treeOfCommit(staged, graph, commit),
    };
    const labels = { ours: options.onto, theirs: options.nameOf?.(commit) ?? commit };
    let merge = await mergeTrees(staged, trees, { labels, ...(options.limits === undefined ? {} : { limits: options.limits }) });
    if (merge.conflicts.length > 0 && options.settle !== undefined) merge = await options.settle(merge, commit);
    if (merge.conflicts.length > 0) return { outcome: 'CONFLICTED', commit, merge, isFirst: commits.length === 0 };
    if (merge.tree === tree && trees.base !== trees.theirs) continue;
    tree = merge.tree;
    commits.push({ commit, tree });
  }
  return { outcome: 'REPLAYED', commits, tree };
}

/** The non-merge commits that `tip` reaches and none of `exclude` does, every parent before its children. */
export function commitsToReplay(graph: CommitGraph, tip: Oid, exclude: readonly Oid[]): Oid[] {
  const listed = [...graph.log(tip, { exclude })];
  const place = new Map(listed.map((oid, at) => [oid, at]));
  // Oldest first by generation: dates may run backwards, a child's generation never is its parent's.
  listed.sort((a, b) => graph.generationOf(a) - graph.generationOf(b) || (place.get(b) ?? 0) - (place.get(a) ?? 0));
  return listed.filter((oid) => graph.parentsOf(oid).length < 2);
}
