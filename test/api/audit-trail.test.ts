import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

const WHO_DID = `query ($repo: String!, $filter: OperationFilter) { repo(name: $repo) { operations(first: 50, filter: $filter) { edges { node {
  seq kind actor keyName at durationMs requestId runId hash refs { branchName before after }
} } } } }`;
const ACROSS = 'query ($filter: OperationFilter) { operations(first: 50, filter: $filter) { edges { node { kind actor keyName repo { name } subject { id } at } } } }';

let gateway: TestGateway;
let agent: string;
let between: string;
beforeAll(async () => {
  gateway = await startGateway();
  agent = await gateway.createKey({ name: 'agent', actor: 'agent-7', repos: ['app'] });
  await seedRepo(gateway, 'app');
  await seedRepo(gateway, 'other');
  await seedBranch(gateway, 'app', 'session/1', agent);
  await seedCheckpoint(gateway, 'app', 'session/1', { path: 'a.txt', text: 'a\n' }, agent);
  const last = (await operations('app', {}))[0];
  between = new Date(Date.parse(last.at) + 1).toISOString();
  await vi.waitUntil(() => Date.now() > Date.parse(between) + 5);
  await seedCheckpoint(gateway, 'app', 'main', { path: 'b.txt', text: 'b\n' });
});
afterAll(() => gateway.close());

async function operations(repo: string, filter: object, key?: string): Promise<Json[]> {
  const { repo: found } = await gateway.data(WHO_DID, { repo, filter }, key);
  return found.operations.edges.map(({ node }: Json) => node);
}

function kinds(rows: readonly Json[]): string[] {
  return rows.map(({ kind }) => kind);
}

async function everywhere(filter: object): Promise<Json[]> {
  const { operations: found } = await gateway.data(ACROSS, { filter });
  return found.edges.map(({ node }: Json) => node);
}

describe('the audit trail', () => {
  it('says who did what, with which key, to which references, in which request', async () => {
    const [row, ...others] = await operations('app', { branch: 'session/1', kinds: ['CREATE_CHECKPOINT'] });
    expect(others).toEqual([]);
    expect(row).toMatchObject({ kind: 'CREATE_CHECKPOINT', actor: 'agent-7', keyName: 'agent', runId: null });
    expect(row.refs).toEqual([{ branchName: 'session/1', before: expect.stringMatching(/^[0-9a-f]{40}$/u), after: expect.stringMatching(/^[0-9a-f]{40}$/u) }]);
    expect(row.hash).toMatch(/^[0-9a-f]{64}$/u);
    expect(row.requestId).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it('is filtered by key, by either of its ids', async () => {
    const { apiKeys } = await gateway.data('{ apiKeys(first: 50) { edges { node { id name } } } }');
    const { id } = apiKeys.edges.find(({ node }: Json) => node.name === 'agent').node;
    for (const key of [id, agent.split('_')[1]]) {
      expect((await operations('app', { key })).map(({ kind }) => kind)).toEqual(['CREATE_CHECKPOINT', 'CREATE_BRANCH']);
    }
    expect(await operations('app', { key: 'ApiKey:nobodynobody' })).toEqual([]);
    expect(await operations('app', { key: 'Repo:1' })).toEqual([]);
  });

  it('is filtered by time: from a moment on, and before it', async () => {
    expect((await operations('app', { since: between })).map(({ refs }) => refs[0].branchName)).toEqual(['main']);
    expect((await operations('app', { until: between, kinds: ['CREATE_CHECKPOINT', 'CREATE_BRANCH'] })).map(({ kind }) => kind)).toEqual(['CREATE_CHECKPOINT', 'CREATE_BRANCH']);
    expect(await operations('app', { since: between, until: between })).toEqual([]);
  });

  it('across repositories has the rows of keys as well, by kind, actor and time', async () => {
    expect((await everywhere({ kinds: ['CREATE_KEY', 'CREATE_REPO'] })).map(({ kind, repo }) => [kind, repo?.name ?? null])).toEqual([
      ['CREATE_REPO', 'other'], ['CREATE_REPO', 'app'], ['CREATE_KEY', null], ['CREATE_KEY', null],
    ]);
    expect((await everywhere({ actor: 'agent-7' })).map(({ kind }) => kind)).toEqual(['CREATE_CHECKPOINT', 'CREATE_BRANCH']);
    expect((await everywhere({ since: between })).map(({ kind }) => kind)).toEqual(['CREATE_CHECKPOINT']);
  });

  it('is for keys with AUDIT alone', async () => {
    const answer = await gateway.gql(ACROSS, {}, agent);
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await gateway.gql(WHO_DID, { repo: 'app' }, agent)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

// The last, because the others list every repository that there is.
describe('the audit trail of a proposal', () => {
  it('is what was about it, and moves of its branch that revised it, for who may read it', async () => {
    await seedRepo(gateway, 'asked');
    for (const name of ['session/1', 'session/2']) {
      await seedBranch(gateway, 'asked', name);
      await seedCheckpoint(gateway, 'asked', name, { path: `${name}.txt`, text: 'a\n' });
    }
    const open = async (source: string): Promise<Json> => {
      const { openProposal } = await gateway.data('mutation ($source: String!) { openProposal(input: { repo: "asked", source: $source, title: "T" }) { ... on OpenProposalSuccess { proposal { id number } } } }', { source });
      return openProposal.proposal;
    };
    const [one, two] = [await open('session/1'), await open('session/2')];
    await gateway.data('mutation ($number: Int!) { commentOnProposal(input: { repo: "asked", number: $number, body: "Why?" }) { __typename } }', { number: one.number });
    await seedCheckpoint(gateway, 'asked', 'session/1', { path: 'more.txt', text: 'b\n' });
    await gateway.data('mutation ($number: Int!) { closeProposal(input: { repo: "asked", number: $number }) { __typename } }', { number: one.number });
    expect(kinds(await operations('asked', { proposalId: one.id }))).toEqual(['CLOSE_PROPOSAL', 'CREATE_CHECKPOINT', 'COMMENT', 'OPEN_PROPOSAL']);
    expect(kinds(await everywhere({ proposalId: one.id, kinds: ['COMMENT', 'OPEN_PROPOSAL'] }))).toEqual(['COMMENT', 'OPEN_PROPOSAL']);
    expect(kinds(await operations('asked', { proposalId: one.id, branch: 'session/1' }))).toEqual(['CREATE_CHECKPOINT']);
    expect(kinds(await operations('asked', { proposalId: two.id }))).toEqual(['OPEN_PROPOSAL']);
    for (const other of ['Proposal:999999', 'Repo:1', 'nothing']) expect(await operations('asked', { proposalId: other })).toEqual([]);
    const blind = await gateway.createKey({ scopes: ['READ', 'AUDIT'], repos: ['asked'], readBranches: ['main'] });
    expect(await operations('asked', { proposalId: one.id }, blind)).toEqual([]);
  });
});
