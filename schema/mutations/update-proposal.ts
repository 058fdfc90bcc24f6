import type { ProposalReceipt } from '../../src/operations/receipts.js';
import { updateProposal } from '../../src/operations/proposal/update-proposal.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf } from '../receipts.js';
import { Operation, Proposal } from '../refs.js';

const Input = builder.inputType('UpdateProposalInput', {
  description: 'What is to change of a pending proposal; what is left out, or null, stays.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    number: t.int({ required: true, description: 'The number of the proposal.' }),
    title: t.string({ description: 'Another title, one line.' }),
    body: t.string({ description: 'Another body; empty takes it away.' }),
    target: t.string({ description: 'Another branch to pass into, by name or node id. Earlier verdicts were on the old target and no longer count.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ProposalReceipt>('UpdateProposalSuccess').implement({
  description: 'The proposal was changed.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal after it.', resolve: proposalOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('updateProposal', (t) =>
  t.field({
    type: resultOf('UpdateProposal', Success, ['INVALID_STATE']),
    description: 'Changes title, body or target of a pending proposal. Needs PROPOSE, and REVIEW for a proposal that somebody else opened.',
    args: { input: t.arg({ type: Input, required: true, description: 'What is to change.' }) },
    resolve: (_root, { input }, context) => answer(context, updateProposal(context.request, input)),
  }),
);
