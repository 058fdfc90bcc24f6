import type { RepoReceipt } from '../../src/operations/receipts.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { builder } from '../builder.js';
import { BRANCH, IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { LabelInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';
import { RepoSettingsInput } from '../types/repo-settings.js';

const Input = builder.inputType('UpdateRepoInput', {
  description: 'What is to change of a repository; what is left out, or null, stays.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    name: t.string({ description: 'Its name from now on. It stays the same repository, with the same id; keys see it by their globs, and clones need its new address.' }),
    description: t.string({ description: 'What it is for; an empty text takes the description away.' }),
    labels: t.field({ type: [LabelInput], description: 'All its labels; an empty list takes them away.' }),
    defaultBranch: t.string({ description: `The branch that work passes into from now on unless another is named. ${BRANCH}` }),
    settings: t.field({ type: RepoSettingsInput, description: 'Sections of its settings, each set as a whole.' }),
    expectedVersion: t.int({ description: 'Refuse with StaleHead unless the repository is at this version.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('UpdateRepoSuccess').implement({
  description: 'The repository is as it was asked for.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository as it is now.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('updateRepo', (t) =>
  t.field({
    type: resultOf('UpdateRepo', Success, ['NAME_TAKEN', 'STALE_HEAD', 'INVALID_STATE']),
    description: 'Changes name, description, labels, default branch or settings of a repository. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'What is to change.' }) },
    resolve: (_root, { input }, context) => answer(context, updateRepo(context.request, input)),
  }),
);
