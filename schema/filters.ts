import { builder } from './builder.js';
import { BranchKind, BranchOrderField, BranchState, OrderDirection, RepoOrderField } from './enums/branch.js';
import { EventKind, OperationKind, ProposalState } from './enums/log.js';
import { LabelInput } from './inputs.js';

/** Which repositories. */
export const RepoFilter = builder.inputType('RepoFilter', {
  description: 'Which repositories; every given member must hold.',
  fields: (t) => ({
    nameContains: t.string({ description: 'The name contains this text, in any case.' }),
    archived: t.boolean({ description: 'Only archived ones, or only those that can be written.' }),
  }),
});

/** How repositories are ordered. */
export const RepoOrder = builder.inputType('RepoOrder', {
  description: 'How repositories are ordered.',
  fields: (t) => ({
    field: t.field({ type: RepoOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: OrderDirection, defaultValue: 'ASC', description: 'Which way.' }),
  }),
});

/** Which branches. */
export const BranchFilter = builder.inputType('BranchFilter', {
  description: 'Which branches; every given member must hold.',
  fields: (t) => ({
    kind: t.field({ type: BranchKind, description: 'Of this kind.' }),
    nameContains: t.string({ description: 'The name contains this text, in any case.' }),
    runId: t.string({ description: 'Made by this run.' }),
    sessionId: t.string({ description: 'Made by this session.' }),
    deleted: t.boolean({ defaultValue: false, description: 'Deleted branches instead of live ones.' }),
    states: t.field({ type: [BranchState], description: 'In one of these states; with DELETED among them, deleted ones too.' }),
    inactiveFor: t.field({ type: 'Duration', description: 'That have not moved for at least this long.' }),
    marked: t.boolean({ description: 'Only those that a rule of retention has marked, or only the others.' }),
  }),
});

/** How branches are ordered. */
export const BranchOrder = builder.inputType('BranchOrder', {
  description: 'How branches are ordered.',
  fields: (t) => ({
    field: t.field({ type: BranchOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: OrderDirection, defaultValue: 'ASC', description: 'Which way.' }),
  }),
});

/** Which proposals. */
export const ProposalFilter = builder.inputType('ProposalFilter', {
  description: 'Which proposals; every given member must hold.',
  fields: (t) => ({
    states: t.field({ type: [ProposalState], description: 'In one of these states.' }),
    source: t.string({ description: 'From this branch: by name within a repository, by node id anywhere.' }),
    target: t.string({ description: 'Into this branch: by name within a repository, by node id anywhere.' }),
    createdBy: t.string({ description: 'Opened by this actor.' }),
    runId: t.string({ description: 'Opened by this run.' }),
    reviewedBy: t.string({ description: 'Reviewed by this actor, whatever the verdict.' }),
    openedBefore: t.field({ type: 'DateTime', description: 'Opened before this time.' }),
    openedSince: t.field({ type: 'DateTime', description: 'Opened at this time or later.' }),
  }),
});

/** Which operations. */
export const OperationFilter = builder.inputType('OperationFilter', {
  description: 'Which operations of the log; every given member must hold.',
  fields: (t) => ({
    kinds: t.field({ type: [OperationKind], description: 'Of one of these kinds.' }),
    actor: t.string({ description: 'By this actor.' }),
    key: t.string({ description: 'With this API key: by its node id, or by the part of the key between its two underscores.' }),
    branch: t.string({ description: 'That moved this branch: by name, or by node id within a repository.' }),
    proposalId: t.id({ description: 'That were about this proposal or changed it, by its node id: reviews, comments, moves of its branches that made a revision.' }),
    runId: t.string({ description: 'Of this run.' }),
    since: t.field({ type: 'DateTime', description: 'Committed at this moment or later.' }),
    until: t.field({ type: 'DateTime', description: 'Committed before this moment.' }),
  }),
});

/** Which commits. */
export const CommitFilter = builder.inputType('CommitFilter', {
  description: 'Which commits.',
  fields: (t) => ({
    follow: t.boolean({ defaultValue: false, description: 'With a `path` that is a file: go on beyond its renames, under the names that it had, as `git log --follow` does.' }),
    trailer: t.field({ type: LabelInput, description: 'That carry this trailer, such as `Weir-Run` with the id of a run. Keys in any case.' }),
  }),
});

/** Which events. */
export const EventFilter = builder.inputType('EventFilter', {
  description: 'Which events; every given member must hold.',
  fields: (t) => ({
    repos: t.stringList({ description: 'Of one of these repositories, by name or node id.' }),
    kinds: t.field({ type: [EventKind], description: 'Of one of these kinds.' }),
    branch: t.string({ description: 'Of this branch, by name or node id: its moves, and proposals that come from it.' }),
    proposal: t.int({ description: 'Of the proposal with this number.' }),
    runId: t.string({ description: 'Caused by this run.' }),
    actor: t.string({ description: 'Caused by this actor.' }),
  }),
});
