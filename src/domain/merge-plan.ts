import type { CommitGraph } from '../git/history/commit-graph.js';
import type { GraphRow } from '../git/history/graph-row.js';
import { decodeName } from '../git/objects/tree.js';
import type { Oid } from '../git/objects/object-source.js';
import type { MergeConflict } from '../git/merge/conflict.js';
import { mergeCommits, treeOfCommit } from '../git/merge/merge-commits.js';
import { stageCommit, type CommitDraft } from './commit-draft.js';
import type { RepoObjects, StoredPack } from './ports/repo-objects.js';
import type { ConflictSummary } from './problem.js';

/** How a merge is written. MERGE always makes a commit with two parents, SQUASH one with the target's head as its only parent. */
export type MergeStrategy = 'MERGE' | 'SQUASH' | 'FAST_FORWARD_ONLY';

/** What is to be merged into what, by commits. `landingBase` is where an earlier squash of the same source landed, if it did. */
export interface MergeQuestion {
  readonly strategy: MergeStrategy;
  readonly sourceName: string;
  readonly sourceHead: Oid;
  readonly targetName: string;
  readonly targetHead: Oid;
  readonly landingBase: Oid | null;
}

/** What a merge comes to. Only `MERGED` has made objects, and they are durable by then. */
export type MergePlan =
  | { readonly outcome: 'UP_TO_DATE' }
  | { readonly outcome: 'UNRELATED' }
  | { readonly outcome: 'DIVERGED' }
  | { readonly outcome: 'CONFLICTED'; readonly conflicts: readonly MergeConflict[] }
  | { readonly outcome: 'FAST_FORWARD'; readonly head: Oid }
  | { readonly outcome: 'MERGED'; readonly commit: GraphRow; readonly pack: StoredPack | null; readonly squashed: boolean };

/** What the merge commit says; tree and parents are the plan's to fill in. */
export type MergeDraft = Omit<CommitDraft, 'tree' | 'parents'>;

/**
 * Decides a merge and writes its objects, durable, but moves nothing. Equal to `git merge` with the ort strategy in tree and
 * conflicts. Rejects when an object is missing or corrupt.
 */
export async function planMerge(objects: RepoObjects, graph: CommitGraph, question: MergeQuestion, draft: MergeDraft): Promise<MergePlan> {
  const { sourceHead, targetHead, strategy, landingBase } = question;
  if (graph.isAncestor(sourceHead, targetHead) || landingBase === sourceHead) return { outcome: 'UP_TO_DATE' };
  if (landingBase === null && graph.mergeBases(targetHead, sourceHead).length === 0) return { outcome: 'UNRELATED' };
  if (strategy === 'FAST_FORWARD_ONLY') return graph.isAncestor(targetHead, sourceHead) ? { outcome: 'FAST_FORWARD', head: sourceHead } : { outcome: 'DIVERGED' };
  const staged = objects.stage();
  const merge = await mergeCommits(staged, graph, targetHead, sourceHead, {
    labels: { ours: question.targetName, theirs: question.sourceName },
    ...(landingBase === null ? {} : { base: landingBase }),
  });
  if (merge.conflicts.length > 0) return { outcome: 'CONFLICTED', conflicts: merge.conflicts };
  const squashed = strategy === 'SQUASH';
  if (squashed && merge.tree === (await treeOfCommit(staged, graph, targetHead))) return { outcome: 'UP_TO_DATE' };
  const commit = stageCommit(staged, graph, { ...draft, tree: merge.tree, parents: squashed ? [targetHead] : [targetHead, sourceHead] });
  return { outcome: 'MERGED', commit, pack: await objects.persist(staged), squashed };
}

/** Conflicts as a refusal carries them: paths readable, contents left to the preview. */
export function summarizeConflicts(conflicts: readonly MergeConflict[]): ConflictSummary[] {
  return conflicts.map(({ path, paths, kind }) => ({ path: decodeName(path), paths: paths.map(decodeName), kind }));
}
