import { undo } from '../../src/operations/checkpoint/undo.js';
import { builder } from '../builder.js';
import { BRANCH, DRY_RUN, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { moveSuccess } from '../move-success.js';
import { answer, resultOf } from '../problems.js';

const Input = builder.inputType('UndoInput', {
  description: 'Checkpoints to take back.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    branch: t.string({ required: true, description: BRANCH }),
    steps: t.int({ defaultValue: 1, description: 'How many checkpoints to take back; more than there are is InvalidInput.' }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    dryRun: t.boolean({ defaultValue: false, description: DRY_RUN }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = moveSuccess('Undo', 'The checkpoints are undone. They stay listed, and `redo` brings them again.');

builder.mutationField('undo', (t) =>
  t.field({
    type: resultOf('Undo', Success, ['STALE_HEAD', 'INVALID_STATE']),
    description:
      'Takes the last checkpoints of a branch back; undoing number 1 returns to the fork point. What another branch or a landing holds already, and anything on a ' +
      'protected branch, is taken back by an inverse commit: a new checkpoint of origin REVERT. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'Checkpoints to take back.' }) },
    resolve: (_root, { input }, context) => answer(context, undo(context.request, input)),
  }),
);
