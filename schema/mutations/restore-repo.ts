import type { RepoReceipt } from '../../src/operations/receipts.js';
import { restoreRepo } from '../../src/operations/repo/restore-repo.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';

const Input = builder.inputType('RestoreRepoInput', {
  description: 'A deleted repository to bring back.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The node id of the repository; its name may be in use again.' }),
    name: t.string({ description: 'The name it is to have from now on; its old one unless given.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('RestoreRepoSuccess').implement({
  description: 'The repository is back: the same one, with its branches, proposals and log.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository as it is now.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('restoreRepo', (t) =>
  t.field({
    type: resultOf('RestoreRepo', Success, ['NAME_TAKEN']),
    description: 'Brings a deleted repository back, where its name has been taken meanwhile under another. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A deleted repository to bring back.' }) },
    resolve: (_root, { input }, context) => answer(context, restoreRepo(context.request, input)),
  }),
);
