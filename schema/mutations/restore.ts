import { restore } from '../../src/operations/checkpoint/restore.js';
import { builder } from '../builder.js';
import { BRANCH, DRY_RUN, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, REPO, REV, USUAL_MESSAGE } from '../descriptions.js';
import { moveSuccess } from '../move-success.js';
import { answer, resultOf } from '../problems.js';

const Input = builder.inputType('RestoreInput', {
  description: 'Earlier content to bring back.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    branch: t.string({ required: true, description: BRANCH }),
    to: t.string({ required: true, description: `Whose content: a checkpoint or any commit. ${REV}` }),
    paths: t.stringList({ description: 'Only these files, directories with all beneath them, or globs whose `*` also matches `/`; everything unless given. What was not there then goes away.' }),
    message: t.string({ description: USUAL_MESSAGE }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    dryRun: t.boolean({ defaultValue: false, description: DRY_RUN }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = moveSuccess('Restore', 'The content is back, as a new checkpoint.');

builder.mutationField('restore', (t) =>
  t.field({
    type: resultOf('Restore', Success, ['STALE_HEAD', 'PROTECTED_BRANCH', 'INVALID_STATE']),
    description: 'Makes a new checkpoint with the content of an earlier one, whole or at some paths; abandoned and undone ones included. It is undone like any other. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'Earlier content to bring back.' }) },
    resolve: (_root, { input }, context) => answer(context, restore(context.request, input)),
  }),
);
