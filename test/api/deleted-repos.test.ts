import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_KEEP_DELETED_REPOS: '14d' } });
  for (const name of ['group/one', 'group/two', 'other/three', 'group/live']) {
    await gateway.data('mutation ($name: String!) { createRepo(input: { name: $name, description: "What it was" }) { __typename } }', { name });
  }
  for (const name of ['group/one', 'group/two', 'other/three']) await gateway.data('mutation ($name: String!) { deleteRepo(input: { repo: $name }) { __typename } }', { name });
});
afterAll(() => gateway.close());

const LIST = 'query ($after: String, $first: Int) { deletedRepos(first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { node { repoId name description packBytes deletedAt removedAfter } } } }';

async function names(key?: string): Promise<string[]> {
  const { deletedRepos } = await gateway.data(LIST, {}, key);
  return deletedRepos.edges.map(({ node }: { readonly node: { readonly name: string } }) => node.name);
}

describe('deleted repositories', () => {
  it('are listed for ADMIN, the last deleted first, with until when they can be restored', async () => {
    const first = (await gateway.data(LIST, { first: 2 })).deletedRepos;
    expect(first.edges.map(({ node }: { readonly node: object }) => node)).toMatchObject([{ name: 'other/three', description: 'What it was' }, { name: 'group/two' }]);
    expect(first.edges[0].node.packBytes).toBeGreaterThan(0);
    const { deletedAt, removedAfter } = first.edges[0].node;
    expect(new Date(removedAfter).getTime() - new Date(deletedAt).getTime()).toBe(14 * 86_400_000);
    const rest = (await gateway.data(LIST, { after: first.pageInfo.endCursor })).deletedRepos;
    expect([first.pageInfo.hasNextPage, rest.edges.map(({ node }: { readonly node: object }) => node), rest.pageInfo.hasNextPage]).toMatchObject([true, [{ name: 'group/one' }], false]);
    const { server } = await gateway.data('{ server { limits { name value } } }');
    expect(server.limits).toContainEqual({ name: 'keepDeletedReposMs', value: 14 * 86_400_000 });
  });

  it('are those within the reach of the key', async () => {
    expect(await names(await gateway.createKey({ scopes: ['ADMIN'], repos: ['group/*'], branches: ['**'] }))).toEqual(['group/two', 'group/one']);
    const answer = await gateway.gql(LIST, {}, await gateway.createKey());
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('leave the list when they are restored by the id that it tells', async () => {
    const [{ node }] = (await gateway.data(LIST, { first: 1 })).deletedRepos.edges;
    expect(await gateway.data('mutation ($id: ID!) { restoreRepo(input: { id: $id }) { __typename ... on RestoreRepoSuccess { repo { name } } } }', { id: node.repoId })).toEqual({ restoreRepo: { __typename: 'RestoreRepoSuccess', repo: { name: 'other/three' } } });
    expect(await names()).toEqual(['group/two', 'group/one']);
  });
});
