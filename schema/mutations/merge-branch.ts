import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import type { MergeReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { MergeOutcome, MergeStrategy } from '../enums/diff.js';
import { answer, resultOf } from '../problems.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';
import { branchOf, commitOf, operationOrNullOf } from '../receipts.js';
import { Branch, Commit, Operation } from '../refs.js';

const Input = builder.inputType('MergeBranchInput', {
  description: 'A merge of branches.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    from: t.string({ required: true, description: 'What comes in: a branch, by exact name or node id.' }),
    into: t.string({ required: true, description: 'What is written: a branch, by exact name or node id.' }),
    message: t.string({ description: 'The message of the merge commit and of the checkpoint; a usual one unless given. Commits that REBASE replays keep their own.' }),
    strategy: t.field({ type: MergeStrategy, defaultValue: 'MERGE', description: 'How the merge is written.' }),
    expectedFrom: t.field({ type: 'GitObjectID', description: 'Refuse with StaleHead unless this is the head of `from`.' }),
    expectedInto: t.field({ type: 'GitObjectID', description: 'Refuse with StaleHead unless this is the head of `into`. Without it the merge is tried again when the target moves meanwhile.' }),
    resolutions: t.field({ type: [ConflictResolution], description: RESOLUTIONS }),
    deleteSource: t.boolean({ defaultValue: false, description: 'Delete the source branch in the same step; its commits and checkpoints stay.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<MergeReceipt>('MergeBranchSuccess').implement({
  description: 'The merge is done, or there was nothing to do.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: MergeOutcome, description: 'How it came out.' }),
    commit: t.field({ type: Commit, nullable: true, description: 'The commit that the target is at by it; null when it had it all already.', resolve: commitOf }),
    branch: t.field({ type: Branch, description: 'The branch that was written.', resolve: branchOf }),
    operation: t.field({ type: Operation, nullable: true, description: 'The row of the log that tells of it; null when there was nothing to do.', resolve: operationOrNullOf }),
  }),
});

builder.mutationField('mergeBranch', (t) =>
  t.field({
    type: resultOf('MergeBranch', Success, ['STALE_HEAD', 'MERGE_CONFLICTED', 'PROTECTED_BRANCH', 'INVALID_STATE']),
    description: 'Merges one branch into another. A conflict writes nothing. Needs MERGE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A merge of branches.' }) },
    resolve: (_root, { input }, context) => answer(context, mergeBranch(context.request, input)),
  }),
);
