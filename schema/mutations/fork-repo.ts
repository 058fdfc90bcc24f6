import { forkRepo } from '../../src/operations/repo/fork-repo.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { LabelInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';

const Input = builder.inputType('ForkRepoInput', {
  description: 'A repository to make from another one.',
  fields: (t) => ({
    repo: t.string({ required: true, description: 'The repository to begin with, by name or node id; it may be archived.' }),
    name: t.string({ required: true, description: 'The name of the new one: one to three segments joined by `/`; see `server.namingRules`.' }),
    description: t.string({ description: 'What it is for; as the other one unless given.' }),
    labels: t.field({ type: [LabelInput], description: 'Pairs of text to keep with it; those of the other one unless given.' }),
    defaultBranch: t.string({ description: 'Which of the branches is its default branch; the same unless given.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('ForkRepoSuccess').implement({
  description: 'The repository was made; what happens in one of the two never shows in the other.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The new repository.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it: the first of the new repository.', resolve: operationOf }),
  }),
});

builder.mutationField('forkRepo', (t) =>
  t.field({
    type: resultOf('ForkRepo', Success, ['NAME_TAKEN']),
    description:
      'Makes a repository from another one: with the branches that the key reads, each at its fork point and without checkpoints, with all tags and the settings, ' +
      'and without proposals, webhooks or log. Needs READ for the other one and CREATE_REPO.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository to make from another one.' }) },
    resolve: (_root, { input }, context) => answer(context, forkRepo(context.request, input)),
  }),
);
