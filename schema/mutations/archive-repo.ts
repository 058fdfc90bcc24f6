import { archiveRepo } from '../../src/operations/repo/archive-repo.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';
import { RepoInput } from './repo-input.js';

const Success = builder.objectRef<RepoReceipt>('ArchiveRepoSuccess').implement({
  description: 'The repository is read-only.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository as it is now.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('archiveRepo', (t) =>
  t.field({
    type: resultOf('ArchiveRepo', Success, ['STALE_HEAD', 'INVALID_STATE']),
    description: 'Makes a repository read-only: every verb that writes in it refuses until it is unarchived. Needs ADMIN.',
    args: { input: t.arg({ type: RepoInput, required: true, description: 'The repository.' }) },
    resolve: (_root, { input }, context) => answer(context, archiveRepo(context.request, input)),
  }),
);
