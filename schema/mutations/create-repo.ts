import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { LabelInput, WriteFile } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';
import { RepoSettingsInput } from '../types/repo-settings.js';

const Input = builder.inputType('CreateRepoInput', {
  description: 'A repository to create.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'One to three segments joined by `/`; see `server.namingRules`.' }),
    description: t.string({ description: 'What it is for.' }),
    labels: t.field({ type: [LabelInput], description: 'Pairs of text to keep with it.' }),
    defaultBranch: t.string({ defaultValue: 'main', description: 'The name of its default branch.' }),
    files: t.field({ type: [WriteFile], description: 'The first files; none unless given.' }),
    message: t.string({ description: 'The message of the first commit.' }),
    settings: t.field({ type: RepoSettingsInput, description: 'What it decides for itself; a section that is left out has its default.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('CreateRepoSuccess').implement({
  description: 'The repository was created.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The new repository.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('createRepo', (t) =>
  t.field({
    type: resultOf('CreateRepo', Success, ['NAME_TAKEN']),
    description: 'Creates a repository with a first commit on its default branch, which holds the first files, if any. Needs CREATE_REPO.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository to create.' }) },
    resolve: (_root, { input }, context) => answer(context, createRepo(context.request, input)),
  }),
);
