import { unarchiveRepo } from '../../src/operations/repo/unarchive-repo.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';
import { RepoInput } from './repo-input.js';

const Success = builder.objectRef<RepoReceipt>('UnarchiveRepoSuccess').implement({
  description: 'The repository can be written again.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository as it is now.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('unarchiveRepo', (t) =>
  t.field({
    type: resultOf('UnarchiveRepo', Success, ['STALE_HEAD', 'INVALID_STATE']),
    description: 'Lets an archived repository be written again. Needs ADMIN.',
    args: { input: t.arg({ type: RepoInput, required: true, description: 'The repository.' }) },
    resolve: (_root, { input }, context) => answer(context, unarchiveRepo(context.request, input)),
  }),
);
