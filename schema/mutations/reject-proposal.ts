import type { ProposalReceipt } from '../../src/operations/receipts.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf } from '../receipts.js';
import { Operation, Proposal } from '../refs.js';

const Input = builder.inputType('RejectProposalInput', {
  description: 'A proposal to reject.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    number: t.int({ required: true, description: 'The number of the proposal.' }),
    reason: t.string({ required: true, description: 'Why; its author reads it.' }),
    deleteSource: t.boolean({ defaultValue: false, description: 'Delete the source branch in the same step; its commits and checkpoints stay.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ProposalReceipt>('RejectProposalSuccess').implement({
  description: 'The proposal was turned down.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal: rejected.', resolve: proposalOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('rejectProposal', (t) =>
  t.field({
    type: resultOf('RejectProposal', Success, ['STALE_HEAD', 'PROTECTED_BRANCH', 'INVALID_STATE']),
    description: 'Turns a proposal down, with a reason. Needs REVIEW.',
    args: { input: t.arg({ type: Input, required: true, description: 'A proposal to reject.' }) },
    resolve: (_root, { input }, context) => answer(context, rejectProposal(context.request, input)),
  }),
);
