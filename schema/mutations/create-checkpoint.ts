import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import type { CheckpointReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { BRANCH, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, METADATA, REPO, RUN_ID, SESSION_ID } from '../descriptions.js';
import { FileChange, LabelInput, SignatureInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { branchOf, checkpointOf, operationOf } from '../receipts.js';
import { Branch, Checkpoint, Operation } from '../refs.js';
import { CONTENTS } from '../texts.js';

const Input = builder.inputType('CreateCheckpointInput', {
  description: 'A checkpoint to create.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    branch: t.string({ required: true, description: BRANCH }),
    changes: t.field({ type: [FileChange], description: 'What changes, in order. Either this or `patch`.' }),
    patch: t.string({ extensions: CONTENTS, description: 'A unified diff to apply, as `git apply` would. Either this or `changes`.' }),
    message: t.string({ required: true, description: 'The commit message, without trailers of the server.' }),
    prompt: t.string({ description: 'What was asked of the agent. Kept in the database, never in the commit.' }),
    author: t.field({ type: SignatureInput, description: 'Who wrote it; the actor of the key unless given.' }),
    runId: t.string({ description: RUN_ID }),
    sessionId: t.string({ description: SESSION_ID }),
    metadata: t.field({ type: [LabelInput], description: METADATA }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<CheckpointReceipt>('CreateCheckpointSuccess').implement({
  description: 'The branch moved forward.',
  fields: (t) => ({
    checkpoint: t.field({ type: Checkpoint, description: 'The new checkpoint.', resolve: checkpointOf }),
    branch: t.field({ type: Branch, description: 'The branch, at the new checkpoint.', resolve: branchOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('createCheckpoint', (t) =>
  t.field({
    type: resultOf('CreateCheckpoint', Success, ['STALE_HEAD', 'PROTECTED_BRANCH', 'INVALID_STATE']),
    description: 'Moves a branch forward by one commit and leaves a checkpoint. All changes apply, or none. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A checkpoint to create.' }) },
    resolve: (_root, { input }, context) => answer(context, createCheckpoint(context.request, input)),
  }),
);
