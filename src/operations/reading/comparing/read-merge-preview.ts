import { basesOf } from '../../../domain/combine-merge.js';
import { planByAncestry, specOf } from '../../../domain/merge-plan.js';
import type { MergeStrategyName } from '../../inputs.js';
import type { MergeOutcomeName } from '../../receipts.js';
import type { Oid } from '../../../git/objects/object-source.js';
import type { MergeConflict } from '../../../git/merge/conflict.js';
import { treeOfCommit } from '../../../git/merge/merge-commits.js';
import type { Request } from '../../request.js';
import { diffSettings, type DiffOptionsInput, type DiffSpec } from './diff-spec.js';
import { mergeCode } from './merge-code.js';
import { computeMerge, type MergeSpec } from './merge-spec.js';
import { gitRead, QueryError } from '../query-error.js';

/** A merge as it would come out. `tree` is null exactly when it conflicts. */
export interface MergeView extends MergeSpec {
  readonly strategy: MergeStrategyName;
  /** The way of the merge as ids carry it, resolutions and all; see `mergeCode`. */
  readonly code: string;
  readonly outcome: MergeOutcomeName;
  readonly bases: readonly Oid[];
  readonly tree: Oid | null;
  readonly conflicts: readonly MergeConflict[];
}

const STRATEGIES: readonly string[] = ['MERGE', 'SQUASH', 'FAST_FORWARD_ONLY', 'REBASE'] satisfies readonly MergeStrategyName[];

/** True for the names of the strategies. */
export function isMergeStrategy(text: string): text is MergeStrategyName {
  return STRATEGIES.includes(text);
}

/** A merge as it is asked for: the strategy says whether it rebases. */
export type PreviewSpec = Omit<MergeSpec, 'rebase'>;

/**
 * What merging `theirs` into `ours` would give; nothing is written. Rejects with NO_MERGE_BASE for unrelated histories, and
 * with INVALID_ARGUMENT for FAST_FORWARD_ONLY where both sides have commits of their own and for resolutions or a part that do not fit.
 */
export function previewMerge(request: Request, { repoId, ours, theirs, resolutions = [], part }: PreviewSpec, strategy: MergeStrategyName): Promise<MergeView> {
  return gitRead(async () => {
    const { storage } = request.gateway;
    const graph = await storage.graph(repoId);
    const landingBase = await storage.landingBase(repoId, theirs, ours);
    const question = { repoId, strategy, sourceName: theirs, sourceHead: theirs, targetName: ours, targetHead: ours, landingBase, resolutions, ...(part === undefined ? {} : { part }) };
    const spec = specOf(question);
    const view = { ...spec, strategy, code: mergeCode(request, spec), bases: basesOf(graph, ours, theirs, landingBase), conflicts: [] };
    const treeOf = (commit: Oid): Promise<Oid> => treeOfCommit(storage.objects.open(repoId).stage(), graph, commit);
    const settled = planByAncestry(graph, question);
    switch (settled?.outcome) {
      case 'UP_TO_DATE':
        return { ...view, outcome: 'UP_TO_DATE', tree: await treeOf(ours) };
      case 'FAST_FORWARD':
        return { ...view, outcome: 'FAST_FORWARD', tree: await treeOf(theirs) };
      case 'UNRELATED':
        throw new QueryError('NO_MERGE_BASE', 'The two histories have no commit in common, so nothing can be merged.');
      case 'DIVERGED':
        throw new QueryError('INVALID_ARGUMENT', 'Both sides have commits of their own, so the target cannot be fast-forwarded.');
      case 'REFUSED':
        throw new QueryError('INVALID_ARGUMENT', settled.problem.message);
      case undefined:
        return { ...view, ...(await combinedOutcome(request, spec, await treeOf(ours), strategy)) };
    }
  });
}

async function combinedOutcome(request: Request, spec: MergeSpec, target: Oid, strategy: MergeStrategyName): Promise<Pick<MergeView, 'outcome' | 'tree' | 'conflicts'>> {
  const { merge } = await computeMerge(request, spec);
  if (merge.conflicts.length > 0) return { outcome: 'CONFLICTED', tree: null, conflicts: merge.conflicts };
  const { tree } = merge;
  const writesNothing = merge.replayed === null ? strategy === 'SQUASH' && tree === target && spec.resolutions === undefined && spec.part === undefined : merge.replayed.length === 0;
  return { outcome: writesNothing ? 'UP_TO_DATE' : 'MERGED', tree, conflicts: [] };
}

/** What the merge would change on the target: from its head to the merged content; null while it conflicts. */
export function previewDiff({ repoId, ours, theirs, tree, code, outcome }: MergeView, options: DiffOptionsInput | null | undefined): DiffSpec | null {
  if (tree === null) return null;
  const diff = { repoId, from: ours, base: ours, options: diffSettings(options) };
  if (outcome === 'UP_TO_DATE') return { ...diff, to: ours };
  if (outcome === 'FAST_FORWARD') return { ...diff, to: theirs };
  return { ...diff, to: theirs, mergedTree: tree, ...(code === '' ? {} : { mergedBy: code }) };
}
