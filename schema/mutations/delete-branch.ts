import { encodeGlobalId } from '../../src/domain/global-id.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { BranchReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { BRANCH, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { branchOf, operationOf } from '../receipts.js';
import { Branch, Operation } from '../refs.js';

const Input = builder.inputType('DeleteBranchInput', {
  description: 'A branch to delete.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    name: t.string({ required: true, description: BRANCH }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<BranchReceipt>('DeleteBranchSuccess').implement({
  description: 'The branch was deleted.',
  fields: (t) => ({
    branch: t.field({ type: Branch, description: 'The branch as it is now: deleted.', resolve: branchOf }),
    deletedBranchId: t.id({ description: 'Its node id, for client caches.', resolve: ({ branchId }) => encodeGlobalId({ type: 'Branch', id: branchId }) }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('deleteBranch', (t) =>
  t.field({
    type: resultOf('DeleteBranch', Success, ['STALE_HEAD', 'PROTECTED_BRANCH', 'INVALID_STATE']),
    description: 'Deletes a branch. Its commits, checkpoints and proposals stay readable, and its name is free. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A branch to delete.' }) },
    resolve: (_root, { input }, context) => answer(context, deleteBranch(context.request, input)),
  }),
);
