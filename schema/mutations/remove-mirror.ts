import { removeMirror } from '../../src/operations/mirror/remove-mirror.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';

const Input = builder.inputType('RemoveMirrorInput', {
  description: 'A repository.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('RemoveMirrorSuccess').implement({
  description: 'The mirror is removed.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository, whose `mirror` tells how it goes.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('removeMirror', (t) =>
  t.field({
    type: resultOf('RemoveMirror', Success, []),
    description: 'Ends the mirror of a repository and erases its credentials; what was pushed stays where it is. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository.' }) },
    resolve: (_root, { input }, context) => answer(context, removeMirror(context.request, input)),
  }),
);
