import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOperations, type OperationsFixture } from '../support/operations.js';

let fixture: OperationsFixture;

beforeAll(async () => {
  fixture = await openOperations();
});
afterAll(async () => fixture.close());

it('makes one first admin key, however many starts ask for it at once, and none afterwards', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => fixture.app.firstAdminKey()));
  expect(made.filter((key) => key !== null)).toHaveLength(1);
  expect(await fixture.app.firstAdminKey()).toBeNull();
  const keys = await fixture.app.storage.reader().apiKeys({ count: 10, after: null, backward: false });
  expect(keys.edges.map(({ node }) => node.name)).toEqual(['admin']);
  expect(await fixture.app.storage.verifyLog(0)).toEqual({ ok: true, rows: 1 });
});
