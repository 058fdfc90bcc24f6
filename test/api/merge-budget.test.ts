import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MERGE_TIMEOUT: '1ms' } });
});
afterAll(() => gateway.close());

/** Lines in an order of their own: much could match, little does. */
function shuffled(count: number, seed: number): string {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `line ${state % 701}\n`;
  }).join('');
}

it('a merge that compares lines for too long is refused by its limit, and its preview by its code', async () => {
  const write = (branch: string, seed: number): Promise<unknown> =>
    gateway.data('mutation ($branch: String!, $text: String!) { createCheckpoint(input: { repo: "r", branch: $branch, message: "Edit", changes: [{ write: { path: "f", text: $text } }] }) { __typename ... on Problem { message } } }', { branch, text: shuffled(60_000, seed) });
  await gateway.data('mutation { createRepo(input: { name: "r" }) { __typename } }');
  await write('main', 1);
  await gateway.data('mutation { createBranch(input: { repo: "r", name: "s" }) { __typename } }');
  await write('s', 2);
  await write('main', 3);
  const { mergeBranch } = await gateway.data('mutation { mergeBranch(input: { repo: "r", from: "s", into: "main" }) { __typename ... on LimitExceeded { limit maximum requested } } }');
  expect(mergeBranch).toMatchObject({ __typename: 'LimitExceeded', limit: 'mergeMs', maximum: 1 });
  expect(mergeBranch.requested).toBeGreaterThan(1);
  const preview = await gateway.gql('{ server { limits { name value } } repo(name: "r") { mergePreview(from: "s", into: "main") { outcome } } }');
  expect(preview.errors?.map(({ extensions }) => extensions.code)).toEqual(['BUDGET_EXCEEDED']);
  expect(preview.data.server.limits).toContainEqual({ name: 'mergeMs', value: 1 });
});
