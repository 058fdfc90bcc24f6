import { encodeGlobalId } from '../../src/domain/global-id.js';
import { loadCommit, loadCommitOrNull, readableCommitOrNull } from '../../src/operations/reading/read-commits.js';
import { diffOfProposal, isStaleReview, proposalPreview, readRules, revisionCommit } from '../../src/operations/reading/proposal/read-proposal.js';
import { readableBranchById } from '../../src/operations/reading/readable-branch.js';
import { readRepoOf } from '../../src/operations/reading/readable-repo.js';
import { Accept, ONLY } from '../accept.js';
import { builder } from '../builder.js';
import { EventConnection, ProposalRevisionConnection, ReviewConnection } from '../connections.js';
import { MergeStrategy } from '../enums/diff.js';
import { ProposalState, ReviewVerdict } from '../enums/log.js';
import { connectEvents } from '../event-pages.js';
import { DiffOptions } from '../inputs.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Branch, Commit, DeclinedChange, Diff, Label, MergePreview, Node, Proposal, ProposalRevision, Repo, Review, RuleStatus } from '../refs.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';

Proposal.implement({
  description: 'The request that the work of one branch pass into another, under review. It follows its source: each further checkpoint is a new revision.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, good as a rev.', resolve: ({ id }) => encodeGlobalId({ type: 'Proposal', id }) }),
    repo: t.field({ type: Repo, description: 'The repository it is in.', resolve: ({ repoId }, _args, { request }) => readRepoOf(request, repoId) }),
    number: t.exposeInt('number', { description: '1, 2, 3 … in its repository.' }),
    title: t.exposeString('title', { description: 'One line for lists.' }),
    body: t.exposeString('body', { description: 'What it does and why; empty when nothing was said.' }),
    state: t.expose('state', { type: ProposalState, description: 'Where it stands.' }),
    source: t.field({ type: Branch, nullable: true, description: 'The branch whose work is proposed, deleted or not.', resolve: ({ sourceBranchId }, _args, { request }) => readableBranchById(request, sourceBranchId) }),
    sourceName: t.exposeString('sourceName', { description: 'The name of that branch.' }),
    target: t.field({ type: Branch, nullable: true, description: 'The branch it would pass into; null when that is hidden from this key.', resolve: ({ targetBranchId }, _args, { request }) => readableBranchById(request, targetBranchId) }),
    targetName: t.exposeString('targetName', { description: 'The name of that branch.' }),
    head: t.field({ type: Commit, nullable: true, description: 'The exact commit under review; frozen once the proposal has ended.', resolve: ({ repoId, head }, _args, { request }) => loadCommit(request, repoId, head) }),
    base: t.field({ type: Commit, nullable: true, description: 'The commit it is compared with: the merge base with the target; frozen once the proposal has ended.', resolve: ({ repoId, base }, _args, { request }) => loadCommitOrNull(request, repoId, base) }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    createdBy: t.exposeString('createdBy', { description: 'The actor who opened it.' }),
    closedAt: t.expose('closedAt', { type: 'DateTime', nullable: true, description: 'When it was merged, rejected or closed.' }),
    closedBy: t.exposeString('closedBy', { nullable: true, description: 'The actor who did that.' }),
    mergeCommit: t.field({ type: Commit, nullable: true, description: 'The commit that the target got; null unless merged.', resolve: ({ repoId, mergeCommit }, _args, { request }) => readableCommitOrNull(request, repoId, mergeCommit) }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it was rejected; null unless it was.' }),
    metadata: t.field({ type: [Label], description: 'What its author kept with it.', resolve: ({ metadata }) => metadata }),
    runId: t.exposeString('runId', { nullable: true, description: 'The run that opened it.' }),
  }),
});

builder.objectFields(Proposal, (t) => ({
  diff: t.field({
    type: Diff,
    nullable: true,
    description: 'What it changes: from `base` to `head`.',
    args: {
      options: t.arg({ type: DiffOptions, description: 'How the diff is made.' }),
      sinceReview: t.arg.boolean({ description: 'What is new since your own last review instead; all of it when you have given none. What merely came in from the target is left out.' }),
      revision: t.arg.int({ description: 'What this revision added over the one before instead, the first over the base; null when there is no such revision. What merely came in from the target is left out.' }),
    },
    resolve: (proposal, { options, revision, sinceReview }, { request }) => diffOfProposal(request, proposal, { options, revision, sinceReview }),
  }),
  revisions: t.field({
    type: ProposalRevisionConnection,
    description: 'Every head it has had, oldest first.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (proposal, args, { request }) =>
      connect(request, args, { field: 'Proposal.revisions', parent: String(proposal.id) }, (page) => request.reader.revisions(proposal.id, page)),
  }),
  mergePreview: t.field({
    type: MergePreview,
    nullable: true,
    description: 'What merging it into the present head of its target would give; null once it has ended, and when the target is gone or hidden.',
    args: {
      strategy: t.arg({ type: MergeStrategy, description: 'How it would be written; MERGE unless given.' }),
      resolutions: t.arg({ type: [ConflictResolution], description: RESOLUTIONS }),
      only: t.arg({ type: [Accept], description: `${ONLY} What merging everything gives unless given.` }),
    },
    resolve: (proposal, { strategy, resolutions, only }, { request }) => proposalPreview(request, proposal, strategy ?? 'MERGE', resolutions ?? [], only ?? null),
  }),
  reviews: t.field({
    type: ReviewConnection,
    description: 'The reviews, oldest first, each bound to the head it judged.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (proposal, args, { request }) => connect(request, args, { field: 'Proposal.reviews', parent: String(proposal.id) }, (page) => request.reader.reviews(proposal.id, page)),
  }),
  declined: t.field({
    type: [DeclinedChange],
    description: 'What a reviewer declined of it when the rest was merged, in git’s order, with the reason.',
    complexity: { field: 1, multiplier: 5 },
    resolve: async ({ id }, _args, { request }) => [...(await request.reader.declined(id))],
  }),
  rules: t.field({
    type: [RuleStatus],
    description: 'What still stands between it and the merge, rule by rule, the satisfied ones too; empty once it has ended. An approval counts as it was given, with the labels of its key, also when that key was revoked or has expired since.',
    complexity: { field: 5, multiplier: 4 },
    resolve: async (proposal, _args, { request }) => [...(await readRules(request, proposal))],
  }),
  events: t.field({
    type: EventConnection,
    description: 'What happened to it, oldest first. A page may be short, and even empty, while `hasNextPage` says that the search can go on.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: async ({ repoId, number }, args, { request }) => connectEvents(request, args, { repos: [(await readRepoOf(request, repoId)).name], proposal: number }),
  }),
}));

DeclinedChange.implement({
  description: 'What of one file was declined.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'The file.' }),
    hunks: t.idList({ nullable: true, description: 'The hunks that were declined, as the diff of the proposal has them; null for all that changed in the file.', resolve: ({ hunks }) => (hunks === null ? null : [...hunks]) }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, in the words of the reviewer.' }),
  }),
});

ProposalRevision.implement({
  description: 'One head that a proposal has had.',
  fields: (t) => ({
    number: t.exposeInt('number', { description: '1, 2, 3 … in its proposal.' }),
    head: t.field({ type: Commit, nullable: true, description: 'The head.', resolve: (revision, _args, { request }) => revisionCommit(request, revision, 'head') }),
    base: t.field({ type: Commit, nullable: true, description: 'The merge base with the target at that time.', resolve: (revision, _args, { request }) => revisionCommit(request, revision, 'base') }),
    at: t.expose('at', { type: 'DateTime', description: 'When the proposal got it.' }),
  }),
});

Review.implement({
  description: 'A verdict on one exact head of a proposal.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'Review', id }) }),
    verdict: t.expose('verdict', { type: ReviewVerdict, description: 'What the reviewer says.' }),
    body: t.exposeString('body', { description: 'Why; empty when nothing was said.' }),
    actor: t.exposeString('actor', { description: 'The reviewer.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was given.' }),
    headOid: t.expose('headOid', { type: 'GitObjectID', description: 'The head that it judged.' }),
    stale: t.boolean({ description: 'True when it counts no longer: the proposal has another revision by now. An approval is not stale for that where the rules for the target say `dismissStale: false`; it is once the proposal got another target or was reopened.', resolve: (review, _args, { request }) => isStaleReview(request, review) }),
  }),
});

RuleStatus.implement({
  description: 'A rule that stands between a proposal and its merge.',
  fields: (t) => ({
    rule: t.exposeString('rule', { description: 'Its short name, such as `approvals`.' }),
    satisfied: t.exposeBoolean('satisfied', { description: 'True when it no longer stands in the way.' }),
    explanation: t.exposeString('explanation', { description: 'How it stands, in words.' }),
  }),
});
