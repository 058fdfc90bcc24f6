import { encodeGlobalId } from '../../src/domain/global-id.js';
import { threadPlace } from '../../src/operations/reading/proposal/thread-place.js';
import { builder } from '../builder.js';
import { CommentConnection, ThreadConnection } from '../connections.js';
import { DiffSide } from '../enums/diff.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Comment, Node, Proposal, Thread } from '../refs.js';

Thread.implement({
  description: 'What people say of one place of a proposal, or of the whole. It stays on its line through later revisions, whatever is added above it and wherever its file moves, or says that the line is gone.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'Thread', id }) }),
    path: t.string({ nullable: true, description: 'The file, where it is by now; where it was when the thread began, if outdated; null: about the proposal as a whole.', resolve: async (thread, _args, { request }) => (await threadPlace(request, thread)).path }),
    side: t.expose('side', { type: DiffSide, nullable: true, description: 'Which side of the diff the place is on; null with `path`.' }),
    line: t.int({ nullable: true, description: 'The line, from 1, where it is by now; where it was when the thread began, if outdated; null: about the file as a whole.', resolve: async (thread, _args, { request }) => (await threadPlace(request, thread)).line }),
    outdated: t.boolean({ description: 'True when the line, or the file, was changed or deleted since.', resolve: async (thread, _args, { request }) => (await threadPlace(request, thread)).outdated }),
    resolved: t.boolean({ description: 'True when it is settled.', resolve: ({ resolvedAt }) => resolvedAt !== null }),
    resolvedBy: t.exposeString('resolvedBy', { nullable: true, description: 'The actor who settled it; null while it is open.' }),
    revision: t.exposeInt('revision', { description: 'The revision of the proposal on which it began.' }),
    comments: t.field({
      type: CommentConnection,
      description: 'What was said, oldest first.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: ({ id }, args, { request }) => connect(request, args, { field: 'Thread.comments', parent: String(id) }, (page) => request.reader.comments(id, page)),
    }),
  }),
});

Comment.implement({
  description: 'One remark.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'Comment', id }) }),
    body: t.string({ description: 'What was said, as markdown; empty once it was erased.', resolve: async ({ id }, _args, { request }) => (await request.reader.commentBody(id)) ?? '' }),
    actor: t.exposeString('actor', { description: 'Who said it.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
});

builder.objectField(Proposal, 'threads', (t) =>
  t.field({
    type: ThreadConnection,
    description: 'What people say of it, thread by thread, oldest first.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (proposal, args, { request }) => connect(request, args, { field: 'Proposal.threads', parent: String(proposal.id) }, (page) => request.reader.threads(proposal.id, page)),
  }),
);
