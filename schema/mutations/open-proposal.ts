import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import type { ProposalReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, METADATA, REPO, RUN_ID } from '../descriptions.js';
import { LabelInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf } from '../receipts.js';
import { Operation, Proposal } from '../refs.js';

const Input = builder.inputType('OpenProposalInput', {
  description: 'A proposal to open.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    source: t.string({ required: true, description: 'The branch whose work is proposed, by exact name or node id.' }),
    target: t.string({ description: 'The branch it is to pass into, by exact name or node id; the default branch unless given.' }),
    title: t.string({ required: true, description: 'One line for lists.' }),
    body: t.string({ description: 'What it does and why.' }),
    runId: t.string({ description: RUN_ID }),
    metadata: t.field({ type: [LabelInput], description: METADATA }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ProposalReceipt>('OpenProposalSuccess').implement({
  description: 'The proposal was opened.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The new proposal.', resolve: proposalOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('openProposal', (t) =>
  t.field({
    type: resultOf('OpenProposal', Success, ['INVALID_STATE']),
    description: 'Asks that the work of a branch pass into another. The proposal follows its source from then on. Needs PROPOSE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A proposal to open.' }) },
    resolve: (_root, { input }, context) => answer(context, openProposal(context.request, input)),
  }),
);
