import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let names = 0;

const SETTINGS = { WEIR_MAX_REPOS: '40', WEIR_MAX_BRANCHES: '6', WEIR_MAX_PROPOSALS: '3', WEIR_MAX_CHECKPOINT: '4096' };

beforeAll(async () => {
  gateway = await startGateway({ settings: SETTINGS });
});
afterAll(() => gateway.close());

const PROBLEM = '__typename ... on Problem { message hint } ... on LimitExceeded { limit maximum requested } ... on InvalidInput { field rule }';
const USAGE = 'usage { branches checkpoints openProposals quotas { limit used maximum } }';

/** What the one field of the mutation answers. */
async function call(verb: string, input: Readonly<Record<string, unknown>>, success = '', key?: string) {
  const name = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  const type = ['closeProposal', 'reopenProposal'].includes(verb) ? 'ProposalInput' : `${name}Input`;
  const answer = await gateway.data(`mutation ($input: ${type}!) { ${verb}(input: $input) { ${PROBLEM} ... on ${name}Success { operation { seq } ${success} } } }`, { input }, key);
  return answer[verb];
}

/** A new repository with these limits of its own. */
async function made(limits?: Readonly<Record<string, number | null>>): Promise<string> {
  const name = `quota-${names++}`;
  expect(await call('createRepo', { name, files: [{ path: 'a.txt', text: 'a\n' }], ...(limits === undefined ? {} : { settings: { limits } }) })).toMatchObject({ __typename: 'CreateRepoSuccess' });
  return name;
}

async function usage(repo: string) {
  return (await gateway.data(`query ($repo: String!) { repo(name: $repo) { ${USAGE} operations(first: 1) { edges { node { seq } } } } }`, { repo })).repo;
}

async function branch(repo: string, name: string) {
  return call('createBranch', { repo, name }, 'branch { id }');
}

/** A branch with work on it. */
async function worked(repo: string, name: string): Promise<void> {
  await branch(repo, name);
  expect(await call('createCheckpoint', { repo, branch: name, message: 'Work', changes: [{ write: { path: `${name}.txt`, text: name } }] })).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
}

async function propose(repo: string, source: string) {
  return call('openProposal', { repo, source, title: 'Work' }, 'proposal { number }');
}

function kinds(outcomes: readonly { readonly __typename: string }[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { __typename } of outcomes) counted[__typename] = (counted[__typename] ?? 0) + 1;
  return counted;
}

describe('limits on what is held', () => {
  it('are told by the server, by name', async () => {
    const { server } = await gateway.data('{ server { limits { name value } } }');
    expect(server.limits).toEqual(expect.arrayContaining([{ name: 'reposPerKey', value: 40 }, { name: 'branchesPerRepo', value: 6 }, { name: 'openProposalsPerRepo', value: 3 }, { name: 'checkpointBytes', value: 4096 }]));
  });

  it('are shown beside what a repository has of each, the narrower of the server’s and its own', async () => {
    const repo = await made({ branchesPerRepo: 4 });
    await worked(repo, 'one');
    await propose(repo, 'one');
    expect(await usage(repo)).toMatchObject({
      usage: { branches: 2, checkpoints: 2, openProposals: 1, quotas: [{ limit: 'branchesPerRepo', used: 2, maximum: 4 }, { limit: 'openProposalsPerRepo', used: 1, maximum: 3 }, { limit: 'repoBytes' }] },
    });
    const { repo: { settings } } = await gateway.data('query ($repo: String!) { repo(name: $repo) { settings { limits { branchesPerRepo openProposalsPerRepo } } } }', { repo });
    expect(settings.limits).toEqual({ branchesPerRepo: 4, openProposalsPerRepo: null });
  });

  it.each([
    [{ branchesPerRepo: 7 }, 'settings.limits.branchesPerRepo', 'limits/wider'],
    [{ branchesPerRepo: 0 }, 'settings.limits.branchesPerRepo', 'limits/range'],
    [{ openProposalsPerRepo: 4 }, 'settings.limits.openProposalsPerRepo', 'limits/wider'],
    [{ checkpointBytes: 4097 }, 'settings.limits.checkpointBytes', 'limits/wider'],
    [{ checkpointBytes: 0 }, 'settings.limits.checkpointBytes', 'limits/range'],
    [{ changesPerCheckpoint: 10_001 }, 'settings.limits.changesPerCheckpoint', 'limits/wider'],
    [{ openProposalsPerRepo: -1 }, 'settings.limits.openProposalsPerRepo', 'limits/range'],
  ])('of a repository can only be narrower: %j', async (limits, field, rule) => {
    const repo = await made();
    expect(await call('updateRepo', { repo, settings: { limits } })).toMatchObject({ __typename: 'InvalidInput', field, rule });
    expect(await call('createRepo', { name: 'never', settings: { limits } })).toMatchObject({ __typename: 'InvalidInput', field, rule });
  });
});

describe('branchesPerRepo', () => {
  it('refuses one branch more, with the numbers, and leaves nothing of it', async () => {
    const repo = await made({ branchesPerRepo: 2 });
    await branch(repo, 'one');
    const before = await usage(repo);
    expect(await branch(repo, 'two')).toEqual({
      __typename: 'LimitExceeded', limit: 'branchesPerRepo', maximum: 2, requested: 3,
      message: 'The limit "branchesPerRepo" is 2, and this would be 3.',
      hint: 'Take away what is not needed any more, or ask the operator of this server, or who administers the repository, for a higher limit.',
    });
    expect(await usage(repo)).toEqual(before);
  });

  it('has room again for a deleted branch, which then cannot come back', async () => {
    const repo = await made({ branchesPerRepo: 2 });
    const { branch: one } = await branch(repo, 'one');
    await call('deleteBranch', { repo, name: 'one' });
    expect(await branch(repo, 'two')).toMatchObject({ __typename: 'CreateBranchSuccess' });
    expect(await call('restoreBranch', { id: one.id })).toMatchObject({ __typename: 'LimitExceeded', limit: 'branchesPerRepo', maximum: 2, requested: 3 });
    await call('deleteBranch', { repo, name: 'two' });
    expect(await call('restoreBranch', { id: one.id })).toMatchObject({ __typename: 'RestoreBranchSuccess' });
    expect(await usage(repo)).toMatchObject({ usage: { branches: 2 } });
  });

  it('lets through exactly as many of sixteen at once as fit', async () => {
    const repo = await made();
    const outcomes = await Promise.all(Array.from({ length: 16 }, (_, index) => branch(repo, `b${index}`)));
    expect(kinds(outcomes)).toEqual({ CreateBranchSuccess: 5, LimitExceeded: 11 });
    expect(await usage(repo)).toMatchObject({ usage: { branches: 6 }, operations: { edges: [{ node: { seq: 6 } }] } });
    const { repo: { branches } } = await gateway.data('query ($repo: String!) { repo(name: $repo) { branches { edges { node { name } } } } }', { repo });
    expect(branches.edges).toHaveLength(6);
  });

  it('stops nothing but more of the same where it was narrowed below what is there', async () => {
    const repo = await made();
    for (const name of ['one', 'two']) await worked(repo, name);
    expect(await call('updateRepo', { repo, settings: { limits: { branchesPerRepo: 1 } } })).toMatchObject({ __typename: 'UpdateRepoSuccess' });
    expect(await usage(repo)).toMatchObject({ usage: { quotas: [{ limit: 'branchesPerRepo', used: 3, maximum: 1 }, {}, {}] } });
    expect(await branch(repo, 'three')).toMatchObject({ limit: 'branchesPerRepo', maximum: 1, requested: 4 });
    expect(await propose(repo, 'one')).toMatchObject({ __typename: 'OpenProposalSuccess' });
    expect(await call('createCheckpoint', { repo, branch: 'two', message: 'More', changes: [{ write: { path: 'b.txt', text: 'b' } }] })).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
    expect(await call('deleteBranch', { repo, name: 'two' })).toMatchObject({ __typename: 'DeleteBranchSuccess' });
    expect(await usage(repo)).toMatchObject({ usage: { branches: 2, checkpoints: 4 } });
  });
});

describe('openProposalsPerRepo', () => {
  it('refuses one more, and has room again for each that ends', async () => {
    const repo = await made({ openProposalsPerRepo: 1 });
    for (const name of ['one', 'two']) await worked(repo, name);
    expect(await propose(repo, 'one')).toMatchObject({ __typename: 'OpenProposalSuccess' });
    const before = await usage(repo);
    expect(await propose(repo, 'two')).toMatchObject({ __typename: 'LimitExceeded', limit: 'openProposalsPerRepo', maximum: 1, requested: 2 });
    expect(await usage(repo)).toEqual(before);
    await call('closeProposal', { repo, number: 1 });
    expect(await usage(repo)).toMatchObject({ usage: { openProposals: 0 } });
    // The number of the refused one was not used up.
    expect(await propose(repo, 'two')).toMatchObject({ proposal: { number: 2 } });
    expect(await call('reopenProposal', { repo, number: 1 })).toMatchObject({ __typename: 'LimitExceeded', limit: 'openProposalsPerRepo', maximum: 1, requested: 2 });
    await call('rejectProposal', { repo, number: 2, reason: 'no' });
    expect(await call('reopenProposal', { repo, number: 1 })).toMatchObject({ __typename: 'ReopenProposalSuccess' });
    expect(await usage(repo)).toMatchObject({ usage: { openProposals: 1 } });
  });

  it('counts a proposal while it is under review, and no more when it is merged, or rejected with its source', async () => {
    const repo = await made();
    await call('updateRepo', { repo, settings: { approvalsRequired: 0 } });
    for (const name of ['one', 'two']) {
      await worked(repo, name);
      await propose(repo, name);
    }
    const { proposal } = await call('updateProposal', { repo, number: 1, body: 'why' }, 'proposal { head { oid } }');
    const reviewer = await gateway.createKey({ scopes: ['READ', 'REVIEW'], actor: 'rita' });
    expect(await call('reviewProposal', { repo, number: 1, verdict: 'REQUEST_CHANGES', head: proposal.head.oid, body: 'no' }, '', reviewer)).toMatchObject({ __typename: 'ReviewProposalSuccess' });
    expect(await call('reviewProposal', { repo, number: 1, verdict: 'APPROVE', head: proposal.head.oid }, '', reviewer)).toMatchObject({ __typename: 'ReviewProposalSuccess' });
    expect(await usage(repo)).toMatchObject({ usage: { openProposals: 2 } });
    expect(await call('mergeProposal', { repo, number: 1, expectedHead: proposal.head.oid })).toMatchObject({ __typename: 'MergeProposalSuccess' });
    expect(await usage(repo)).toMatchObject({ usage: { openProposals: 1 } });
    await call('rejectProposal', { repo, number: 2, reason: 'no', deleteSource: true });
    expect(await usage(repo)).toMatchObject({ usage: { openProposals: 0, branches: 2 } });
  });

  it('can be none at all', async () => {
    const repo = await made({ openProposalsPerRepo: 0 });
    await worked(repo, 'one');
    expect(await propose(repo, 'one')).toMatchObject({ limit: 'openProposalsPerRepo', maximum: 0, requested: 1 });
  });
});

async function checkpoint(repo: string, input: Readonly<Record<string, unknown>>) {
  return call('createCheckpoint', { repo, branch: 'main', message: 'Work', ...input });
}

function write(path: string, bytes: number) {
  return { write: { path, text: 'x'.repeat(bytes) } };
}

describe('limits of one checkpoint', () => {
  it('count the bytes of all its files together, up to the last one that fits', async () => {
    const repo = await made();
    expect(await checkpoint(repo, { changes: [write('b', 4000), write('c', 96)] })).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
    const before = await usage(repo);
    expect(await checkpoint(repo, { changes: [write('d', 4000), write('e', 97)] })).toMatchObject({ __typename: 'LimitExceeded', limit: 'checkpointBytes', maximum: 4096, requested: 4097 });
    expect(await usage(repo)).toEqual(before);
    expect(await checkpoint(repo, { changes: [{ move: { from: 'b', to: 'f' } }, write('g', 4096)] })).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
  });

  it('are narrower where the repository says so, for writes, edits and patches, and from its first commit on', async () => {
    const repo = await made({ checkpointBytes: 10, changesPerCheckpoint: 2 });
    const { repo: { settings } } = await gateway.data('query ($repo: String!) { repo(name: $repo) { settings { limits { checkpointBytes changesPerCheckpoint } } } }', { repo });
    expect(settings.limits).toEqual({ checkpointBytes: 10, changesPerCheckpoint: 2 });
    const passed = { __typename: 'LimitExceeded', limit: 'checkpointBytes', maximum: 10, requested: 11 };
    expect(await checkpoint(repo, { changes: [write('b', 11)] })).toMatchObject(passed);
    expect(await checkpoint(repo, { changes: [{ edit: { path: 'a.txt', replace: [{ find: 'a', with: 'x'.repeat(10) }] } }] })).toMatchObject(passed);
    expect(await checkpoint(repo, { patch: '--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+xxxxxxxxxx\n' })).toMatchObject(passed);
    expect(await checkpoint(repo, { changes: ['b', 'c', 'd'].map((path) => write(path, 1)) })).toMatchObject({ limit: 'changesPerCheckpoint', maximum: 2, requested: 3 });
    expect(await checkpoint(repo, { changes: [write('b', 4), write('c', 6)] })).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
    expect(await call('createRepo', { name: 'never', files: [{ path: 'a', text: 'x'.repeat(11) }], settings: { limits: { checkpointBytes: 10 } } })).toMatchObject(passed);
  });
});

describe('reposPerKey', () => {
  it('lets through exactly as many of one key’s at once as fit, and counts those of others apart', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => gateway.createKey()));
    const create = (name: string, key: string | undefined) => call('createRepo', { name }, 'repo { id }', key);
    const outcomes = await Promise.all(Array.from({ length: 44 }, (_, index) => create(`crowd-${index}`, one)));
    expect(kinds(outcomes)).toEqual({ CreateRepoSuccess: 40, LimitExceeded: 4 });
    expect(await create('one-more', one)).toMatchObject({ limit: 'reposPerKey', maximum: 40, requested: 41 });
    expect(await create('one-more', other)).toMatchObject({ __typename: 'CreateRepoSuccess' });

    // A deleted one makes room, and comes back only where there is room.
    const name = `crowd-${outcomes.findIndex(({ __typename }) => __typename === 'CreateRepoSuccess')}`;
    const { repo } = await gateway.data('query ($name: String!) { repo(name: $name) { id } }', { name });
    expect(await call('deleteRepo', { repo: name })).toMatchObject({ __typename: 'DeleteRepoSuccess' });
    expect(await create('in-its-place', one)).toMatchObject({ __typename: 'CreateRepoSuccess' });
    expect(await call('restoreRepo', { id: repo.id })).toMatchObject({ __typename: 'LimitExceeded', limit: 'reposPerKey', maximum: 40, requested: 41 });
    await call('deleteRepo', { repo: 'in-its-place' });
    expect(await call('restoreRepo', { id: repo.id })).toMatchObject({ __typename: 'RestoreRepoSuccess' });
  });
});
