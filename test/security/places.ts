/** A way to an object: the fields that lead to it from the root of a query, and what a key needs to be given it. */
export interface Place {
  readonly type: string;
  readonly guard: string;
  /** Selections, outermost first; `<word>` stands for an id of the world. Of a list, the first item is meant. */
  readonly path: readonly string[];
  /** What single fields need here in place of what their rows say. */
  readonly needs?: Readonly<Record<string, string>>;
}

const REPO = 'repo(name:"<repo>")';

function at(type: string, guard: string, ...path: string[]): Place {
  return { type, guard, path };
}

/** The same object by its node id. */
function node(type: string, guard: string, word: string): Place {
  return at(type, guard, `node(id:"<${word}>")`, `... on ${type}`);
}

/** A connection, its first edge and what that holds. */
function list(noun: string, guard: string, ...path: string[]): Place[] {
  return [at(`${noun}Connection`, guard, ...path), at(`${noun}Edge`, guard, ...path, 'edges'), at(noun, guard, ...path, 'edges', 'node')];
}

const MAIN = [REPO, 'branch(name:"main")'];
const SESSION = [REPO, 'branch(name:"session/1")'];
const PROPOSAL = [REPO, 'proposal(number:1)'];
const DIFF = [REPO, 'diff(from:"main",to:"session/1")'];
const HUNK = [...DIFF, 'file(path:"README.md")', 'hunks', 'edges', 'node'];
const CONFLICT = [REPO, 'mergePreview(from:"session/conflict",into:"main")'];
const MOVED = 'filter:{repos:["<repo>"],kinds:[BRANCH_MOVED],branch:"main"}';

/** Every place that the matrix looks at. */
export const PLACES: readonly Place[] = [
  at('Query', 'open'),
  at('Viewer', 'open', 'viewer'),
  at('Server', 'open', 'server'),
  at('NamingRule', 'open', 'server', 'namingRules'),
  at('BranchNaming', 'open', 'server', 'branchNaming'),
  at('BranchNaming', 'repo', REPO, 'settings', 'naming'),
  at('ServerLimit', 'open', 'server', 'limits'),

  at('Repo', 'repo', REPO),
  at('Repo', 'repo', 'repo(name:"<repoId>")'),
  node('Repo', 'repo', 'repoId'),
  ...list('Repo', 'repo', 'repos(filter:{nameContains:"canary"})'),
  at('RepoSettings', 'repo', REPO, 'settings'),
  at('RepoLimits', 'repo', REPO, 'settings', 'limits'),
  at('RetentionPolicy', 'repo', REPO, 'settings', 'retention'),
  at('RetentionRule', 'repo', REPO, 'settings', 'retention', 'rules'),
  at('ReviewPolicy', 'repo', REPO, 'settings', 'review'),
  at('ReviewRule', 'repo', REPO, 'settings', 'review', 'rules'),
  at('ReviewPathRule', 'repo', REPO, 'settings', 'review', 'rules', 'paths'),
  ...list('RetentionStep', 'session', REPO, 'retentionPreview'),
  at('RepoUsage', 'repo', REPO, 'usage'),
  at('RepoQuota', 'repo', REPO, 'usage', 'quotas'),
  at('Label', 'repo', REPO, 'labels'),
  at('PageInfo', 'repo', REPO, 'tags', 'pageInfo'),
  at('OperationLatency', 'repo', REPO, 'latency(kind:DELETE_BRANCH)'),
  ...list('Tag', 'repo', REPO, 'tags'),

  at('Branch', 'main', ...MAIN),
  at('Branch', 'main', REPO, 'defaultBranch'),
  node('Branch', 'main', 'mainId'),
  at('Branch', 'session', ...SESSION),
  node('Branch', 'session', 'sessionId'),
  node('Branch', 'session', 'goneId'),
  ...list('Branch', 'main', REPO, 'branches(filter:{nameContains:"main"})'),
  ...list('Branch', 'session', REPO, 'branches(filter:{nameContains:"session/1"})'),
  at('Label', 'session', ...SESSION, 'metadata'),
  at('AheadBehind', 'main+session', ...SESSION, 'aheadBehind'),
  ...list('Checkpoint', 'main', ...MAIN, 'checkpoints'),
  ...list('Checkpoint', 'session', ...SESSION, 'checkpoints'),
  at('Checkpoint', 'main', REPO, 'checkpoint(branch:"main",number:2)'),
  node('Checkpoint', 'main', 'mainCheckpointId'),
  node('Checkpoint', 'session', 'sessionCheckpointId'),

  at('Commit', 'main', REPO, 'commit(rev:"main")'),
  at('Commit', 'session', REPO, 'commit(rev:"proposal:1")'),
  node('Commit', 'main', 'mainCommitId'),
  node('Commit', 'session', 'sessionCommitId'),
  { ...node('Commit', 'repo', 'baseCommitId'), needs: { checkpoint: 'main' } },
  ...list('Commit', 'main', REPO, 'commits(rev:"<mainOid>")'),
  ...list('Commit', 'session', REPO, 'commits(rev:"session/1")'),
  at('Signature', 'main', REPO, 'commit(rev:"main")', 'author'),
  at('Signature', 'session', REPO, 'commit(rev:"session/1")', 'committer'),
  at('Tree', 'main', REPO, 'tree(rev:"main")'),
  node('Tree', 'main', 'mainTreeId'),
  node('Tree', 'session', 'sessionTreeId'),
  ...list('TreeEntry', 'main', REPO, 'tree(rev:"main")', 'entries'),
  ...list('TreeEntry', 'session', REPO, 'tree(rev:"proposal:1")', 'entries'),
  at('File', 'main', REPO, 'file(rev:"main",path:"canary-main.txt")'),
  node('File', 'main', 'mainFileId'),
  node('File', 'session', 'sessionFileId'),
  at('Blob', 'main', REPO, 'file(rev:"<mainOid>",path:"canary-main.txt")', 'blob'),
  at('Blob', 'session', REPO, 'file(rev:"session/1",path:"canary-session.txt")', 'blob'),

  at('Diff', 'main+session', ...DIFF),
  node('Diff', 'main+session', 'diffId'),
  at('Diff', 'session', REPO, 'checkpoint(branch:"session/1",number:1)', 'diff'),
  at('Diff', 'main', REPO, 'checkpoint(branch:"main",number:2)', 'diff'),
  at('DiffStats', 'main+session', ...DIFF, 'stats'),
  ...list('DiffFile', 'main+session', ...DIFF, 'files'),
  node('DiffFile', 'main+session', 'diffFileId'),
  ...list('DiffHunk', 'main+session', ...DIFF, 'file(path:"README.md")', 'hunks'),
  at('DiffHunk', 'session', ...PROPOSAL, 'diff', 'file(path:"README.md")', 'hunks', 'edges', 'node'),
  at('DiffLine', 'main+session', ...HUNK, 'lines'),
  at('DiffSpan', 'main+session', ...HUNK, 'lines', 'spans'),
  at('MergePreview', 'main+session', REPO, 'mergePreview(from:"session/1",into:"main")'),
  node('MergePreview', 'main+session', 'previewId'),
  ...list('MergeConflict', 'main+session', ...CONFLICT, 'conflicts'),
  ...list('MergeConflict', 'main+session', REPO, 'mergePreview(from:"session/conflict",into:"main",strategy:REBASE)', 'conflicts'),
  at('ConflictSide', 'main+session', ...CONFLICT, 'conflicts', 'edges', 'node', 'ours'),
  at('ConflictHunk', 'main+session', ...CONFLICT, 'conflicts', 'edges', 'node', 'hunks'),

  at('Proposal', 'session', ...PROPOSAL),
  node('Proposal', 'session', 'proposalId'),
  at('Proposal', 'session', REPO, 'proposal(number:2)'),
  at('Proposal', 'session', REPO, 'proposal(number:3)'),
  at('ProposalCount', 'session', 'proposalCounts(filter:{source:"<sessionId>"})'),
  at('DeclinedChange', 'session', REPO, 'proposal(number:2)', 'declined'),
  ...list('Proposal', 'session', REPO, 'proposals'),
  ...list('Proposal', 'session', 'proposals(filter:{source:"<sessionId>"})'),
  ...list('ProposalRevision', 'session', ...PROPOSAL, 'revisions'),
  ...list('Review', 'session', ...PROPOSAL, 'reviews'),
  node('Review', 'session', 'reviewId'),
  ...list('Rival', 'session', ...PROPOSAL, 'rivals'),
  at('Proposal', 'session', ...PROPOSAL, 'rivals', 'edges', 'node', 'proposal'),
  ...list('Thread', 'session', ...PROPOSAL, 'threads'),
  node('Thread', 'session', 'threadId'),
  ...list('Comment', 'session', ...PROPOSAL, 'threads', 'edges', 'node', 'comments'),
  node('Comment', 'session', 'commentId'),
  at('RuleStatus', 'session', ...PROPOSAL, 'rules'),

  ...list('Operation', 'repo+audit', REPO, 'operations(filter:{kinds:[CREATE_CHECKPOINT],branch:"main"})'),
  ...list('Operation', 'audit', 'operations(filter:{kinds:[CREATE_CHECKPOINT],branch:"main"})'),
  node('Operation', 'audit', 'operationId'),
  { ...node('Operation', 'auditor', 'serverOperationId'), needs: { subject: 'admin', refs: 'itself', repo: 'itself' } },
  at('RefChange', 'audit+main', REPO, 'operations(filter:{kinds:[CREATE_CHECKPOINT],branch:"main"})', 'edges', 'node', 'refs'),
  at('Mirror', 'repo+admin', REPO, 'mirror'),
  ...list('ApiKey', 'admin', 'apiKeys'),
  ...list('DeletedRepo', 'admin+repo', 'deletedRepos'),
  node('ApiKey', 'admin', 'keyId'),
  ...list('ImportJob', 'admin', 'importJobs'),
  node('ImportJob', 'admin', 'importId'),
  ...list('Webhook', 'admin', 'webhooks'),
  node('Webhook', 'admin', 'webhookId'),
  at('WebhookFilter', 'admin', 'webhooks', 'edges', 'node', 'filter'),
  ...list('WebhookDelivery', 'admin', 'webhooks', 'edges', 'node', 'deliveries'),
  node('WebhookDelivery', 'admin', 'deliveryId'),

  at('EventConnection', 'main', `events(${MOVED})`),
  at('EventEdge', 'main', `events(${MOVED})`, 'edges'),
  at('EventConnection', 'session', ...PROPOSAL, 'events'),
  node('RepoCreated', 'repo', 'REPO_CREATED'),
  node('RepoDeleted', 'repo', 'REPO_DELETED'),
  node('RepoUpdated', 'repo', 'REPO_UPDATED'),
  node('BranchCreated', 'session', 'BRANCH_CREATED'),
  node('BranchMoved', 'session', 'BRANCH_MOVED'),
  node('BranchMoved', 'main', 'mainMovedId'),
  at('BranchMoved', 'main', `events(${MOVED})`, 'edges', 'node', '... on BranchMoved'),
  node('BranchDeleted', 'session', 'BRANCH_DELETED'),
  node('ProposalOpened', 'session', 'PROPOSAL_OPENED'),
  node('ProposalCommented', 'session', 'PROPOSAL_COMMENTED'),
  node('ProposalUpdated', 'session', 'PROPOSAL_UPDATED'),
  node('ProposalClosed', 'session', 'PROPOSAL_CLOSED'),
  node('ProposalReopened', 'session', 'PROPOSAL_REOPENED'),
  node('ProposalRevised', 'session', 'PROPOSAL_REVISED'),
  node('ProposalReviewed', 'session', 'PROPOSAL_REVIEWED'),
  node('ProposalMerged', 'session', 'PROPOSAL_MERGED'),
  node('ProposalRejected', 'session', 'PROPOSAL_REJECTED'),
];
