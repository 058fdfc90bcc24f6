import type { MergeStrategyName } from '../inputs.js';
import type { MergeOutcomeName } from '../receipts.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { MergeConflict } from '../../git/merge/conflict.js';
import { treeOfCommit } from '../../git/merge/merge-commits.js';
import type { Request } from '../request.js';
import { diffSettings, type DiffOptionsInput, type DiffSpec } from './diff-spec.js';
import { computeMerge, type MergeSpec } from './merge-spec.js';
import { gitRead, QueryError } from './query-error.js';

/** A merge as it would come out. `tree` is null exactly when it conflicts. */
export interface MergeView extends MergeSpec {
  readonly strategy: MergeStrategyName;
  readonly outcome: MergeOutcomeName;
  readonly bases: readonly Oid[];
  readonly tree: Oid | null;
  readonly conflicts: readonly MergeConflict[];
}

/** True for the names of the strategies. */
export function isMergeStrategy(text: string): text is MergeStrategyName {
  return text === 'MERGE' || text === 'SQUASH' || text === 'FAST_FORWARD_ONLY';
}

/**
 * What merging `theirs` into `ours` would give; nothing is written. Rejects with NO_MERGE_BASE for unrelated histories, and
 * with INVALID_ARGUMENT for FAST_FORWARD_ONLY where both sides have commits of their own.
 */
export function previewMerge(request: Request, spec: MergeSpec, strategy: MergeStrategyName): Promise<MergeView> {
  return gitRead(async () => {
    const { merge, staged, landed } = await computeMerge(request, spec);
    const graph = await request.gateway.storage.graph(spec.repoId);
    if (merge.bases.length === 0) throw new QueryError('NO_MERGE_BASE', 'The two histories have no commit in common, so nothing can be merged.');
    const ours = await treeOfCommit(staged, graph, spec.ours);
    const view = { ...spec, strategy, bases: merge.bases, conflicts: [] };
    if (landed === spec.theirs || graph.isAncestor(spec.theirs, spec.ours)) return { ...view, outcome: 'UP_TO_DATE', tree: ours };
    if (strategy === 'FAST_FORWARD_ONLY') {
      if (graph.isAncestor(spec.ours, spec.theirs)) return { ...view, outcome: 'FAST_FORWARD', tree: await treeOfCommit(staged, graph, spec.theirs) };
      throw new QueryError('INVALID_ARGUMENT', 'Both sides have commits of their own, so the target cannot be fast-forwarded.');
    }
    if (merge.conflicts.length > 0) return { ...view, outcome: 'CONFLICTED', tree: null, conflicts: merge.conflicts };
    if (strategy === 'SQUASH' && merge.tree === ours) return { ...view, outcome: 'UP_TO_DATE', tree: ours };
    return { ...view, outcome: 'MERGED', tree: merge.tree };
  });
}

/** What the merge would change on the target: from its head to the merged content; null while it conflicts. */
export function previewDiff(view: MergeView, options: DiffOptionsInput | null | undefined): DiffSpec | null {
  if (view.tree === null) return null;
  return { repoId: view.repoId, from: view.ours, base: view.ours, to: view.theirs, mergedTree: view.tree, options: diffSettings(options) };
}
