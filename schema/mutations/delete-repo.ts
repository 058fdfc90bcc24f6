import { encodeGlobalId } from '../../src/domain/global-id.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf } from '../receipts.js';
import { Operation } from '../refs.js';

const Input = builder.inputType('DeleteRepoInput', {
  description: 'A repository to delete.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    expectedVersion: t.int({ description: 'Refuse with StaleHead unless the repository is at this version.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('DeleteRepoSuccess').implement({
  description: 'The repository is deleted.',
  fields: (t) => ({
    deletedRepoId: t.id({ description: 'The node id that it had: `restoreRepo` takes it.', resolve: ({ repoId }) => encodeGlobalId({ type: 'Repo', id: repoId }) }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('deleteRepo', (t) =>
  t.field({
    type: resultOf('DeleteRepo', Success, ['STALE_HEAD', 'INVALID_STATE']),
    description: 'Deletes a repository and frees its name. Nothing of it is lost: `restoreRepo` brings it back. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository to delete.' }) },
    resolve: (_root, { input }, context) => answer(context, deleteRepo(context.request, input)),
  }),
);
