import { graphql } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import { createBranch } from '../../src/operations/create-branch.js';
import { createCheckpoint } from '../../src/operations/create-checkpoint.js';
import { createRepo } from '../../src/operations/create-repo.js';
import { mergeBranch } from '../../src/operations/merge-branch.js';
import type { Request } from '../../src/operations/request.js';
import { undo } from '../../src/operations/undo.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';
import { openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

/** Enough that reading a whole table is never the cheapest way to a page of it. */
const ROWS = 20_000;
const REPO = 'busy';

let store: StorageFixture;
let operations: OperationsFixture;

/** A request whose statements are counted. */
function request(): Request {
  const asked = operations.as('ada');
  return { ...asked, reader: store.storage.reader(), gateway: { ...asked.gateway, storage: store.storage } };
}

beforeAll(async () => {
  [store, operations] = await Promise.all([openStorageFixture(), openOperations()]);
  const { sql } = store;
  const { repoId } = receiptOf(await createRepo(request(), { name: REPO, files: [{ path: 'a.txt', text: 'a\n' }] }));
  await sql`insert into repo (name, labels, default_branch, settings) select 'other-' || n, '[]', 'main', '{}' from generate_series(1, ${ROWS}::int) as n`;
  await sql`insert into log_head (stream, hash) select id, (select hash from log_head where stream = ${repoId}) from repo where id <> ${repoId}`;
  await sql`insert into branch (repo_id, name, head, created_by, metadata) select ${repoId}::int, 'other/' || n, head, 'ada', '[]' from branch, generate_series(1, ${ROWS}::int) as n where repo_id = ${repoId}`;
  await sql`insert into branch (repo_id, name, head, created_by, metadata) select id, 'main', (select head from branch limit 1), 'ada', '[]' from repo where id <> ${repoId}`;
  await sql`insert into operation (stream, seq, kind, actor, key_id, run_id, at, payload, previous, hash) select id, 1, 'CREATE_REPO', 'ada', 'keyada', null, now(), first.payload, first.previous, first.hash from repo, (select * from operation where stream = ${repoId} and seq = 1) as first where id <> ${repoId}`;
  await sql`insert into pack (repo_id, name, bytes, objects) select id, 'pack', 1, 1 from repo where id <> ${repoId}`;
  await sql`insert into event_position (position, stream, seq) select 1000000 + id, id, 1 from repo where id <> ${repoId}`;
  await sql`insert into commit_graph (repo_id, oid, parents, generation, seconds, batch) select id, decode(repeat('ab', 20), 'hex'), '', 1, 1, 1 from repo where id <> ${repoId}`;
  await sql`analyze`;
});

afterAll(async () => {
  await store.close();
  await operations.close();
});

/** The tables that this work reads from one end to the other, by the plan that is made without a look at the values. */
async function tablesReadWhole(work: () => Promise<unknown>): Promise<string[]> {
  store.statements();
  await work();
  const asked = [...new Set(store.statements())].filter((statement) => /^\s*(?:with|select|insert|update|delete)\b/iu.test(statement));
  expect(asked.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const statement of asked) {
    const plan = await store.sql.unsafe(`explain (generic_plan) ${statement}`);
    for (const row of plan) {
      const table = /Seq Scan on (\w+)/u.exec(String(row['QUERY PLAN']))?.[1];
      if (table !== undefined) found.push(`${table}: ${statement}`);
    }
  }
  // What is never longer than what one request, one key or one gateway adds to it.
  return found.filter((one) => !/^(?:api_key|unplaced|purge|pack_lease|idempotency|webhook|prompt|landing|tag|proposal|checkpoint|upload_lease|retired_pack|log_bell)\b/u.test(one));
}

async function asked(source: string): Promise<void> {
  const { errors } = await graphql({ schema, source, contextValue: { request: request() } });
  expect(errors).toBeUndefined();
}

const READS = [
  `{ repo(name: "${REPO}") { name updatedAt defaultBranch { name headOid } } }`,
  '{ repos(first: 50) { nodes { name updatedAt } } }',
  '{ repos(first: 50, orderBy: { field: UPDATED_AT, direction: DESC }) { nodes { name } } }',
  `{ repo(name: "${REPO}") { branches(first: 50) { nodes { name headOid } } } }`,
  `{ repo(name: "${REPO}") { branches(first: 50, orderBy: { field: LAST_ACTIVITY, direction: DESC }) { nodes { name } } } }`,
  '{ events(first: 50) { edges { cursor } } }',
  `{ repo(name: "${REPO}") { diff(from: "main", to: "main") { stats { files } } } }`,
];

test.each(READS)('%s reads no table from end to end, however many repositories and branches there are', async (source) => {
  expect(await tablesReadWhole(() => asked(source))).toEqual([]);
});

test('branches, checkpoints, undo and merges read no table from end to end', async () => {
  expect(await tablesReadWhole(async () => {
    receiptOf(await createBranch(request(), { repo: REPO, name: 'work' }));
    receiptOf(await createCheckpoint(request(), { repo: REPO, branch: 'work', message: 'Work', changes: [{ write: { path: 'b.txt', text: 'b\n' } }] }));
    receiptOf(await mergeBranch(request(), { repo: REPO, from: 'work', into: 'main' }));
    receiptOf(await createCheckpoint(request(), { repo: REPO, branch: 'work', message: 'Work', changes: [{ write: { path: 'c.txt', text: 'c\n' } }] }));
    receiptOf(await undo(request(), { repo: REPO, branch: 'work' }));
  })).toEqual([]);
});
