import { revertRun } from '../../src/operations/checkpoint/revert-run.js';
import { builder } from '../builder.js';
import { BRANCH, DRY_RUN, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, REPO, USUAL_MESSAGE } from '../descriptions.js';
import { moveSuccess } from '../move-success.js';
import { answer, resultOf } from '../problems.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';

const Input = builder.inputType('RevertRunInput', {
  description: 'A run to take out of a branch.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    branch: t.string({ required: true, description: BRANCH }),
    runId: t.string({ required: true, description: 'The run, as its checkpoints name it.' }),
    message: t.string({ description: USUAL_MESSAGE }),
    resolutions: t.field({ type: [ConflictResolution], description: RESOLUTIONS }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    dryRun: t.boolean({ defaultValue: false, description: DRY_RUN }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = moveSuccess('RevertRun', 'The changes of the run are out of the branch.');

builder.mutationField('revertRun', (t) =>
  t.field({
    type: resultOf('RevertRun', Success, ['STALE_HEAD', 'MERGE_CONFLICTED', 'INVALID_STATE']),
    description: 'Takes the changes of a run out of a branch by a three-way merge, as a new checkpoint; later work stays, and what was built on the run’s conflicts. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A run to take out of a branch.' }) },
    resolve: (_root, { input }, context) => answer(context, revertRun(context.request, input)),
  }),
);
