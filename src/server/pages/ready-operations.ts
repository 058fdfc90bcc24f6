/** An operation that the playground opens with. */
export interface ReadyOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const PROBLEM = '... on Problem { code message hint }';

/** The approval flow, one tab a step, from an empty server to a merge. Every step works as it stands, top to bottom, but for the head that a review names. */
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
    query: `# Or it does not.
mutation Reject($input: RejectProposalInput!) {
  rejectProposal(input: $input) {
    ... on RejectProposalSuccess { proposal { state reason } }
    ${PROBLEM}
  }
}`,
    variables: { input: { repo: 'demo/site', number: 1, reason: 'Not this time.' } },
  },
];
