import type { BranchReceipt } from '../../src/operations/receipts.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { branchOf, operationOf } from '../receipts.js';
import { Branch, Operation } from '../refs.js';

const Input = builder.inputType('RestoreBranchInput', {
  description: 'A deleted branch to bring back.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The node id of the branch; its name may be in use again.' }),
    name: t.string({ description: 'The name it is to have from now on; its old one unless given.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<BranchReceipt>('RestoreBranchSuccess').implement({
  description: 'The branch is back: the same one, with its timeline, checkpoints and proposals.',
  fields: (t) => ({
    branch: t.field({ type: Branch, description: 'The branch as it is now.', resolve: branchOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('restoreBranch', (t) =>
  t.field({
    type: resultOf('RestoreBranch', Success, ['NAME_TAKEN', 'INVALID_STATE']),
    description: 'Brings a deleted branch back, where its name has been taken meanwhile under another. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A deleted branch to bring back.' }) },
    resolve: (_root, { input }, context) => answer(context, restoreBranch(context.request, input)),
  }),
);
