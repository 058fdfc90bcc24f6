import { reopenProposal } from '../../src/operations/proposal/reopen-proposal.js';
import type { ProposalReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { ProposalInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf } from '../receipts.js';
import { Operation, Proposal } from '../refs.js';

const Success = builder.objectRef<ProposalReceipt>('ReopenProposalSuccess').implement({
  description: 'The proposal is under review again.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal: open, with a new revision.', resolve: proposalOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('reopenProposal', (t) =>
  t.field({
    type: resultOf('ReopenProposal', Success, ['INVALID_STATE']),
    description: 'Takes up a closed or rejected proposal at the present head of its source, as a new revision to be judged anew. Needs PROPOSE, and REVIEW for one that was rejected or that somebody else opened.',
    args: { input: t.arg({ type: ProposalInput, required: true, description: 'The proposal.' }) },
    resolve: (_root, { input }, context) => answer(context, reopenProposal(context.request, input)),
  }),
);
