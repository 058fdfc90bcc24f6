import type { BranchRecord } from '../domain/branch.js';
import type { CheckpointOrigin } from '../domain/checkpoint.js';
import { combineMerge, type MergeSpec } from '../domain/combine-merge.js';
import { summarizeConflicts, type MergeMeans } from '../domain/merge-plan.js';
import type { Problem } from '../domain/problem.js';
import * as problems from '../domain/problems.js';
import type { RepoRecord } from '../domain/repo.js';
import type { Label } from '../domain/label.js';
import { treeOfCommit } from '../git/merge/merge-commits.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { refused, type Decision } from './define-operation.js';
import { moveForward } from './forward-move.js';
import { mergeCode } from './reading/comparing/merge-code.js';
import type { TimelineReceipt } from './receipts.js';
import type { Request } from './request.js';

/** A checkpoint whose content is worked out by a three-way merge: a refresh, or a run that is taken out. */
export interface CombinedMove {
  readonly repo: RepoRecord;
  readonly branch: BranchRecord;
  readonly spec: MergeSpec;
  /** The base that a landing left for this merge; null where ancestry decides. */
  readonly landed: Oid | null;
  readonly means: MergeMeans;
  readonly otherParents: readonly Oid[];
  readonly origin: CheckpointOrigin;
  readonly message: string;
  readonly metadata?: readonly Label[];
  readonly dryRun: boolean;
  /** The refusal of what came out, by the trees before and after, or null. */
  refusal(staged: StagedObjects, before: Oid, after: Oid): Promise<Problem | null>;
}

/** Works the content out and decides its checkpoint; conflicts are a refusal that carries them. A dry run writes nothing, not even objects. */
export async function decideCombined(request: Request, move: CombinedMove): Promise<Decision<TimelineReceipt>> {
  const { repo, branch, spec, means } = move;
  const { graph, objects } = means;
  const staged = objects.stage();
  const merge = await combineMerge(staged, graph, spec, move.landed, means);
  if ('code' in merge) return refused(merge);
  if (merge.conflicts.length > 0) return refused(problems.mergeConflicted({ ...spec, conflicts: summarizeConflicts(merge.conflicts) }));
  const refusal = await move.refusal(staged, await treeOfCommit(staged, graph, branch.head), merge.tree);
  if (refusal !== null) return refused(refusal);
  if (move.dryRun) {
    const code = mergeCode(request, spec);
    const diff = { from: branch.head, to: spec.theirs, mergedTree: merge.tree, ...(code === '' ? {} : { mergedBy: code }) };
    return { kind: 'answer', receipt: { repoId: repo.id, branchId: branch.id, checkpointId: null, diff, operation: null } };
  }
  const { otherParents, origin, message, metadata = [] } = move;
  return moveForward(request, { repo, branch, objects, staged, tree: merge.tree, otherParents, origin, message, metadata });
}
