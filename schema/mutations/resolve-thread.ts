import type { ThreadReceipt } from '../../src/operations/receipts.js';
import { resolveThread } from '../../src/operations/proposal/resolve-thread.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf, threadOf } from '../receipts.js';
import { Operation, Proposal, Thread } from '../refs.js';

const Input = builder.inputType('ResolveThreadInput', {
  description: 'A thread to settle, or to open again.',
  fields: (t) => ({
    thread: t.id({ required: true, description: 'The thread.' }),
    resolved: t.boolean({ required: true, description: 'True to settle it, false to open it again.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ThreadReceipt>('ResolveThreadSuccess').implement({
  description: 'The thread was settled, or opened again.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal that it is about.', resolve: proposalOf }),
    thread: t.field({ type: Thread, description: 'The thread after it.', resolve: threadOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('resolveThread', (t) =>
  t.field({
    type: resultOf('ResolveThread', Success, ['INVALID_STATE']),
    description: 'Settles a thread of comments, or opens it again. Needs REVIEW, or PROPOSE where the actor or the key opened the proposal or began the thread.',
    args: { input: t.arg({ type: Input, required: true, description: 'The thread.' }) },
    resolve: (_root, { input }, context) => answer(context, resolveThread(context.request, input)),
  }),
);
