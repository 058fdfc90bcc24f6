import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { builder } from '../builder.js';
import { BRANCH, DRY_RUN, EXPECTED_HEAD, EXPECTED_VERSION, IDEMPOTENCY_KEY, REPO, REV } from '../descriptions.js';
import { moveSuccess } from '../move-success.js';
import { answer, resultOf } from '../problems.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';

const Input = builder.inputType('RefreshBranchInput', {
  description: 'A branch to bring up to date.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    name: t.string({ required: true, description: BRANCH }),
    from: t.string({ description: `What to bring in: the base unless given. ${REV}` }),
    resolutions: t.field({ type: [ConflictResolution], description: RESOLUTIONS }),
    expectedHead: t.field({ type: 'GitObjectID', description: EXPECTED_HEAD }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    dryRun: t.boolean({ defaultValue: false, description: DRY_RUN }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = moveSuccess('RefreshBranch', 'The branch has what was to be brought in; if it had it all before, nothing was written.');

builder.mutationField('refreshBranch', (t) =>
  t.field({
    type: resultOf('RefreshBranch', Success, ['STALE_HEAD', 'MERGE_CONFLICTED', 'PROTECTED_BRANCH', 'INVALID_STATE']),
    description: 'Brings the base into a branch by a merge commit, as a checkpoint that can be undone. A conflict writes nothing. Needs WRITE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A branch to bring up to date.' }) },
    resolve: (_root, { input }, context) => answer(context, refreshBranch(context.request, input)),
  }),
);
