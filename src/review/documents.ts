// Written by `npm run client:print` from documents.graphql and the schema; not edited by hand.
import { typed, type TypedText } from '../client/typed-text.js';
import type { AcceptInput, BranchKind, BranchState, CheckpointOrigin, CheckpointState, ConflictKind, ConflictResolution, DiffLineKind, DiffOmission, DiffSide, DiffStatus, EventFilter, EventKind, FileMode, MergeOutcome, ProposalState, ReviewVerdict, Scope } from '../client/documents.js';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };

/** What an operation of the log did. */
export type OperationKind =
  /** A repository became read-only. */
  | 'ARCHIVE_REPO'
  /** An import was called off. */
  | 'CANCEL_IMPORT'
  /** A proposal was closed without a merge. */
  | 'CLOSE_PROPOSAL'
  /** A proposal was commented on. */
  | 'COMMENT'
  /** A branch was created. */
  | 'CREATE_BRANCH'
  /** A branch moved forward by a checkpoint. */
  | 'CREATE_CHECKPOINT'
  /** An API key was created. */
  | 'CREATE_KEY'
  /** A repository was created. */
  | 'CREATE_REPO'
  /** A webhook was created. */
  | 'CREATE_WEBHOOK'
  /** A branch was deleted. */
  | 'DELETE_BRANCH'
  /** A repository was deleted. */
  | 'DELETE_REPO'
  /** A webhook was deleted. */
  | 'DELETE_WEBHOOK'
  /** A diff was read; never in the log, only in `latency`. */
  | 'DIFF'
  /** A repository was made from another. */
  | 'FORK_REPO'
  /** A repository came in from elsewhere. */
  | 'IMPORT_REPO'
  /** A branch was merged into another. */
  | 'MERGE_BRANCH'
  /** A proposal was merged. */
  | 'MERGE_PROPOSAL'
  /** A proposal was opened. */
  | 'OPEN_PROPOSAL'
  /** Content was removed for good on request. */
  | 'PURGE'
  /** A git push moved branches. */
  | 'PUSH'
  /** A repository was to be pushed to its mirror at once. */
  | 'PUSH_MIRROR'
  /** A webhook was to begin again, or to send an event once more. */
  | 'REDELIVER_WEBHOOK'
  /** An undone checkpoint was taken up again. */
  | 'REDO'
  /** The base was brought into a branch. */
  | 'REFRESH_BRANCH'
  /** A proposal was rejected. */
  | 'REJECT_PROPOSAL'
  /** A repository is pushed to its mirror no more. */
  | 'REMOVE_MIRROR'
  /** A closed proposal was opened again. */
  | 'REOPEN_PROPOSAL'
  /** A thread of comments was resolved, or opened again. */
  | 'RESOLVE_THREAD'
  /** An earlier content was brought back as a new checkpoint. */
  | 'RESTORE'
  /** A deleted branch came back. */
  | 'RESTORE_BRANCH'
  /** A deleted repository came back. */
  | 'RESTORE_REPO'
  /** What had outlived its keeping time was removed. */
  | 'RETENTION'
  /** The changes of a run were taken out. */
  | 'REVERT_RUN'
  /** A proposal was reviewed. */
  | 'REVIEW_PROPOSAL'
  /** An API key was revoked. */
  | 'REVOKE_KEY'
  /** An API key got a new secret. */
  | 'ROTATE_KEY'
  /** A repository was given a mirror, or another one. */
  | 'SET_MIRROR'
  /** A repository became writable again. */
  | 'UNARCHIVE_REPO'
  /** A branch went back to an earlier checkpoint. */
  | 'UNDO'
  /** Title, body or target of a proposal changed. */
  | 'UPDATE_PROPOSAL'
  /** Description, labels or settings of a repository changed. */
  | 'UPDATE_REPO';

/** The request that the work of one branch pass into another, under review. It follows its source: each further checkpoint is a new revision. What the fragment `RowParts` asks of it. */
export type RowPartsFragment = { readonly id: string, readonly number: number, readonly title: string, readonly state: ProposalState, readonly sourceName: string, readonly targetName: string, readonly createdBy: string, readonly createdAt: string, readonly repo: { readonly name: string } };

/** What `Inbox` takes. */
export type InboxQueryVariables = Exact<{
  states?: ReadonlyArray<ProposalState> | ProposalState | null | undefined;
  after?: string | null | undefined;
}>;

/** What `Inbox` answers. The review inbox: proposals of every repository that this key may read, newest first. */
export type InboxQuery = { readonly eventCursor: string, readonly viewer: { readonly actor: string, readonly scopes: ReadonlyArray<Scope>, readonly key: { readonly name: string } }, readonly proposalCounts: ReadonlyArray<{ readonly state: ProposalState, readonly count: number }>, readonly proposals: { readonly nodes: ReadonlyArray<RowPartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

/** What `ProposalView` takes. */
export type ProposalViewQueryVariables = Exact<{
  repo: string;
  number: number;
}>;

/** What `ProposalView` answers. A proposal by its number; null when it is absent or its source is hidden from this key. */
export type ProposalViewQuery = { readonly eventCursor: string, readonly repo: { readonly name: string, readonly proposal: (
      { readonly body: string, readonly reason: string | null, readonly runId: string | null, readonly head: { readonly oid: string } | null, readonly source: { readonly id: string, readonly name: string } | null, readonly rules: ReadonlyArray<{ readonly rule: string, readonly satisfied: boolean, readonly explanation: string }>, readonly declined: ReadonlyArray<{ readonly path: string, readonly hunks: ReadonlyArray<string> | null, readonly reason: string | null }>, readonly reviews: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly actor: string, readonly verdict: ReviewVerdict, readonly body: string, readonly at: string, readonly stale: boolean }> }, readonly revisions: { readonly nodes: ReadonlyArray<{ readonly number: number, readonly at: string, readonly head: { readonly oid: string } | null }> }, readonly threads: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly path: string | null, readonly line: number | null, readonly side: DiffSide | null, readonly outdated: boolean, readonly resolved: boolean, readonly comments: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly actor: string, readonly at: string, readonly body: string }> } }> }, readonly diff: { readonly id: string, readonly stats: { readonly files: number, readonly additions: number, readonly deletions: number } | null } | null, readonly mergePreview: { readonly outcome: MergeOutcome, readonly conflicts: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: ConflictKind, readonly path: string, readonly hunks: ReadonlyArray<{ readonly id: string, readonly base: string | null, readonly ours: string, readonly theirs: string }> }> } } | null }
      & RowPartsFragment
    ) | null } | null };

/** What `FilePage` takes. */
export type FilePageQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;

/** What `FilePage` answers. The changed files, in git’s order. */
export type FilePageQuery = { readonly node:
    | { readonly files: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly path: string, readonly oldPath: string | null, readonly status: DiffStatus, readonly oldMode: FileMode | null, readonly newMode: FileMode | null, readonly additions: number | null, readonly deletions: number | null, readonly isBinary: boolean, readonly omitted: DiffOmission | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } }
    | Record<PropertyKey, never>
   | null };

/** One line of a hunk. What the fragment `ShownLine` asks of it. */
export type ShownLineFragment = { readonly kind: DiffLineKind, readonly oldNumber: number | null, readonly newNumber: number | null, readonly text: string, readonly noNewline: boolean, readonly spans: ReadonlyArray<{ readonly start: number, readonly end: number }> };

/** What `HunkPageOf` takes. */
export type HunkPageOfQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;

/** What `HunkPageOf` answers. The places that changed, in order, with the lines around them. */
export type HunkPageOfQuery = { readonly node:
    | { readonly hunks: { readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly section: string | null, readonly oldStart: number, readonly newStart: number, readonly lineCount: number, readonly lines: ReadonlyArray<ShownLineFragment> } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } }
    | Record<PropertyKey, never>
   | null };

/** What `LinesOf` takes. */
export type LinesOfQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
  skip: number;
}>;

/** What `LinesOf` answers. The places that changed, in order, with the lines around them. */
export type LinesOfQuery = { readonly node:
    | { readonly hunks: { readonly nodes: ReadonlyArray<{ readonly lines: ReadonlyArray<ShownLineFragment> }> } }
    | Record<PropertyKey, never>
   | null };

/** What `ResolvedPreview` takes. */
export type ResolvedPreviewQueryVariables = Exact<{
  repo: string;
  number: number;
  only?: ReadonlyArray<AcceptInput> | AcceptInput | null | undefined;
  resolutions?: ReadonlyArray<ConflictResolution> | ConflictResolution | null | undefined;
}>;

/** What `ResolvedPreview` answers. What merging it into the present head of its target would give; null once it has ended, and when the target is gone or hidden. */
export type ResolvedPreviewQuery = { readonly repo: { readonly proposal: { readonly mergePreview: { readonly outcome: MergeOutcome, readonly diff: { readonly id: string, readonly stats: { readonly files: number, readonly additions: number, readonly deletions: number } | null } | null, readonly conflicts: { readonly nodes: ReadonlyArray<{ readonly path: string, readonly kind: ConflictKind }> } } | null } | null } | null };

/** What `Waiting` takes. */
export type WaitingQueryVariables = Exact<{
  repo: string;
}>;

/** What `Waiting` answers. How long clients waited, for every kind of operation that occurred, or for one kind. DIFF counts requests that read diffs. Percentiles are at the nearest rank and wrong by 1 % at most; count and maximum are exact. */
export type WaitingQuery = { readonly eventCursor: string, readonly repo: { readonly name: string, readonly latency: ReadonlyArray<{ readonly kind: OperationKind, readonly count: number, readonly p50: number, readonly p95: number, readonly max: number }> } | null };

/** What `OperationList` takes. */
export type OperationListQueryVariables = Exact<{
  repo: string;
}>;

/** What `OperationList` answers. The audit trail: every operation on this repository, newest first. Needs the scope AUDIT. */
export type OperationListQuery = { readonly repo: { readonly operations: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly seq: number, readonly kind: OperationKind, readonly actor: string, readonly at: string, readonly durationMs: number | null, readonly refs: ReadonlyArray<{ readonly branchName: string }> }> } } | null };

/** What `Timeline` takes. */
export type TimelineQueryVariables = Exact<{
  repo: string;
  branch: string;
  after?: string | null | undefined;
}>;

/** What `Timeline` answers. A branch by name or id; null when it is absent or hidden from this key. */
export type TimelineQuery = { readonly eventCursor: string, readonly repo: { readonly name: string, readonly branch: { readonly id: string, readonly name: string, readonly state: BranchState, readonly headOid: string, readonly canUndo: boolean, readonly canRedo: boolean, readonly checkpoints: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly number: number, readonly oid: string, readonly origin: CheckpointOrigin, readonly state: CheckpointState, readonly message: string, readonly prompt: string | null, readonly createdAt: string, readonly createdBy: string }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null } | null };

/** What `BranchList` takes. */
export type BranchListQueryVariables = Exact<{
  repo: string;
  after?: string | null | undefined;
}>;

/** What `BranchList` answers. A repository by name or node id; null when it is absent or this key may not read it, which cannot be told apart. */
export type BranchListQuery = { readonly eventCursor: string, readonly repo: { readonly name: string, readonly defaultBranchName: string, readonly branches: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly kind: BranchKind, readonly state: BranchState, readonly createdBy: string, readonly lastActivityAt: string, readonly aheadBehind: { readonly ahead: number, readonly behind: number } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

/** What `RepoList` takes. */
export type RepoListQueryVariables = Exact<{
  after?: string | null | undefined;
}>;

/** What `RepoList` answers. The repositories that this key may read, by name unless ordered otherwise. */
export type RepoListQuery = { readonly repos: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly description: string | null, readonly updatedAt: string }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

/** What `Changes` takes. */
export type ChangesSubscriptionVariables = Exact<{
  filter?: EventFilter | null | undefined;
}>;

/** What `Changes` answers. Everything that happens, filtered. */
export type ChangesSubscription = { readonly events:
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
    | { readonly id: string, readonly kind: EventKind, readonly cursor: string }
   };

/** The review inbox: proposals of every repository that this key may read, newest first. */
export const Inbox: TypedText<InboxQuery, InboxQueryVariables> = typed("query Inbox($states: [ProposalState!], $after: String) { viewer { actor scopes key { name } } eventCursor proposalCounts { state count } proposals(first: 50, after: $after, filter: {states: $states}) { nodes { ...RowParts } pageInfo { hasNextPage endCursor } } } fragment RowParts on Proposal { id number title state sourceName targetName createdBy createdAt repo { name } }");
/** A proposal by its number; null when it is absent or its source is hidden from this key. */
export const ProposalView: TypedText<ProposalViewQuery, ProposalViewQueryVariables> = typed("query ProposalView($repo: String!, $number: Int!) { eventCursor repo(name: $repo) { name proposal(number: $number) { ...RowParts body reason runId head { oid } source { id name } rules { rule satisfied explanation } declined { path hunks reason } reviews(first: 50) { nodes { id actor verdict body at stale } } revisions(first: 50) { nodes { number at head { oid } } } threads(first: 100) { nodes { id path line side outdated resolved comments(first: 50) { nodes { id actor at body } } } } diff { id stats { files additions deletions } } mergePreview { outcome conflicts(first: 100) { nodes { id kind path hunks { id base ours theirs } } } } } } } fragment RowParts on Proposal { id number title state sourceName targetName createdBy createdAt repo { name } }");
/** The changed files, in git’s order. */
export const FilePage: TypedText<FilePageQuery, FilePageQueryVariables> = typed("query FilePage($id: ID!, $after: String) { node(id: $id) { ... on Diff { files(first: 100, after: $after) { nodes { id path oldPath status oldMode newMode additions deletions isBinary omitted } pageInfo { hasNextPage endCursor } } } } }");
/** The places that changed, in order, with the lines around them. */
export const HunkPageOf: TypedText<HunkPageOfQuery, HunkPageOfQueryVariables> = typed("query HunkPageOf($id: ID!, $after: String) { node(id: $id) { ... on DiffFile { hunks(first: 50, after: $after) { edges { cursor node { id section oldStart newStart lineCount lines(take: 400) { ...ShownLine } } } pageInfo { hasNextPage endCursor } } } } } fragment ShownLine on DiffLine { kind oldNumber newNumber text noNewline spans { start end } }");
/** The places that changed, in order, with the lines around them. */
export const LinesOf: TypedText<LinesOfQuery, LinesOfQueryVariables> = typed("query LinesOf($id: ID!, $after: String, $skip: Int!) { node(id: $id) { ... on DiffFile { hunks(first: 1, after: $after) { nodes { lines(skip: $skip, take: 400) { ...ShownLine } } } } } } fragment ShownLine on DiffLine { kind oldNumber newNumber text noNewline spans { start end } }");
/** What merging it into the present head of its target would give; null once it has ended, and when the target is gone or hidden. */
export const ResolvedPreview: TypedText<ResolvedPreviewQuery, ResolvedPreviewQueryVariables> = typed("query ResolvedPreview($repo: String!, $number: Int!, $only: [AcceptInput!], $resolutions: [ConflictResolution!]) { repo(name: $repo) { proposal(number: $number) { mergePreview(only: $only, resolutions: $resolutions) { outcome diff { id stats { files additions deletions } } conflicts(first: 20) { nodes { path kind } } } } } }");
/** How long clients waited, for every kind of operation that occurred, or for one kind. DIFF counts requests that read diffs. Percentiles are at the nearest rank and wrong by 1 % at most; count and maximum are exact. */
export const Waiting: TypedText<WaitingQuery, WaitingQueryVariables> = typed("query Waiting($repo: String!) { eventCursor repo(name: $repo) { name latency { kind count p50 p95 max } } }");
/** The audit trail: every operation on this repository, newest first. Needs the scope AUDIT. */
export const OperationList: TypedText<OperationListQuery, OperationListQueryVariables> = typed("query OperationList($repo: String!) { repo(name: $repo) { operations(first: 100) { nodes { id seq kind actor at durationMs refs { branchName } } } } }");
/** A branch by name or id; null when it is absent or hidden from this key. */
export const Timeline: TypedText<TimelineQuery, TimelineQueryVariables> = typed("query Timeline($repo: String!, $branch: String!, $after: String) { eventCursor repo(name: $repo) { name branch(name: $branch) { id name state headOid canUndo canRedo checkpoints(first: 100, after: $after) { nodes { id number oid origin state message prompt createdAt createdBy } pageInfo { hasNextPage endCursor } } } } }");
/** A repository by name or node id; null when it is absent or this key may not read it, which cannot be told apart. */
export const BranchList: TypedText<BranchListQuery, BranchListQueryVariables> = typed("query BranchList($repo: String!, $after: String) { eventCursor repo(name: $repo) { name defaultBranchName branches( first: 50 after: $after orderBy: {field: LAST_ACTIVITY, direction: DESC} ) { nodes { id name kind state createdBy lastActivityAt aheadBehind { ahead behind } } pageInfo { hasNextPage endCursor } } } }");
/** The repositories that this key may read, by name unless ordered otherwise. */
export const RepoList: TypedText<RepoListQuery, RepoListQueryVariables> = typed("query RepoList($after: String) { repos(first: 50, after: $after) { nodes { id name description updatedAt } pageInfo { hasNextPage endCursor } } }");
/** Everything that happens, filtered. */
export const Changes: TypedText<ChangesSubscription, ChangesSubscriptionVariables> = typed("subscription Changes($filter: EventFilter) { events(filter: $filter) { id kind cursor } }");
