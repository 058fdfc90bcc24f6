import { graphql } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import { openOperations, type OperationsFixture } from '../support/operations.js';
import { advance, makeBranch, makeRepo, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let store: StorageFixture;
let operations: OperationsFixture;

beforeAll(async () => {
  [store, operations] = await Promise.all([openStorageFixture(), openOperations()]);
  for (let number = 1; number <= 50; number++) {
    const repo = await makeRepo(store.storage, `many/r${number}`);
    for (const name of ['main', 'session/a', 'session/b']) await advance(store.storage, await makeBranch(store.storage, repo.id, name, { baseName: 'main' }), oidOf(2));
  }
});

afterAll(async () => {
  await store.close();
  await operations.close();
});

/** Runs a document over the store whose statements are counted; the rest of the gateway is that of another one. */
async function statementsOf(source: string): Promise<readonly string[]> {
  const request = operations.as('ada');
  store.statements();
  const contextValue = { request: { ...request, reader: store.storage.reader(), gateway: { ...request.gateway, storage: store.storage } } };
  const { data, errors } = await graphql({ schema, source, contextValue });
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data)).toContain('session/b');
  return store.statements().filter((statement) => /\bfrom\b/u.test(statement));
}

function nested(first: number): string {
  return `{ repos(first: ${first}) { edges { node { name branches(first: 3) { edges { node { name kind state base { name } repo { name } checkpoint { number state } checkpoints(first: 2) { edges { node { number } } } } } } } } } }`;
}

test('a page of repositories with branches, bases and checkpoints takes as many statements for 50 as for one', async () => {
  // The commit graph is read once.
  await statementsOf(nested(50));
  const one = await statementsOf(nested(1));
  const fifty = await statementsOf(nested(50));
  expect(fifty.length).toBe(one.length);
  expect(fifty.length).toBeLessThanOrEqual(7);
});
