import { encodeEventCursor } from '../../src/domain/cursor.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { LoggedEvent } from '../../src/domain/ports/event-log.js';
import { readableCommitOrNull } from '../../src/operations/reading/read-commits.js';
import { readableBranchById } from '../../src/operations/reading/readable-branch.js';
import { present, readableRepoById } from '../../src/operations/reading/readable-repo.js';
import { builder } from '../builder.js';
import { EventKind } from '../enums/log.js';
import { EVENT_TYPES } from '../nodes.js';
import { Branch, Checkpoint, Comment, Commit, Event, Node, Proposal, ProposalEvent, Repo, Review } from '../refs.js';

const typeOf = (event: LoggedEvent): string => EVENT_TYPES[event.payload.kind];

Event.implement({
  description: 'Something that happened, as it was committed.',
  interfaces: [Node],
  resolveType: typeOf,
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ cursor }) => encodeGlobalId({ type: 'Event', ...cursor }) }),
    cursor: t.string({ description: 'Where it stands in the one order of all events: pass it as `after` to resume with the next. Good for every event field and filter.', resolve: ({ cursor }) => encodeEventCursor(cursor) }),
    kind: t.field({ type: EventKind, description: 'What it tells.', resolve: ({ payload }) => payload.kind }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    actor: t.exposeString('actor', { description: 'Who caused it.' }),
    repo: t.field({ type: Repo, nullable: true, description: 'The repository it was about; null when that is gone.', resolve: ({ stream }, _args, { request }) => readableRepoById(request, stream) }),
    repoName: t.string({ description: 'The name that the repository had.', resolve: ({ payload }) => payload.repoName }),
  }),
});

ProposalEvent.implement({
  description: 'Something that happened to a proposal.',
  interfaces: [Node, Event],
  resolveType: typeOf,
  fields: (t) => ({
    proposal: t.field({
      type: Proposal,
      description: 'The proposal as it is now.',
      resolve: async ({ payload }, _args, { request }) => present(payload.proposalId === undefined ? null : await request.reader.proposal(payload.proposalId), 'proposal'),
    }),
  }),
});

/** The type of one kind of event of a proposal; what it adds to its interfaces is told by `builder.objectField`. */
function proposalEvent(name: string, description: string) {
  return builder.objectRef<LoggedEvent>(name).implement({ description, interfaces: [Node, Event, ProposalEvent] });
}

/** The type of one kind of event that is not about a proposal. */
function plainEvent(name: string, description: string) {
  return builder.objectRef<LoggedEvent>(name).implement({ description, interfaces: [Node, Event] });
}

/** What `proposalOpened` delivers. */
export const ProposalOpened = proposalEvent('ProposalOpened', 'A proposal was opened.');
proposalEvent('ProposalUpdated', 'Title, body or target of a proposal changed, or a thread of it was settled or opened again.');
proposalEvent('ProposalRevised', 'A proposal has a new revision, because its source moved, its target changed or it was reopened: earlier verdicts no longer count.');
proposalEvent('ProposalClosed', 'A proposal was closed without a merge.');
proposalEvent('ProposalReopened', 'A closed or rejected proposal is under review again.');
const ProposalReviewed = proposalEvent('ProposalReviewed', 'A proposal was reviewed.');
const ProposalCommented = proposalEvent('ProposalCommented', 'Somebody said something about a proposal.');
const ProposalMerged = proposalEvent('ProposalMerged', 'A proposal went into its target.');
const ProposalRejected = proposalEvent('ProposalRejected', 'A proposal was turned down.');
plainEvent('RepoCreated', 'A repository was created or imported.');
plainEvent('RepoDeleted', 'A repository was deleted.');
const RepoUpdated = plainEvent('RepoUpdated', 'A repository was changed: its name, description, labels, default branch or settings, or whether it is archived.');
const BranchCreated = plainEvent('BranchCreated', 'A branch was created.');
const BranchDeleted = plainEvent('BranchDeleted', 'A branch was deleted.');
/** What `branchMoved` delivers. */
export const BranchMoved = plainEvent('BranchMoved', 'A branch has another head, whichever verb moved it.');

builder.objectField(RepoUpdated, 'changed', (t) =>
  t.stringList({ description: 'What changed: `name`, `description`, `labels`, `defaultBranch`, `archived`, or `settings.` and the section.', resolve: ({ payload }) => [...(payload.changed ?? [])] }),
);

builder.objectField(ProposalReviewed, 'review', (t) =>
  t.field({
    type: Review,
    description: 'The review.',
    resolve: async ({ payload }, _args, { request }) => present(payload.reviewId === undefined ? null : await request.reader.review(payload.reviewId), 'review'),
  }),
);

builder.objectField(ProposalCommented, 'comment', (t) =>
  t.field({
    type: Comment,
    description: 'What was said.',
    resolve: async ({ payload }, _args, { request }) => present(payload.commentId === undefined ? null : await request.reader.comment(payload.commentId), 'comment'),
  }),
);

builder.objectField(ProposalMerged, 'commit', (t) =>
  t.field({
    type: Commit,
    nullable: true,
    description: 'The commit that the target got.',
    resolve: ({ stream, payload }, _args, { request }) => readableCommitOrNull(request, stream, payload.commit ?? null),
  }),
);

builder.objectField(ProposalRejected, 'reason', (t) => t.string({ nullable: true, description: 'Why.', resolve: ({ payload }) => payload.reason ?? null }));

for (const ref of [BranchCreated, BranchMoved, BranchDeleted]) {
  builder.objectFields(ref, (t) => ({
    branch: t.field({
      type: Branch,
      nullable: true,
      description: 'The branch as it is now; null when it is gone for good.',
      resolve: ({ payload }, _args, { request }) => (payload.branchId === undefined ? null : readableBranchById(request, payload.branchId)),
    }),
    branchName: t.string({ description: 'The name of the branch.', resolve: ({ payload }) => payload.branchName ?? '' }),
    before: t.field({ type: 'GitObjectID', nullable: true, description: 'The head before; null: it was created.', resolve: ({ payload }) => payload.before ?? null }),
    after: t.field({ type: 'GitObjectID', nullable: true, description: 'The head after; null: it was deleted.', resolve: ({ payload }) => payload.after ?? null }),
    version: t.int({ description: 'The version of the branch after it.', resolve: ({ payload }) => payload.version ?? 1 }),
  }));
}

builder.objectField(BranchMoved, 'checkpoint', (t) =>
  t.field({
    type: Checkpoint,
    nullable: true,
    description: 'The checkpoint that the move left or went to.',
    resolve: ({ payload }, _args, { request }) => (payload.checkpointId === null || payload.checkpointId === undefined ? null : request.reader.checkpoint(payload.checkpointId)),
  }),
);
