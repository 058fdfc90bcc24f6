import { present } from '../../src/operations/reading/readable-repo.js';
import type { ReviewReceipt } from '../../src/operations/receipts.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { DiffSide } from '../enums/diff.js';
import { ReviewVerdict } from '../enums/log.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf } from '../receipts.js';
import { Operation, Proposal, Review } from '../refs.js';

const ReviewCommentInput = builder.inputType('ReviewCommentInput', {
  description: 'A comment on a line of what is reviewed; it begins a thread.',
  fields: (t) => ({
    path: t.string({ required: true, description: 'The file.' }),
    side: t.field({ type: DiffSide, required: true, description: 'Which side of the diff the line is on.' }),
    line: t.int({ required: true, description: 'The line, from 1, as the lines of the diff are numbered on that side.' }),
    body: t.string({ required: true, description: 'What is said, as markdown, 64 KiB at most.' }),
  }),
});

const Input = builder.inputType('ReviewProposalInput', {
  description: 'A review of a proposal.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    number: t.int({ required: true, description: 'The number of the proposal.' }),
    verdict: t.field({ type: ReviewVerdict, required: true, description: 'What the reviewer says.' }),
    head: t.field({ type: 'GitObjectID', required: true, description: 'The head that was judged; refused when the proposal has another by now.' }),
    body: t.string({ description: 'Why.' }),
    comments: t.field({ type: [ReviewCommentInput], description: 'Comments on lines, 100 at most; they come with the verdict or not at all.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ReviewReceipt>('ReviewProposalSuccess').implement({
  description: 'The review was given.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal after it.', resolve: proposalOf }),
    review: t.field({ type: Review, description: 'The review.', resolve: async ({ reviewId }, _args, { request }) => present(await request.reader.review(reviewId), 'review') }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('reviewProposal', (t) =>
  t.field({
    type: resultOf('ReviewProposal', Success, ['STALE_HEAD', 'INVALID_STATE']),
    description: 'Gives a verdict on the exact head of a proposal. Nobody approves their own work, whichever key is used. Needs REVIEW.',
    args: { input: t.arg({ type: Input, required: true, description: 'A review of a proposal.' }) },
    resolve: (_root, { input }, context) => answer(context, reviewProposal(context.request, input)),
  }),
);
