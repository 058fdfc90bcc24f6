import { setMirror } from '../../src/operations/mirror/set-mirror.js';
import type { RepoReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';

const Input = builder.inputType('SetMirrorInput', {
  description: 'Where a repository is to be pushed.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    url: t.string({ required: true, description: 'The address, as "git push" takes it: https, without a password, of a host that the operator allows. Redirects are not followed.' }),
    username: t.string({ description: 'What the other server knows us by.' }),
    password: t.string({ description: 'A password or token; stored sealed, and never told again.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RepoReceipt>('SetMirrorSuccess').implement({
  description: 'The mirror is set.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository, whose `mirror` tells how it goes.', resolve: repoOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('setMirror', (t) =>
  t.field({
    type: resultOf('SetMirror', Success, ['INVALID_STATE']),
    description: 'Has a repository pushed to an address after each change: branches and tags there become those of this one, by force, and others are deleted. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'Where a repository is to be pushed.' }) },
    resolve: (_root, { input }, context) => answer(context, setMirror(context.request, input)),
  }),
);
