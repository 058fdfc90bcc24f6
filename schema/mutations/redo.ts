import { redo } from '../../src/operations/checkpoint/redo.js';
import { builder } from '../builder.js';
import { BRANCH, DRY_RUN, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { moveSuccess } from '../move-success.js';
import { answer, resultOf } from '../problems.js';

const Input = builder.inputType('RedoInput', {
  description: 'Undone checkpoints to bring again.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    branch: t.string({ required: true, description: BRANCH }),
    steps: t.int({ defaultValue: 1, description: 'How many checkpoints to bring again; more than there are is InvalidInput.' }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    dryRun: t.boolean({ defaultValue: false, description: DRY_RUN }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = moveSuccess('Redo', 'The checkpoints are there again.');

builder.mutationField('redo', (t) =>
  t.field({
    type: resultOf('Redo', Success, ['STALE_HEAD', 'INVALID_STATE']),
    description: 'Brings undone checkpoints again, in the order in which they were made. Where the pointer cannot be moved, their content comes back as a new checkpoint. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'Undone checkpoints to bring again.' }) },
    resolve: (_root, { input }, context) => answer(context, redo(context.request, input)),
  }),
);
