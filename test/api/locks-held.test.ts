import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { urlTarget } from '../../src/storage/postgres/database-target.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let holder: postgres.Sql;
let watcher: postgres.Sql;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_AT_ONCE: '2' } });
  const { options } = urlTarget(gateway.app.config.databaseUrl ?? '');
  // What a transaction sees of the others' waits it sees to its end.
  [holder, watcher] = [postgres({ ...options, max: 1 }), postgres({ ...options, max: 1 })];
  await gateway.data('mutation { createRepo(input: { name: "held", files: [{ path: "a", text: "a" }] }) { ... on Problem { message } } }');
});
afterAll(async () => {
  await Promise.all([holder.end(), watcher.end()]);
  await gateway.close();
});

async function waitingForLocks(): Promise<number> {
  return (await watcher`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length;
}

it('writers that somebody else’s lock stops leave their places to others, and go on when it is gone', async () => {
  await holder.unsafe('begin; lock table branch in exclusive mode');
  const writing = ['a', 'b', 'c', 'd'].map((name) => gateway.data(`mutation { createBranch(input: { repo: "held", name: "session/${name}" }) { __typename } }`));
  await expect.poll(waitingForLocks, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  const { repo } = await gateway.data('{ repo(name: "held") { commit(rev: "main") { file(path: "a") { blob { text } } } } }');
  expect(repo.commit.file.blob.text).toBe('a');
  await holder.unsafe('rollback');
  expect(await Promise.all(writing)).toEqual(writing.map(() => ({ createBranch: { __typename: 'CreateBranchSuccess' } })));
});
