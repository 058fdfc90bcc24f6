import { createBranch } from '../../src/operations/branch/create-branch.js';
import type { BranchReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, METADATA, REPO, REV, RUN_ID, SESSION_ID } from '../descriptions.js';
import { LabelInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { branchOf, operationOf } from '../receipts.js';
import { Branch, Operation } from '../refs.js';

const Input = builder.inputType('CreateBranchInput', {
  description: 'A branch to create.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    name: t.string({ required: true, description: 'The name; `session/<id>` and `proposal/<feature>-<run-id>` say what it is for.' }),
    from: t.string({ description: `Where it begins: the head of the default branch unless given. ${REV}` }),
    runId: t.string({ description: RUN_ID }),
    sessionId: t.string({ description: SESSION_ID }),
    metadata: t.field({ type: [LabelInput], description: METADATA }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it may be removed for its age; never unless given.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<BranchReceipt>('CreateBranchSuccess').implement({
  description: 'The branch was created.',
  fields: (t) => ({
    branch: t.field({ type: Branch, description: 'The new branch.', resolve: branchOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('createBranch', (t) =>
  t.field({
    type: resultOf('CreateBranch', Success, ['NAME_TAKEN', 'INVALID_STATE']),
    description: 'Creates a branch, at the head of the default branch unless a rev is named. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A branch to create.' }) },
    resolve: (_root, { input }, context) => answer(context, createBranch(context.request, input)),
  }),
);
