import { commentOnProposal } from '../../src/operations/proposal/comment-on-proposal.js';
import { present } from '../../src/operations/reading/readable-repo.js';
import type { CommentReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { DiffSide } from '../enums/diff.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, proposalOf, threadOf } from '../receipts.js';
import { Comment, Operation, Proposal, Thread } from '../refs.js';

const Input = builder.inputType('CommentOnProposalInput', {
  description: 'A comment: a reply with `thread`; otherwise the first of a new thread, on a line with `path`, `side` and `line`, on a file with `path` alone, on the whole with none.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    number: t.int({ required: true, description: 'The number of the proposal.' }),
    body: t.string({ required: true, description: 'What is said, as markdown, 64 KiB at most.' }),
    thread: t.id({ description: 'The thread to reply in.' }),
    path: t.string({ description: 'The file, as the head or, if it is not there, the base has it.' }),
    side: t.field({ type: DiffSide, description: 'Which side of the diff the line is on.' }),
    line: t.int({ description: 'The line, from 1, as the lines of the diff are numbered on that side.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<CommentReceipt>('CommentOnProposalSuccess').implement({
  description: 'It was said.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal.', resolve: proposalOf }),
    thread: t.field({ type: Thread, description: 'The thread that it is in.', resolve: threadOf }),
    comment: t.field({ type: Comment, description: 'The comment.', resolve: async ({ commentId }, _args, { request }) => present(await request.reader.comment(commentId), 'comment') }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('commentOnProposal', (t) =>
  t.field({
    type: resultOf('CommentOnProposal', Success, ['INVALID_STATE']),
    description: 'Says something about a proposal without judging it, also when it has ended. Needs REVIEW or PROPOSE.',
    args: { input: t.arg({ type: Input, required: true, description: 'The comment.' }) },
    resolve: (_root, { input }, context) => answer(context, commentOnProposal(context.request, input)),
  }),
);
