/**
 * The authorization matrix: a row for every field of every object type of the schema. A new field needs one, or rows.test.ts fails.
 *
 * The fields of a type stand behind the right that each needs beyond the right to its object, joined by `+` (model.ts):
 * - `itself`: whoever is given the object is given the field, and every key the same value;
 * - `own`: the same, but the answer differs by key or by moment;
 * - `doer`: told to whoever did the verb (payloads); `refused`: told to whoever was refused (problems);
 * - of Mutation, the scope that a verb needs.
 *
 * Arguments are written out, `<word>` standing for an id of the world (world.ts); a field may stand in several rows with other arguments.
 */
export type TypeRows = Readonly<Record<string, string>>;

const EDGE = { itself: 'cursor node' } as const;
const CONNECTION = { itself: 'edges nodes pageInfo' } as const;
const EVENT = 'id cursor kind at actor repo repoName';
const BRANCH_EVENT = `${EVENT} branch branchName before after version`;
const REFUSED = 'code message hint';

/** Every row, by type. */
export const ROWS: Readonly<Record<string, TypeRows>> = {
  Query: {
    itself: 'repos proposals events server',
    own: 'viewer eventCursor proposalCounts',
    repo: 'repo(name:"<repo>") repo(name:"<repoId>") node(id:"<repoId>") nodes(ids:["<repoId>"])',
    main: 'node(id:"<mainId>") node(id:"<mainCommitId>") nodes(ids:["<mainId>","<mainCommitId>"])',
    session: 'node(id:"<sessionId>") nodes(ids:["<sessionId>","<proposalId>"])',
    auditor: 'operations',
    admin: 'apiKeys deletedRepos importJobs webhooks node(id:"<keyId>")',
  },
  Mutation: {
    CREATE_REPO: 'createRepo forkRepo',
    WRITE: 'createBranch createCheckpoint deleteBranch undo redo restore restoreBranch refreshBranch revertRun',
    PROPOSE: 'openProposal updateProposal closeProposal reopenProposal',
    REVIEW: 'reviewProposal rejectProposal commentOnProposal resolveThread',
    MERGE: 'mergeBranch mergeProposal',
    ADMIN: 'updateRepo archiveRepo unarchiveRepo deleteRepo restoreRepo runRetention setMirror removeMirror pushMirror createApiKey rotateApiKey revokeApiKey importRepo cancelImport createWebhook deleteWebhook redeliverWebhook',
    READ: 'deriveApiKey',
  },
  Subscription: { read: 'proposalOpened proposalChanged branchMoved events' },

  Repo: {
    itself: 'id name description labels createdAt updatedAt version archivedAt defaultBranchName settings usage cloneUrl branches retentionPreview tags proposals commit(rev:"tag:v1") commits(rev:"tag:v1") file(rev:"tag:v1",path:"README.md") tree(rev:"tag:v1") diff(from:"tag:v1",to:"tag:v1")',
    own: 'latency',
    main: 'defaultBranch branch(name:"main") branch(name:"<mainId>") checkpoint(branch:"main",number:2) checkpoint(branch:"<mainId>",number:2) commits commit(rev:"main") commit(rev:"<mainId>") commit(rev:"<mainOid>") commit(rev:"<mainShort>") commit(rev:"<mainCommitId>") commit(rev:"checkpoint:2@main") commit(rev:"<mainCheckpointId>") commits(rev:"<mainOid>") file(rev:"main",path:"canary-main.txt") file(rev:"<mainOid>",path:"canary-main.txt") tree(rev:"main") diff(from:"tag:v1",to:"<mainOid>") mergePreview(from:"tag:v1",into:"main")',
    session: 'branch(name:"session/1") branch(name:"<sessionId>") checkpoint(branch:"session/1",number:1) commit(rev:"session/1") commit(rev:"proposal:1") commit(rev:"<proposalId>") commit(rev:"<sessionOid>") commits(rev:"proposal:1") file(rev:"proposal:1",path:"canary-session.txt") tree(rev:"session/1") proposal(number:1) proposal(number:2)',
    'main+session': 'diff(from:"main",to:"session/1") mergePreview(from:"session/1",into:"main")',
    audit: 'operations',
    admin: 'mirror',
  },
  Mirror: { itself: 'url state pendingSince lastAttemptAt lastPushedAt nextAttemptAt attempts error' },
  DeletedRepo: { itself: 'repoId name description packBytes deletedAt removedAfter' },
  RepoLimits: { itself: 'branchesPerRepo openProposalsPerRepo changesPerCheckpoint checkpointBytes repoBytes' },
  RepoSettings: { itself: 'approvalsRequired naming idleAfter retention limits review' },
  ReviewPolicy: { itself: 'rules' },
  ReviewRule: { itself: 'targets approvals dismissStale approverLabels paths protected' },
  ReviewPathRule: { itself: 'globs approvals' },
  RetentionPolicy: { itself: 'rules keepDeleted' },
  RetentionRule: { itself: 'name branches kinds maxAge maxInactivity merged action' },
  RetentionStep: { itself: 'branch action rule reason since' },
  BranchNaming: { itself: 'mode patterns' },
  RepoUsage: { itself: 'packBytes packs branches checkpoints openProposals quotas' },
  RepoQuota: { itself: 'limit used maximum' },
  Branch: {
    itself: 'id repo name kind headOid head version baseName forkPoint createdAt createdBy lastActivityAt state markedAt protected expiresAt runId sessionId metadata checkpoints checkpoint canUndo canRedo proposals aheadBehind(of:"tag:v1") diff(against:"tag:v1") mergePreview(into:"tag:v1")',
    main: 'base aheadBehind diff mergePreview aheadBehind(of:"main") diff(against:"<mainOid>") mergePreview(into:"<mainCommitId>")',
  },
  AheadBehind: { itself: 'ahead behind' },
  Tag: { itself: 'name oid commit message' },
  Checkpoint: { itself: 'id branch number origin state prompt message metadata runId sessionId createdAt createdBy oid commit parent diff' },
  Commit: {
    itself: 'id oid treeOid headline message author committer parents trailers checkpoint diff tree file(path:"README.md")',
    main: 'checkpoint(branch:"main")',
    session: 'checkpoint(branch:"session/1")',
  },
  Signature: { itself: 'name email at' },
  Label: { itself: 'key value' },
  Tree: { itself: 'id oid path entries' },
  TreeEntry: { itself: 'name path mode oid size' },
  File: { itself: 'id path mode oid blob' },
  Blob: { itself: 'oid size isBinary text base64 url' },

  Diff: { itself: 'id from to base unmerged stats files file(path:"README.md") patch patchUrl' },
  DiffStats: { itself: 'files additions deletions' },
  DiffFile: { itself: 'id path oldPath status similarity oldMode newMode oldBlob newBlob isBinary additions deletions omitted hunks patch' },
  DiffHunk: { itself: 'id oldStart oldLines newStart newLines section patch lineCount lines' },
  DiffLine: { itself: 'kind oldNumber newNumber text noNewline spans' },
  DiffSpan: { itself: 'start end' },
  MergePreview: { itself: 'id outcome bases from into treeOid conflicts diff' },
  MergeConflict: { itself: 'id path paths kind base ours theirs markers hunks commit' },
  ConflictSide: { itself: 'path mode oid blob' },
  ConflictHunk: { itself: 'id base ours theirs' },

  Proposal: {
    itself: 'id repo number title body state source sourceName targetName head base createdAt createdBy closedAt closedBy reason metadata runId diff diff(revision:1) diff(sinceReview:true) revisions reviews threads rivals declined rules events',
    main: 'target mergePreview mergePreview(only:[{path:"README.md"}]) mergeCommit',
  },
  ProposalCount: { own: 'state count' },
  Rival: { itself: 'proposal paths', main: 'bothCanLand' },
  ProposalRevision: { itself: 'number head base at' },
  Review: { itself: 'id verdict body actor at headOid stale' },
  DeclinedChange: { itself: 'path hunks reason' },
  Thread: { itself: 'id path side line outdated resolved resolvedBy revision comments' },
  Comment: { itself: 'id body actor at' },
  RuleStatus: { itself: 'rule satisfied explanation' },

  Operation: { itself: 'id seq kind actor keyName at requestId runId reason hash', own: 'durationMs', repo: 'repo', main: 'refs subject' },
  RefChange: { itself: 'branchName before after' },
  OperationLatency: { own: 'kind count p50 p95 p99 max' },
  ApiKey: { itself: 'id name scopes repos branches readBranches paths actor actAs labels createdAt createdBy expiresAt revokedAt previousSecretUntil derivedFrom', own: 'lastUsedAt' },
  ImportJob: { itself: 'id state repoName url problem receivedBytes createdBy startedAt finishedAt', repo: 'repo' },
  Webhook: { itself: 'id url description filter state note cursor createdAt createdBy lastDeliveredAt deliveries', own: 'key' },
  WebhookFilter: { itself: 'repos kinds branch proposal runId actor' },
  WebhookDelivery: { itself: 'id eventId state redelivery attempts status note durationMs createdAt attemptedAt nextAttemptAt settledAt' },
  Viewer: { own: 'key actor onBehalfOf scopes' },
  Server: { itself: 'version namingRules branchNaming branchKind(name:"session/1") limits', own: 'now' },
  NamingRule: { itself: 'subject rule pattern' },
  ServerLimit: { itself: 'name value' },

  RepoCreated: { itself: EVENT },
  RepoDeleted: { itself: EVENT },
  RepoUpdated: { itself: `${EVENT} changed` },
  BranchCreated: { itself: BRANCH_EVENT },
  BranchMoved: { itself: `${BRANCH_EVENT} checkpoint` },
  BranchDeleted: { itself: BRANCH_EVENT },
  ProposalOpened: { itself: `${EVENT} proposal` },
  ProposalCommented: { itself: `${EVENT} proposal comment` },
  ProposalUpdated: { itself: `${EVENT} proposal` },
  ProposalClosed: { itself: `${EVENT} proposal` },
  ProposalReopened: { itself: `${EVENT} proposal` },
  ProposalRevised: { itself: `${EVENT} proposal` },
  ProposalReviewed: { itself: `${EVENT} proposal review` },
  ProposalMerged: { itself: `${EVENT} proposal`, main: 'commit' },
  ProposalRejected: { itself: `${EVENT} proposal reason` },

  PageInfo: { itself: 'hasNextPage hasPreviousPage startCursor endCursor' },
  ...Object.fromEntries(
    ['ApiKey', 'Branch', 'Checkpoint', 'Comment', 'Commit', 'DeletedRepo', 'DiffFile', 'DiffHunk', 'Event', 'ImportJob', 'MergeConflict', 'Operation', 'Proposal', 'ProposalRevision', 'Repo', 'RetentionStep', 'Review', 'Rival', 'Tag', 'Thread', 'TreeEntry', 'Webhook', 'WebhookDelivery'].flatMap((type) => [
      [`${type}Connection`, CONNECTION],
      [`${type}Edge`, EDGE],
    ]),
  ),

  CreateRepoSuccess: { doer: 'repo operation' },
  ForkRepoSuccess: { doer: 'repo operation' },
  ArchiveRepoSuccess: { doer: 'repo operation' },
  UnarchiveRepoSuccess: { doer: 'repo operation' },
  DeleteRepoSuccess: { doer: 'deletedRepoId operation' },
  RestoreRepoSuccess: { doer: 'repo operation' },
  UpdateRepoSuccess: { doer: 'repo operation' },
  SetMirrorSuccess: { doer: 'repo operation' },
  RemoveMirrorSuccess: { doer: 'repo operation' },
  PushMirrorSuccess: { doer: 'repo operation' },
  CreateBranchSuccess: { doer: 'branch operation' },
  CreateCheckpointSuccess: { doer: 'checkpoint branch operation' },
  DeleteBranchSuccess: { doer: 'branch deletedBranchId operation' },
  MergeBranchSuccess: { doer: 'outcome commit branch operation' },
  UndoSuccess: { doer: 'branch checkpoint diff operation' },
  RedoSuccess: { doer: 'branch checkpoint diff operation' },
  RestoreSuccess: { doer: 'branch checkpoint diff operation' },
  RestoreBranchSuccess: { doer: 'branch operation' },
  RefreshBranchSuccess: { doer: 'branch checkpoint diff operation' },
  RevertRunSuccess: { doer: 'branch checkpoint diff operation' },
  OpenProposalSuccess: { doer: 'proposal operation' },
  CommentOnProposalSuccess: { doer: 'proposal thread comment operation' },
  ResolveThreadSuccess: { doer: 'proposal thread operation' },
  UpdateProposalSuccess: { doer: 'proposal operation' },
  CloseProposalSuccess: { doer: 'proposal operation' },
  ReopenProposalSuccess: { doer: 'proposal operation' },
  ReviewProposalSuccess: { doer: 'proposal review operation' },
  RejectProposalSuccess: { doer: 'proposal operation' },
  MergeProposalSuccess: { doer: 'proposal outcome commit branch declined operation' },
  RunRetentionSuccess: { doer: 'repo steps more operation' },
  CreateApiKeySuccess: { doer: 'key secret operation' },
  ImportRepoSuccess: { doer: 'job operation' },
  CancelImportSuccess: { doer: 'job operation' },
  CreateWebhookSuccess: { doer: 'webhook secret operation' },
  DeleteWebhookSuccess: { doer: 'webhook operation' },
  RedeliverWebhookSuccess: { doer: 'webhook delivery operation' },
  DeriveApiKeySuccess: { doer: 'key secret operation' },
  RotateApiKeySuccess: { doer: 'key secret operation' },
  RevokeApiKeySuccess: { doer: 'key operation' },

  InvalidInput: { refused: `${REFUSED} field rule` },
  NotFound: { refused: REFUSED },
  Forbidden: { refused: `${REFUSED} needs` },
  NameTaken: { refused: `${REFUSED} name` },
  StaleHead: { refused: `${REFUSED} expectedHead actualHead expectedVersion actualVersion`, session: 'branch since' },
  MergeConflicted: { refused: `${REFUSED} conflicts` },
  ProtectedBranch: { refused: `${REFUSED} rule` },
  RulesUnmet: { refused: `${REFUSED} rules` },
  InvalidState: { refused: `${REFUSED} actualState` },
  LimitExceeded: { refused: `${REFUSED} limit maximum requested` },
  ObjectCorrupt: { refused: `${REFUSED} oid` },
  Busy: { refused: `${REFUSED} retryAfterMs` },
  Unavailable: { refused: REFUSED },
};

/** One row: a field as it is asked for, and what it needs beyond the right to its object. */
export interface Row {
  readonly type: string;
  readonly field: string;
  /** The field with its arguments, ids still by their words. */
  readonly asked: string;
  readonly needs: string;
}

/** Every row of a type, in the order in which they are written. */
export function rowsOf(type: string): readonly Row[] {
  return Object.entries(ROWS[type] ?? {}).flatMap(([needs, fields]) =>
    fields.split(' ').map((asked) => ({ type, field: asked.replace(/\(.*$/u, ''), asked, needs })),
  );
}
