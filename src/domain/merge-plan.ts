import type { CommitGraph } from '../git/history/commit-graph.js';
import type { IndexedCommit } from '../git/history/index-commits.js';
import type { MergeConflict } from '../git/merge/conflict.js';
import { treeOfCommit } from '../git/merge/merge-commits.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { decodeName } from '../git/objects/tree.js';
import type { MergePart } from './accept-input.js';
import type { LeftOver } from './accept-part.js';
import { basesOf, combineMerge, type CombinedMerge, type MergeSpec } from './combine-merge.js';
import { stageCommit, type CommitDraft } from './commit-draft.js';
import { resolvedPath, type ConflictResolutionInput } from './conflict-resolution.js';
import * as violations from './input-violations.js';
import { onlyAsOneCommit } from './part-violations.js';
import type { RepoObjects, StoredPack } from './ports/repo-objects.js';
import type { ConflictSummary, Problem } from './problem.js';
import * as problems from './problems.js';
import type { QuotaUse } from './quotas.js';
import { stageReplayed } from './replayed-commits.js';
import type { ResolutionGround } from './resolutions.js';

/**
 * How a merge is written. MERGE always makes a commit with two parents, SQUASH one with the target's head as its only parent,
 * REBASE one for each commit that the target lacks.
 */
export type MergeStrategy = 'MERGE' | 'SQUASH' | 'FAST_FORWARD_ONLY' | 'REBASE';

/** What is to be merged into what, by commits. `landingBase` is where an earlier squash or rebase of the same source landed, if it did. */
export interface MergeQuestion {
  readonly repoId: number;
  readonly strategy: MergeStrategy;
  readonly sourceName: string;
  readonly sourceHead: Oid;
  readonly targetName: string;
  readonly targetHead: Oid;
  readonly landingBase: Oid | null;
  readonly resolutions: readonly ConflictResolutionInput[];
  /** Write the merge to the source instead, as a commit on its head that takes the target in: what resolutions become that need a review. */
  readonly asRevision?: boolean;
  /** Merge this part of it alone. A part that is everything is merged as everything. */
  readonly part?: MergePart;
}

/** What a merge comes to. Only `MERGED` has made objects, and they are durable by then. */
export type MergePlan =
  | { readonly outcome: 'UP_TO_DATE' }
  | { readonly outcome: 'UNRELATED' }
  | { readonly outcome: 'DIVERGED' }
  | { readonly outcome: 'CONFLICTED'; readonly conflicts: readonly MergeConflict[] }
  | { readonly outcome: 'REFUSED'; readonly problem: Problem }
  | { readonly outcome: 'FAST_FORWARD'; readonly head: Oid }
  | {
      readonly outcome: 'MERGED';
      /** Oldest first; the last is the target's new head. */
      readonly commits: readonly [IndexedCommit, ...IndexedCommit[]];
      readonly pack: StoredPack | null;
      /** True where ancestry does not tell that the source is in it, so that a landing must. */
      readonly lands: boolean;
      /** What a merge of a part leaves over; null where everything was merged. */
      readonly part: PartialLanding | null;
    };

/** What stays of a source when a part of it has landed. */
export interface PartialLanding {
  /** The made-up commit that merges of the source start from: the base with what was accepted on it. No branch gets it. */
  readonly base: IndexedCommit;
  readonly rest: readonly LeftOver[];
}

/** What the merge commit says; tree and parents are the plan's to fill in. A rebase keeps the words of each commit and uses the time alone. */
export type MergeDraft = Omit<CommitDraft, 'tree' | 'parents'>;

/** What a plan is made with. */
export interface MergeMeans extends ResolutionGround {
  readonly objects: RepoObjects;
  /** What the repository has room for. */
  readonly room: QuotaUse;
  readonly graph: CommitGraph;
  /** The refusal to write a tree with paths that are neither as the one side has them nor as the other, or null. */
  mayWrite(staged: StagedObjects, trees: { readonly ours: Oid; readonly theirs: Oid; readonly result: Oid }): Promise<Problem | null>;
}

/** How a merge ends without writing a commit, as far as ancestry alone tells; null where contents must be combined. */
export function planByAncestry(graph: CommitGraph, question: MergeQuestion): Exclude<MergePlan, { readonly outcome: 'MERGED' | 'CONFLICTED' }> | null {
  const { sourceHead, targetHead, strategy, landingBase, resolutions, part } = question;
  if (graph.isAncestor(sourceHead, targetHead) || landingBase === sourceHead) return { outcome: 'UP_TO_DATE' };
  if (basesOf(graph, targetHead, sourceHead, landingBase).length === 0) return { outcome: 'UNRELATED' };
  if (part !== undefined) return null;
  const isBehind = graph.isAncestor(targetHead, sourceHead);
  if (strategy === 'FAST_FORWARD_ONLY' && !isBehind) return { outcome: 'DIVERGED' };
  // A line of commits on the target's head is what a rebase would make of it: git moves there as well.
  if (strategy !== 'FAST_FORWARD_ONLY' && !(strategy === 'REBASE' && isBehind && isLinear(graph, targetHead, sourceHead))) return null;
  const [needless] = resolutions;
  if (needless !== undefined) return { outcome: 'REFUSED', problem: problems.invalidInput('resolutions[0]', violations.noSuchConflict(resolvedPath(needless))) };
  return { outcome: 'FAST_FORWARD', head: sourceHead };
}

function isLinear(graph: CommitGraph, from: Oid, to: Oid): boolean {
  for (const oid of graph.log(to, { exclude: [from] })) if (graph.parentsOf(oid).length !== 1) return false;
  return true;
}

/** What of a question decides the content. */
export function specOf({ repoId, strategy, sourceHead, targetHead, resolutions, part }: MergeQuestion): MergeSpec {
  const way = part !== undefined ? { part } : strategy === 'REBASE' ? { rebase: true } : {};
  return { repoId, ours: targetHead, theirs: sourceHead, ...way, ...(resolutions.length === 0 ? {} : { resolutions }) };
}

/**
 * Decides a merge and writes its objects, durable, but moves nothing. The content is that of {@link combineMerge}. Rejects with
 * BudgetExceeded, with QuotaPassed when what is made does not fit the repository, and when an object is missing or corrupt.
 */
export async function planMerge(means: MergeMeans, question: MergeQuestion, draft: MergeDraft): Promise<MergePlan> {
  const { objects, graph } = means;
  const { sourceHead, targetHead, strategy, landingBase } = question;
  const settled = planByAncestry(graph, question);
  if (settled !== null) return settled;
  const staged = objects.stage();
  const merge = await combineMerge(staged, graph, specOf(question), landingBase, means);
  if ('code' in merge) return { outcome: 'REFUSED', problem: merge };
  const { accepted } = merge;
  if (accepted?.rest.length === 0) return planMerge(means, whole(question), draft);
  if (accepted !== undefined && strategy !== 'MERGE' && strategy !== 'SQUASH') return { outcome: 'REFUSED', problem: problems.invalidInput('strategy', onlyAsOneCommit(strategy)) };
  if (merge.conflicts.length > 0) return { outcome: 'CONFLICTED', conflicts: merge.conflicts };
  const trees = { ours: await treeOfCommit(staged, graph, targetHead), theirs: await treeOfCommit(staged, graph, sourceHead), result: merge.tree };
  const problem = await means.mayWrite(staged, trees);
  if (problem !== null) return { outcome: 'REFUSED', problem };
  // What was decided by hand is recorded even where it keeps everything of the target, or it would conflict again.
  if (strategy === 'SQUASH' && accepted === undefined && merge.tree === trees.ours && question.resolutions.length === 0) return { outcome: 'UP_TO_DATE' };
  const [first, ...more] = await stageResult(staged, graph, question, merge, draft);
  if (first === undefined) return { outcome: 'UP_TO_DATE' };
  const part = stagePart(staged, graph, question, merge, draft);
  const lands = part !== null || (strategy !== 'MERGE' && question.asRevision !== true);
  return { outcome: 'MERGED', commits: [first, ...more], pack: await objects.persist(staged, means.room), lands, part };
}

function whole({ part: _part, ...question }: MergeQuestion): MergeQuestion {
  return question;
}

function stagePart(staged: StagedObjects, graph: CommitGraph, { part }: MergeQuestion, { accepted }: CombinedMerge, draft: MergeDraft): PartialLanding | null {
  if (part === undefined || accepted === undefined) return null;
  const message = 'Accepted part of a proposal\n\nThe base of later merges of the rest; on no branch.';
  return { base: stageCommit(staged, graph, { ...draft, message, tree: accepted.tree, parents: [part.base] }), rest: accepted.rest };
}

function stageResult(staged: StagedObjects, graph: CommitGraph, { strategy, targetHead, sourceHead, asRevision }: MergeQuestion, merge: CombinedMerge, draft: MergeDraft): Promise<IndexedCommit[]> {
  if (merge.replayed !== null) return stageReplayed(staged, graph, targetHead, merge.replayed, draft.at);
  const parents = asRevision === true ? [sourceHead, targetHead] : strategy === 'SQUASH' || merge.accepted !== undefined ? [targetHead] : [targetHead, sourceHead];
  return Promise.resolve([stageCommit(staged, graph, { ...draft, tree: merge.tree, parents })]);
}

/** Conflicts as a refusal carries them: paths readable, contents left to the preview. */
export function summarizeConflicts(conflicts: readonly MergeConflict[]): ConflictSummary[] {
  return conflicts.map(({ path, paths, kind }) => ({ path: decodeName(path), paths: paths.map(decodeName), kind }));
}
