import type { CommitGraph } from '../git/history/commit-graph.js';
import type { MergeConflict } from '../git/merge/conflict.js';
import { Effort } from '../git/merge/effort.js';
import { mergeCommits, treeOfCommit } from '../git/merge/merge-commits.js';
import { mergeTrees } from '../git/merge/merge-trees.js';
import { replayCommits, type ReplayedCommit } from '../git/merge/replay.js';
import type { MergeLimits } from '../git/merge/three-way-walk.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import type { MergePart } from './accept-input.js';
import { acceptPart, type AcceptedPart } from './accept-part.js';
import type { ConflictResolutionInput } from './conflict-resolution.js';
import type { Limits } from './limits.js';
import type { Problem } from './problem.js';
import { Resolutions, type ResolutionGround } from './resolutions.js';
import { Refused } from './tree-draft.js';

/**
 * A merge by all that its content depends on: `theirs` comes into `ours`. `rebase` replays commits one by one instead of merging
 * once; `resolutions` settle what conflicts.
 */
export interface MergeSpec {
  readonly repoId: number;
  readonly ours: Oid;
  readonly theirs: Oid;
  readonly rebase?: boolean;
  readonly resolutions?: readonly ConflictResolutionInput[];
  /** Takes these spans out of `ours` instead of merging `theirs`, which is then where the newest of them began. Oldest first. */
  readonly reverts?: readonly RevertSpan[];
  /** Merges this part of what `theirs` changes instead of all of it. */
  readonly part?: MergePart;
}

/** A stretch of history whose change is taken out: from the commit before it to its last commit. */
export interface RevertSpan {
  readonly from: Oid;
  readonly to: Oid;
}

/** The commit that a rebase could not replay, and the commits that hold the sides of its conflicts; null where no commit does. */
export interface StuckCommit {
  readonly commit: Oid;
  readonly parent: Oid | null;
  readonly onto: Oid | null;
}

/** What two commits come to. `tree` has markers in it while `conflicts` is not empty. */
export interface CombinedMerge {
  /** Best first; what an earlier squash or rebase landed counts as merged. Empty for unrelated histories. */
  readonly bases: readonly Oid[];
  readonly tree: Oid;
  readonly conflicts: readonly MergeConflict[];
  /** The commits that a rebase writes, oldest first; null for a merge. */
  readonly replayed: readonly ReplayedCommit[] | null;
  /** Where a rebase is stuck; null where it is not, and for a merge. */
  readonly stuck: StuckCommit | null;
  /** What of the incoming change went in, where a part was asked for. */
  readonly accepted?: AcceptedPart;
}

/** The bases of a merge. Where an earlier squash or rebase landed `landed`, the target counts as a descendant of it. */
export function basesOf(graph: CommitGraph, ours: Oid, theirs: Oid, landed: Oid | null): readonly Oid[] {
  return basesOfParents(graph, [ours], theirs, landed);
}

/** The same for a target that is yet to be made, with these parents. */
export function basesOfParents(graph: CommitGraph, ours: readonly Oid[], theirs: Oid, landed: Oid | null): readonly Oid[] {
  if (landed === null) return graph.mergeBasesOfVirtual(ours, theirs);
  // A base that was made up for the occasion is in no history.
  if (!graph.has(landed) || !graph.isAncestor(landed, theirs)) return [landed];
  return graph.mergeBasesOfVirtual([...ours, landed], theirs);
}

/**
 * Works a merge out; equal to `git merge` with the ort strategy, or to `git rebase` that cherry-picks with it, in trees and conflicts. Markers
 * and the names of files that step aside name the sides by object id, so that a preview and the merge that follows it agree for
 * every branch at these commits. Stages trees and blobs, no commit. Answers a refusal for resolutions that do not fit, and for
 * a part that names what is not there.
 *
 * Rejects with BudgetExceeded, with the reason of the ground's signal, and when an object is missing or corrupt.
 */
export async function combineMerge(staged: StagedObjects, graph: CommitGraph, spec: MergeSpec, landed: Oid | null, ground: ResolutionGround): Promise<CombinedMerge | Problem> {
  const effort = new Effort(ground.limits.mergeMs, ground.signal);
  try {
    const resolutions = await Resolutions.stage(staged, spec.resolutions ?? [], ground);
    const bases = basesOf(graph, spec.ours, spec.theirs, landed);
    const combine = spec.part !== undefined ? partly : spec.reverts !== undefined ? reverted : spec.rebase === true ? rebased : merged;
    return await combine(staged, graph, spec, { bases, landed, resolutions, effort, limits: ground.limits });
  } catch (error) {
    if (error instanceof Refused) return error.problem;
    throw error;
  }
}

interface Means {
  readonly bases: readonly Oid[];
  readonly landed: Oid | null;
  readonly resolutions: Resolutions;
  readonly effort: Effort;
  readonly limits: Limits;
}

async function merged(staged: StagedObjects, graph: CommitGraph, { ours, theirs }: MergeSpec, { bases, resolutions, effort }: Means): Promise<CombinedMerge> {
  const limits: MergeLimits = { effort };
  const merge = await mergeCommits(staged, graph, ours, theirs, { labels: { ours, theirs }, bases, limits });
  const { tree, conflicts } = await resolutions.settle(merge, effort);
  resolutions.requireUsed();
  return { bases, tree, conflicts, replayed: null, stuck: null };
}

/** The base with the accepted part on it is what comes in, so that what was not accepted is no change of it. */
async function partly(staged: StagedObjects, graph: CommitGraph, { ours, theirs, part }: MergeSpec, { bases, resolutions, effort, limits }: Means): Promise<CombinedMerge> {
  const from = part?.base ?? bases[0] ?? ours;
  const base = await treeOfCommit(staged, graph, from);
  const accepted = await acceptPart({ staged, base, head: await treeOfCommit(staged, graph, theirs), limits }, part?.only ?? []);
  const trees = { base, ours: await treeOfCommit(staged, graph, ours), theirs: accepted.tree };
  const { tree, conflicts } = await resolutions.settle(await mergeTrees(staged, trees, { labels: { ours, theirs }, limits: { effort } }), effort);
  resolutions.requireUsed();
  return { bases: [from], tree, conflicts, replayed: null, stuck: null, accepted };
}

/** Newest first, each a merge over the end of the span with what was before it: what came later stays, and conflicts where it builds on the span. */
async function reverted(staged: StagedObjects, graph: CommitGraph, { ours, reverts = [] }: MergeSpec, { resolutions, effort }: Means): Promise<CombinedMerge> {
  let tree = await treeOfCommit(staged, graph, ours);
  for (const [index, { from, to }] of reverts.toReversed().entries()) {
    const trees = { base: await treeOfCommit(staged, graph, to), ours: tree, theirs: await treeOfCommit(staged, graph, from) };
    const merge = await resolutions.settle(await mergeTrees(staged, trees, { labels: { ours, theirs: from }, limits: { effort } }), effort);
    if (merge.conflicts.length > 0) {
      const stuck = { commit: from, parent: to, onto: index === 0 ? ours : null };
      return { bases: [to], tree: merge.tree, conflicts: merge.conflicts, replayed: null, stuck: index === 0 ? null : stuck };
    }
    tree = merge.tree;
  }
  resolutions.requireUsed();
  return { bases: reverts.slice(-1).map(({ to }) => to), tree, conflicts: [], replayed: null, stuck: null };
}

async function rebased(staged: StagedObjects, graph: CommitGraph, { ours, theirs }: MergeSpec, { bases, landed, resolutions, effort }: Means): Promise<CombinedMerge> {
  const replay = await replayCommits(staged, graph, ours, theirs, {
    onto: ours,
    landed: landed === null || !graph.has(landed) ? [] : [landed],
    limits: { effort },
    settle: (merge) => resolutions.settle(merge, effort),
  });
  if (replay.outcome === 'CONFLICTED') {
    const { commit, merge, isFirst } = replay;
    const stuck = { commit, parent: graph.parentsOf(commit)[0] ?? null, onto: isFirst ? ours : null };
    return { bases, tree: merge.tree, conflicts: merge.conflicts, replayed: null, stuck };
  }
  resolutions.requireUsed();
  return { bases, tree: replay.tree, conflicts: [], replayed: replay.commits, stuck: null };
}
