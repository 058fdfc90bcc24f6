import { closeProposal } from '../../src/operations/proposal/close-proposal.js';
import type { ProposalReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { ProposalInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf } from '../receipts.js';
import { Operation, Proposal } from '../refs.js';

const Success = builder.objectRef<ProposalReceipt>('CloseProposalSuccess').implement({
  description: 'The proposal was closed without a merge.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal: closed.', resolve: proposalOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('closeProposal', (t) =>
  t.field({
    type: resultOf('CloseProposal', Success, ['INVALID_STATE']),
    description: 'Closes a proposal without a merge and without a verdict; its branch stays, and it can be reopened. Needs PROPOSE, and REVIEW for a proposal that somebody else opened.',
    args: { input: t.arg({ type: ProposalInput, required: true, description: 'The proposal.' }) },
    resolve: (_root, { input }, context) => answer(context, closeProposal(context.request, input)),
  }),
);
