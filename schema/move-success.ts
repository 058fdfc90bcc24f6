import type { CheckpointRecord } from '../src/domain/checkpoint.js';
import { directDiff } from '../src/operations/reading/comparing/read-diff.js';
import type { DiffSpec } from '../src/operations/reading/comparing/diff-spec.js';
import type { TimelineReceipt } from '../src/operations/receipts.js';
import { builder } from './builder.js';
import type { Context } from './context.js';
import { branchOf, checkpointOf, operationOrNullOf } from './receipts.js';
import { Branch, Checkpoint, Diff, Operation } from './refs.js';

/** The success of a verb of the timeline; all five have the same shape. */
export function moveSuccess(verb: string, description: string) {
  return builder.objectRef<TimelineReceipt>(`${verb}Success`).implement({
    description,
    fields: (t) => ({
      branch: t.field({ type: Branch, description: 'The branch as it is now; unchanged by a dry run.', resolve: branchOf }),
      checkpoint: t.field({
        type: Checkpoint,
        nullable: true,
        description: 'The checkpoint that the branch is at by it; null at the fork point. Of a dry run the one that it would go to, null where a new one would be made.',
        resolve: movedTo,
      }),
      diff: t.field({ type: Diff, nullable: true, description: 'What changed, or would change: from the head before to the content after.', resolve: moveDiff }),
      operation: t.field({ type: Operation, nullable: true, description: 'The row of the log that tells of it; null for a dry run, and when there was nothing to do.', resolve: operationOrNullOf }),
    }),
  });
}

function movedTo({ checkpointId }: TimelineReceipt, args: object, context: Context): Promise<CheckpointRecord> | null {
  return checkpointId === null ? null : checkpointOf({ checkpointId }, args, context);
}

function moveDiff({ repoId, diff }: TimelineReceipt): DiffSpec {
  const { paths, from, to, ...merged } = diff;
  return { ...directDiff(repoId, from, to, paths === undefined ? null : { paths }), ...merged };
}
