import { createSourceEventStream, execute, parse, type ExecutionResult } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashSecret, KEY_SECRET_LENGTH } from '../../src/auth/key-format.js';
import { schema } from '../../schema/index.js';
import { openSchemaGateway, type Answer, type SchemaGateway } from './schema-gateway.js';

const PROBLEM = '... on Problem { __typename code message hint }';
const STALE = `... on StaleHead { expectedHead actualHead expectedVersion actualVersion now: branch { name version } since { edges { node { kind actor } } } }`;

let gateway: SchemaGateway;

beforeAll(async () => {
  gateway = await openSchemaGateway();
});

afterAll(() => gateway.close());

async function makeRepo(name: string, files: readonly { readonly path: string; readonly text: string }[]): Promise<string> {
  const answer = await gateway.run('ada', `mutation ($input: CreateRepoInput!) { createRepo(input: $input) { ... on CreateRepoSuccess { repo { id } } ${PROBLEM} } }`, { input: { name, files } });
  return answer.text('createRepo.repo.id');
}

async function branch(repo: string, name: string): Promise<string> {
  const answer = await gateway.run('ada', `mutation ($input: CreateBranchInput!) { createBranch(input: $input) { ... on CreateBranchSuccess { branch { id } } ${PROBLEM} } }`, { input: { repo, name } });
  return answer.text('createBranch.branch.id');
}

function write(actor: string, repo: string, branchRef: string, path: string, text: string, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  return gateway.run(
    actor,
    `mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { ... on CreateCheckpointSuccess { branch { headOid version } checkpoint { number } } ${PROBLEM} ${STALE} } }`,
    { input: { repo, branch: branchRef, message: `write ${path}`, changes: [{ write: { path, text } }], ...more } },
  );
}

const PROPOSAL = 'proposal { id number state title head { oid } base { oid } sourceName targetName reviews { edges { node { verdict actor stale headOid } } } rules { rule satisfied } revisions { edges { node { number head { oid } base { oid } } } } }';

test('a proposal goes from opening over a stale verdict to the merge, and says so at every step', async () => {
  const repo = await makeRepo('flow/app', [{ path: 'a.txt', text: 'one\n' }]);
  const source = await branch(repo, 'proposal/feature-1');
  const first = (await write('ada', repo, source, 'a.txt', 'two\n')).text('createCheckpoint.branch.headOid');
  const opened = await gateway.run('ada', `mutation ($input: OpenProposalInput!) { openProposal(input: $input) { ... on OpenProposalSuccess { ${PROPOSAL} operation { kind subject { __typename id } } } ${PROBLEM} } }`, { input: { repo, source, title: 'Two' } });
  expect(opened.at('openProposal.proposal')).toMatchObject({ number: 1, state: 'OPEN', head: { oid: first }, sourceName: 'proposal/feature-1', targetName: 'main' });
  expect(opened.at('openProposal.operation')).toEqual({ kind: 'OPEN_PROPOSAL', subject: { __typename: 'Proposal', id: opened.text('openProposal.proposal.id') } });

  const review = (actor: string, head: string): Promise<Answer> =>
    gateway.run(actor, `mutation ($input: ReviewProposalInput!) { reviewProposal(input: $input) { ... on ReviewProposalSuccess { ${PROPOSAL} review { verdict stale } } ${PROBLEM} } }`, { input: { repo, number: 1, verdict: 'APPROVE', head, body: 'fine' } });
  expect((await review('ada', first)).at('reviewProposal')).toMatchObject({ __typename: 'Forbidden', code: 'FORBIDDEN' });
  expect((await review('bob', first)).at('reviewProposal.proposal.state')).toBe('APPROVED');

  const second = (await write('ada', repo, source, 'b.txt', 'new\n')).text('createCheckpoint.branch.headOid');
  const merge = (head: string): Promise<Answer> =>
    gateway.run('carol', `mutation ($input: MergeProposalInput!) { mergeProposal(input: $input) { ... on MergeProposalSuccess { ${PROPOSAL} outcome commit { oid parents { oid } } branch { name headOid } operation { kind } } ... on RulesUnmet { rules { rule satisfied explanation } } ${PROBLEM} } }`, { input: { repo, number: 1, expectedHead: head } });
  expect((await merge(second)).at('mergeProposal')).toMatchObject({ code: 'RULES_UNMET', rules: [{ rule: 'approvals', satisfied: false }, { satisfied: true }] });
  const approved = await review('bob', second);
  expect(approved.at('reviewProposal.proposal.reviews.edges')).toMatchObject([{ node: { actor: 'bob', stale: true, headOid: first } }, { node: { actor: 'bob', stale: false, headOid: second } }]);

  const merged = await merge(second);
  expect(merged.at('mergeProposal')).toMatchObject({ outcome: 'MERGED', proposal: { state: 'MERGED', rules: [] }, branch: { name: 'main' }, operation: { kind: 'MERGE_PROPOSAL' } });
  expect(merged.at('mergeProposal.commit.parents.1.oid')).toBe(second);
  const after = await gateway.run('ada', `query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { mergeCommit { oid } closedBy diff { stats { files } } second: diff(revision: 2) { files { edges { node { path } } } } none: diff(revision: 9) { id } source { state } events { edges { node { __typename kind ... on ProposalMerged { commit { oid } } ... on ProposalReviewed { review { verdict } } } } } } } }`, { repo });
  expect(after.at('repo.proposal')).toMatchObject({ closedBy: 'carol', diff: { stats: { files: 2 } }, second: { files: { edges: [{ node: { path: 'b.txt' } }] } }, none: null, source: { state: 'MERGED' } });
  await expect.poll(async () => (await gateway.run('ada', `query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { events { edges { node { kind } } } } } }`, { repo })).at('repo.proposal.events.edges')).toEqual(
    ['PROPOSAL_OPENED', 'PROPOSAL_REVIEWED', 'PROPOSAL_REVISED', 'PROPOSAL_REVIEWED', 'PROPOSAL_MERGED'].map((kind) => ({ node: { kind } })),
  );
});

/** The proposal as it is shown where the approval of its earlier revision counts, or does not. */
const judged = (counts: boolean): unknown => ({
  state: 'OPEN',
  rules: [{ rule: 'approvals', satisfied: counts }, { rule: 'no-changes-requested', satisfied: true }],
  reviews: { nodes: [{ actor: 'bob', stale: !counts }, { actor: 'carol', stale: true }] },
});

test('an approval of an earlier revision is stale just where the rules say that it counts no longer', async () => {
  const repo = await makeRepo('flow/lenient', [{ path: 'a.txt', text: 'one\n' }]);
  const source = await branch(repo, 'proposal/feature-1');
  const head = (await write('ada', repo, source, 'a.txt', 'two\n')).text('createCheckpoint.branch.headOid');
  await gateway.run('ada', `mutation ($input: OpenProposalInput!) { openProposal(input: $input) { ... on OpenProposalSuccess { ${PROPOSAL} } ${PROBLEM} } }`, { input: { repo, source, title: 'Two' } });
  const review = async (actor: string, verdict: string): Promise<void> => {
    const reviewed = await gateway.run(actor, `mutation ($input: ReviewProposalInput!) { reviewProposal(input: $input) { ... on ReviewProposalSuccess { review { verdict } } ${PROBLEM} } }`, { input: { repo, number: 1, verdict, head } });
    expect(reviewed.at('reviewProposal')).toMatchObject({ review: { verdict } });
  };
  await review('bob', 'APPROVE');
  await review('carol', 'REQUEST_CHANGES');
  await write('ada', repo, source, 'b.txt', 'new\n');
  const shown = async (dismissStale: boolean): Promise<unknown> => {
    const settings = { review: { rules: [{ targets: ['main'], dismissStale }] } };
    const updated = await gateway.run('root', `mutation ($input: UpdateRepoInput!) { updateRepo(input: $input) { ... on UpdateRepoSuccess { repo { id } } ${PROBLEM} } }`, { input: { repo, settings } }, { scopes: ['ADMIN'] });
    expect(updated.at('updateRepo')).toMatchObject({ repo: { id: repo } });
    const answer = await gateway.run('ada', 'query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { state rules { rule satisfied } reviews { nodes { actor stale } } } } }', { repo });
    return answer.at('repo.proposal');
  };
  expect(await shown(true)).toEqual(judged(false));
  expect(await shown(false)).toEqual(judged(true));
});

test('a preview shows what a merge would change, its conflicts with sides and markers, and writes nothing', async () => {
  const repo = await makeRepo('flow/preview', [{ path: 'a.txt', text: 'one\n' }, { path: 'keep.txt', text: 'k\n' }]);
  const mine = await branch(repo, 'mine');
  await write('ada', repo, mine, 'a.txt', 'mine\n');
  await write('ada', repo, 'main', 'c.txt', 'c\n');
  const clean = await gateway.run('ada', `query ($repo: String!) { repo(name: $repo) { mergePreview(from: "mine", into: "main") { id outcome treeOid bases { oid } from { oid } into { oid } conflicts { edges { node { path } } } diff { id stats { files additions } files { edges { node { path newBlob { text url } } } } patch } } } }`, { repo });
  expect(clean.at('repo.mergePreview')).toMatchObject({ outcome: 'MERGED', conflicts: { edges: [] }, diff: { stats: { files: 1, additions: 1 }, files: { edges: [{ node: { path: 'a.txt', newBlob: { text: 'mine\n' } } }] } } });

  await write('ada', repo, 'main', 'a.txt', 'theirs\n');
  const conflicted = await gateway.run('ada', `query ($repo: String!) { repo(name: $repo) { branch(name: "mine") { mergePreview { id outcome treeOid diff { id } into { oid } from { oid } conflicts { edges { node { id path paths kind markers base { blob { text } } ours { path mode oid blob { text } } theirs { blob { text url } } hunks { id base ours theirs } } } } } } } }`, { repo });
  const preview = 'repo.branch.mergePreview';
  expect(conflicted.at(preview)).toMatchObject({ outcome: 'CONFLICTED', treeOid: null, diff: null });
  expect(conflicted.at(`${preview}.conflicts.edges.0.node`)).toMatchObject({
    path: 'a.txt', paths: ['a.txt'], kind: 'CONTENT', base: { blob: { text: 'one\n' } }, ours: { path: 'a.txt', mode: 'FILE', blob: { text: 'theirs\n' } }, theirs: { blob: { text: 'mine\n' } },
    hunks: [{ base: 'one\n', ours: 'theirs\n', theirs: 'mine\n' }],
    markers: `<<<<<<< ${conflicted.text(`${preview}.into.oid`)}\ntheirs\n=======\nmine\n>>>>>>> ${conflicted.text(`${preview}.from.oid`)}\n`,
  });
  const again = await gateway.run('ada', 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on MergePreview { outcome } ... on Diff { stats { files } } } }', {
    ids: [clean.text('repo.mergePreview.id'), conflicted.text(`${preview}.id`), clean.text('repo.mergePreview.diff.id'), 'Branch:999999', 'nonsense'],
  });
  expect(again.at('nodes')).toMatchObject([{ __typename: 'MergePreview', outcome: 'MERGED' }, { __typename: 'MergePreview', outcome: 'CONFLICTED' }, { __typename: 'Diff', stats: { files: 1 } }, null, null]);

  const refused = await gateway.run('ada', `mutation ($input: MergeBranchInput!) { mergeBranch(input: $input) { ... on MergeBranchSuccess { outcome } ... on MergeConflicted { conflicts { edges { node { path kind markers } } } } ${PROBLEM} } }`, { input: { repo, from: 'mine', into: 'main' } });
  expect(refused.at('mergeBranch')).toMatchObject({ __typename: 'MergeConflicted', code: 'MERGE_CONFLICTED', conflicts: { edges: [{ node: { path: 'a.txt', kind: 'CONTENT' } }] } });
});

test('a stale head comes with what happened since', async () => {
  const repo = await makeRepo('flow/stale', [{ path: 'a.txt', text: '1\n' }]);
  const one = await write('ada', repo, 'main', 'a.txt', '2\n');
  await write('bob', repo, 'main', 'a.txt', '3\n');
  await write('carol', repo, 'main', 'a.txt', '4\n');
  const byHead = await write('ada', repo, 'main', 'a.txt', '5\n', { expectedHead: one.text('createCheckpoint.branch.headOid') });
  const since = { edges: [{ node: { kind: 'CREATE_CHECKPOINT', actor: 'bob' } }, { node: { kind: 'CREATE_CHECKPOINT', actor: 'carol' } }] };
  expect(byHead.at('createCheckpoint')).toMatchObject({ __typename: 'StaleHead', now: { name: 'main' }, since });
  const byVersion = await write('ada', repo, 'main', 'a.txt', '5\n', { expectedVersion: one.at('createCheckpoint.branch.version') });
  expect(byVersion.at('createCheckpoint')).toMatchObject({ __typename: 'StaleHead', since });
  const never = await write('ada', repo, 'main', 'a.txt', '5\n', { expectedHead: '0'.repeat(40) });
  expect(never.at('createCheckpoint')).toMatchObject({ __typename: 'StaleHead', since: null });
});

test('a subscription resumes after a cursor, in order, sees rows as they are now, and ends with its key', async () => {
  const repo = await makeRepo('flow/events', [{ path: 'a.txt', text: '1\n' }]);
  const cursor = (await gateway.run('ada', '{ eventCursor }')).text('eventCursor');
  const head2 = (await write('ada', repo, 'main', 'a.txt', '2\n')).text('createCheckpoint.branch.headOid');
  const head3 = (await write('ada', repo, 'main', 'a.txt', '3\n')).text('createCheckpoint.branch.headOid');
  const created = await gateway.run('root', `mutation { createApiKey(input: { name: "listener", scopes: [READ], repos: ["flow/**"], branches: [] }) { ... on CreateApiKeySuccess { secret key { id name scopes branches } operation { kind repo { id } } } ${PROBLEM} } }`, {}, { scopes: ['ADMIN'] });
  expect(created.at('createApiKey')).toMatchObject({ key: { name: 'listener', scopes: ['READ'], branches: [] }, operation: { kind: 'CREATE_KEY', repo: null } });
  const id = created.text('createApiKey.key.id');
  expect(created.text('createApiKey.secret').startsWith(`weir_${id.slice('ApiKey:'.length)}_`)).toBe(true);
  const stop = new AbortController();
  const context = gateway.context('listener', { id: id.slice('ApiKey:'.length), hash: hashSecret(created.text('createApiKey.secret').slice(-KEY_SECRET_LENGTH)) });
  context.request = { ...context.request, signal: stop.signal };
  const document = parse('subscription ($repo: String!, $after: String) { branchMoved(repo: $repo, after: $after) { cursor kind branchName before after version branch { headOid } checkpoint { number } } }');
  const stream = await createSourceEventStream({ schema, document, variableValues: { repo, after: cursor }, contextValue: context });
  const seen: ExecutionResult[] = [];
  if (!(Symbol.asyncIterator in stream)) throw new TypeError(JSON.stringify(stream));
  for await (const event of stream) {
    seen.push(await execute({ schema, document, rootValue: event, contextValue: context, variableValues: { repo } }));
    if (seen.length < 2) continue;
    await gateway.run('root', `mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { ... on RevokeApiKeySuccess { key { revokedAt } } ${PROBLEM} } }`, { id }, { scopes: ['ADMIN'] });
    await write('ada', repo, 'main', 'a.txt', '4\n');
  }
  // The stream ended by itself, before the third move: its key was revoked.
  expect(stop.signal.aborted).toBe(false);
  expect(seen.map((result) => result.errors)).toEqual([undefined, undefined]);
  expect(seen.map((result) => result.data?.['branchMoved'])).toMatchObject([{ after: head2, version: 2, branch: { headOid: head3 } }, { before: head2, after: head3, version: 3 }]);
});
