import { pushMirror } from '../../src/operations/mirror/push-mirror.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';

const Input = builder.inputType('PushMirrorInput', {
  description: 'A repository.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('PushMirrorSuccess').implement({
  description: 'The push is due.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository, whose `mirror` tells how it goes.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('pushMirror', (t) =>
  t.field({
    type: resultOf('PushMirror', Success, []),
    description: 'Has a repository pushed to its mirror at once, also in the pause after a failure. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository.' }) },
    resolve: (_root, { input }, context) => answer(context, pushMirror(context.request, input)),
  }),
);
