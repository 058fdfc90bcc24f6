/** An operation that the playground opens with. */
export interface ReadyOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const PROBLEM = '... on Problem { code message hint }';

/**
 * A tab for each story, from an empty server to a merge and beyond. All work as they stand, from left to right, but for the head that a
 * review names, for the other key that it takes, and for the import, whose host the operator must allow.
 */
export const READY_OPERATIONS: readonly ReadyOperation[] = [
  {
    query: `# Begin here: enter your API key above, then run the tabs from left to right.
mutation CreateRepo($input: CreateRepoInput!) {
  createRepo(input: $input) {
    ... on CreateRepoSuccess { repo { id name defaultBranch { name headOid } } }
    ${PROBLEM}
  }
}`,
    variables: { input: { name: 'demo/site', description: 'A first repository', files: [{ path: 'README.md', text: '# Site\n' }] } },
  },
  {
    query: `# Or bring a public repository, from a host of WEIR_IMPORT_HOSTS. The job's id can be watched with the next tab.
mutation Import($input: ImportRepoInput!) {
  importRepo(input: $input) {
    ... on ImportRepoSuccess { job { id state } }
    ${PROBLEM}
  }
}`,
    variables: { input: { name: 'demo/flask', url: 'https://github.com/pallets/flask' } },
  },
  {
    query: `# How far an import is, by its id.
query WatchImport($id: ID!) {
  node(id: $id) {
    ... on ImportJob { state receivedBytes repo { name } problem { code message hint } }
  }
}`,
    variables: { id: 'ImportJob:1' },
  },
  {
    query: `# A key that can do no more than an agent needs. Its secret is shown this once.
mutation AgentKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    ... on CreateApiKeySuccess { key { id name scopes } secret }
    ${PROBLEM}
  }
}`,
    variables: { input: { name: 'agent', scopes: ['READ', 'WRITE', 'PROPOSE'], repos: ['demo/**'], branches: ['session/**'] } },
  },
  {
    query: `# An agent works on a branch of its own.
mutation CreateBranch($input: CreateBranchInput!) {
  createBranch(input: $input) {
    ... on CreateBranchSuccess { branch { id name headOid kind version } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', name: 'session/hero', runId: 'run-1' } },
  },
  {
    query: `# Each prompt leaves a checkpoint: a commit, with the prompt beside it.
mutation CreateCheckpoint($input: CreateCheckpointInput!) {
  createCheckpoint(input: $input) {
    ... on CreateCheckpointSuccess { checkpoint { number oid prompt } branch { headOid version } }
    ${PROBLEM}
  }
}`,
    variables: {
      input: {
        repo: 'demo/site', branch: 'session/hero', message: 'Add a hero section', prompt: 'Give the site a hero section',
        changes: [{ write: { path: 'index.html', text: '<h1>Welcome</h1>\n' } }, { edit: { path: 'README.md', replace: [{ find: '# Site', with: '# The site' }] } }],
      },
    },
  },
  {
    query: `# Every prompt of the branch, what was undone included.
query Timeline($repo: String!, $branch: String!) {
  repo(name: $repo) {
    branch(name: $branch) {
      state
      canUndo
      canRedo
      checkpoints(first: 50) { nodes { number state origin message prompt createdBy createdAt } }
    }
  }
}`,
    variables: { repo: 'demo/site', branch: 'session/hero' },
  },
  {
    query: `# What taking the last checkpoint back would change. Nothing is written.
mutation PreviewUndo($input: UndoInput!) {
  undo(input: $input) {
    ... on UndoSuccess { diff { stats { files additions deletions } files(first: 20) { nodes { path status } } } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', branch: 'session/hero', dryRun: true } },
  },
  {
    query: `# Taken back: the branch moves along its timeline, and nothing is lost.
mutation Undo($input: UndoInput!) {
  undo(input: $input) {
    ... on UndoSuccess { branch { headOid version canUndo canRedo } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', branch: 'session/hero' } },
  },
  {
    query: `# And brought again.
mutation Redo($input: RedoInput!) {
  redo(input: $input) {
    ... on RedoSuccess { branch { headOid version } checkpoint { number message } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', branch: 'session/hero' } },
  },
  {
    query: `# An earlier content, whole or at some paths, as a new checkpoint. With dryRun it is shown and not made.
mutation Restore($input: RestoreInput!) {
  restore(input: $input) {
    ... on RestoreSuccess { diff { files(first: 20) { nodes { path status } } } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', branch: 'session/hero', to: 'main', paths: ['README.md'], dryRun: true } },
  },
  {
    query: `# Run this one first and leave it running: it shows each proposal as it is opened.
subscription Inbox($repo: String) {
  proposalOpened(repo: $repo) {
    cursor
    at
    actor
    repoName
    proposal { id number title sourceName targetName }
  }
}`,
    variables: { repo: 'demo/site' },
  },
  {
    query: `# The agent asks for a merge.
mutation OpenProposal($input: OpenProposalInput!) {
  openProposal(input: $input) {
    ... on OpenProposalSuccess { proposal { id number state head { oid } } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', source: 'session/hero', title: 'Add a hero section', body: 'As asked for.' } },
  },
  {
    query: `# A person reads what would change. The head's oid is what a review and a merge name.
query ReadDiff($repo: String!, $number: Int!) {
  repo(name: $repo) {
    proposal(number: $number) {
      title
      state
      head { oid }
      rules { rule satisfied explanation }
      mergePreview { outcome conflicts(first: 10) { edges { node { path kind } } } }
      diff {
        stats { files additions deletions }
        files(first: 20) {
          edges {
            node {
              path
              status
              additions
              deletions
              hunks(first: 10) { edges { node { section lines { kind oldNumber newNumber text } } } }
            }
          }
        }
      }
    }
  }
}`,
    variables: { repo: 'demo/site', number: 1 },
  },
  {
    query: `# A word on a line of it.
mutation Comment($input: CommentOnProposalInput!) {
  commentOnProposal(input: $input) {
    ... on CommentOnProposalSuccess { comment { id body } thread { id path line side } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', number: 1, path: 'index.html', side: 'NEW', line: 1, body: 'Welcome to what?' } },
  },
  {
    query: `# What the target would get from a part of it: files, or hunks by the ids that the diff shows. Nothing is written.
query PreviewPart($repo: String!, $number: Int!, $only: [AcceptInput!]) {
  repo(name: $repo) {
    proposal(number: $number) {
      mergePreview(only: $only) {
        outcome
        diff { files(first: 20) { nodes { path status additions deletions } } }
        conflicts(first: 10) { nodes { path kind } }
      }
    }
  }
}`,
    variables: { repo: 'demo/site', number: 1, only: [{ path: 'index.html' }] },
  },
  {
    query: `# Approve exactly what was read. It takes another key than the one that did the work.
mutation Approve($input: ReviewProposalInput!) {
  reviewProposal(input: $input) {
    ... on ReviewProposalSuccess { proposal { state } review { verdict headOid } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', number: 1, verdict: 'APPROVE', head: 'paste the head’s oid here' } },
  },
  {
    query: `# Only now does the work pass into the default branch.
mutation Merge($input: MergeProposalInput!) {
  mergeProposal(input: $input) {
    ... on MergeProposalSuccess { outcome commit { oid headline } branch { name headOid } proposal { state } }
    ... on MergeConflicted { conflicts(first: 10) { edges { node { path kind } } } }
    ... on RulesUnmet { rules { rule satisfied explanation } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', number: 1, expectedHead: 'paste the head’s oid here' } },
  },
  {
    query: `# Or only a part of it; the rest is declined with a reason that the agent reads.
mutation MergePart($input: MergeProposalInput!) {
  mergeProposal(input: $input) {
    ... on MergeProposalSuccess { outcome commit { oid } declined { path hunks reason } proposal { state } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', number: 1, expectedHead: 'paste the head’s oid here', only: [{ path: 'index.html' }], declineReason: 'Just the page.' } },
  },
  {
    query: `# Or it does not.
mutation Reject($input: RejectProposalInput!) {
  rejectProposal(input: $input) {
    ... on RejectProposalSuccess { proposal { state reason } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', number: 1, reason: 'Not this time.' } },
  },
  {
    query: `# The branches of a repository: which rest, and how far they have gone apart from the default branch.
query Branches($repo: String!) {
  repo(name: $repo) {
    branches(first: 50, orderBy: { field: LAST_ACTIVITY, direction: DESC }) {
      nodes { name kind state lastActivityAt createdBy aheadBehind { ahead behind } }
    }
  }
}`,
    variables: { repo: 'demo/site' },
  },
  {
    query: `# What happened, by whom, and how long callers waited for each kind of it.
query Activity($repo: String!) {
  repo(name: $repo) {
    operations(first: 20) { nodes { seq kind actor at durationMs refs { branchName } } }
    latency { kind count p50 p95 max }
  }
}`,
    variables: { repo: 'demo/site' },
  },
];
