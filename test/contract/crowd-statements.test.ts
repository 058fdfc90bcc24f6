import { graphql } from 'graphql';
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import type { Outcome } from '../../src/operations/outcome.js';
import type { Request } from '../../src/operations/request.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import { revertRun } from '../../src/operations/checkpoint/revert-run.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import type { PostgresStorage } from '../../src/storage/index.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';
import { alone, rowsRead } from '../support/rows-read.js';
import { openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

/** Enough that reading a whole table is never the cheapest way to a page of it. */
const ROWS = 20_000;
const REPO = 'busy';
const BRANCH = 'work/a';

let store: StorageFixture;
let operations: OperationsFixture;

beforeAll(async () => {
  [store, operations] = await Promise.all([openStorageFixture(), openOperations()]);
  let repoId = 0;
  await rowsRead(store, ROWS, async (storage) => {
    ({ repoId } = receiptOf(await createRepo(to(storage)(), { name: REPO, files: [{ path: 'a.txt', text: 'a\n' }] })));
  });
  await alone(store, (sql) => fill(sql, repoId));
});

/** An object id of its own for each row, of no object. */
const someOid = (sql: postgres.Sql): postgres.PendingQuery<postgres.Row[]> => sql`substr(sha256(random()::text::bytea), 1, 20)`;

/** Rows as after years: repositories, and branches, merged proposals and landings of one of them. */
async function fill(sql: postgres.Sql, repoId: number): Promise<void> {
  await sql`insert into repo (name, labels, default_branch, settings) select 'other-' || n, '[]', 'main', '{}' from generate_series(1, ${ROWS}::int) as n`;
  await sql`insert into log_head (stream, hash) select id, (select hash from log_head where stream = ${repoId}) from repo where id <> ${repoId}`;
  await sql`insert into branch (repo_id, name, head, created_by, metadata) select ${repoId}::int, 'other/' || n, case when n < 100 then head else ${someOid(sql)} end, 'ada', '[]' from branch, generate_series(1, ${ROWS}::int) as n where repo_id = ${repoId}`;
  await sql`insert into branch (repo_id, name, head, created_by, metadata) select id, 'main', (select head from branch limit 1), 'ada', '[]' from repo where id <> ${repoId}`;
  await sql`insert into operation (stream, seq, kind, actor, key_id, run_id, at, payload, previous, hash) select id, 1, 'CREATE_REPO', 'ada', 'keyada', null, now(), first.payload, first.previous, first.hash from repo, (select * from operation where stream = ${repoId} and seq = 1) as first where id <> ${repoId}`;
  await sql`insert into pack (repo_id, name, bytes, objects) select id, 'pack', 1, 1 from repo where id <> ${repoId}`;
  await sql`insert into event_position (position, stream, seq) select 1000000 + id, id, 1 from repo where id <> ${repoId}`;
  await sql`insert into commit_graph (repo_id, oid, parents, generation, seconds, batch) select id, decode(repeat('ab', 20), 'hex'), '', 1, 1, 1 from repo where id <> ${repoId}`;
  await sql`insert into proposal (repo_id, number, title, body, state, source_branch_id, source_name, target_branch_id, target_name, head, created_by, key_id, merge_commit, metadata)
    select ${repoId}::int, row_number() over (order by source.id), 'Done', '', 'MERGED', source.id, source.name, main.id, main.name, source.head, 'ada', 'keyada', source.head, '[]'
    from branch as source, branch as main where source.repo_id = ${repoId} and source.id <> main.id and main.repo_id = ${repoId} and main.name = 'main'`;
  await sql`insert into checkpoint (repo_id, branch_id, number, oid, state, origin, message, metadata, created_by, key_id) select repo_id, id, 1, head, 'CURRENT', 'API', 'Work', '[]', 'ada', 'keyada' from branch where repo_id = ${repoId} and name like 'other/%'`;
  await sql`update log_head set next_proposal = ${ROWS + 1}::int where stream = ${repoId}`;
  await sql`insert into landing (repo_id, source_head, target_commit, base) select ${repoId}::int, ${someOid(sql)}, ${someOid(sql)}, head from branch, generate_series(1, ${ROWS}::int) as n where repo_id = ${repoId} and name = 'main'`;
  await sql`analyze`;
}

afterAll(async () => {
  await store.close();
  await operations.close();
});

/** Rows of one table or index that one request may read: a page of fifty, what hangs on each of them, and some to spare. */
const FEW = 300;
/** From the sixth time on the server may have a plan for any values, for which it knows of many small repositories and no large one. */
const TIMES = 8;

/** Requests to a store, by a name. */
type Asking = (actor?: string) => Request;

const to = (storage: PostgresStorage): Asking => (actor = 'ada') => {
  const asking = operations.as(actor, { scopes: ['READ', 'CREATE_REPO', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE', 'AUDIT'] });
  return { ...asking, reader: storage.reader(), gateway: { ...asking.gateway, storage } };
};

function readBy(source: string, times: number): Promise<string[]> {
  return rowsRead(store, times * FEW, async (storage) => {
    for (let time = 0; time < times; time++) {
      const { errors } = await graphql({ schema, source, contextValue: { request: to(storage)() } });
      expect(errors).toBeUndefined();
    }
  });
}

const QUERIES = [
  `{ repo(name: "${REPO}") { name updatedAt defaultBranch { name headOid } } }`,
  '{ repos(first: 50) { nodes { name updatedAt } } }',
  '{ repos(first: 50, orderBy: { field: UPDATED_AT, direction: DESC }) { nodes { name } } }',
  `{ repo(name: "${REPO}") { branches(first: 50) { nodes { name headOid } } } }`,
  `{ repo(name: "${REPO}") { branches(first: 50, orderBy: { field: LAST_ACTIVITY, direction: DESC }) { nodes { name } } } }`,
  `{ repo(name: "${REPO}") { branches(first: 50, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { name state } } } }`,
  '{ events(first: 50) { edges { cursor } } }',
  '{ operations(first: 50) { nodes { kind at } } }',
  `{ repo(name: "${REPO}") { operations(first: 50) { nodes { kind at } } } }`,
  '{ proposals(first: 50) { nodes { number title } } }',
  `{ repo(name: "${REPO}") { diff(from: "main", to: "main") { stats { files } } } }`,
  `{ repo(name: "${REPO}") { proposals(first: 50) { nodes { number title state } } } }`,
  `{ repo(name: "${REPO}") { usage { packs branches checkpoints } commits(first: 20) { nodes { oid } } } }`,
  `{ repo(name: "${REPO}") { branch(name: "other/7") { state aheadBehind(of: "main") { ahead behind } checkpoints(first: 20) { nodes { number } } } } }`,
  `{ repo(name: "${REPO}") { mergePreview(from: "other/7", into: "main") { __typename } } }`,
  '{ server { limits { name } } viewer { actor } }',
];

let repos = 0;
let proposals = ROWS;

/** Verbs one after the other, each with what must be there before. */
const VERBS: readonly { readonly verb: string; readonly before?: (request: Asking) => Promise<Outcome<unknown>>; readonly run: (request: Asking) => Promise<Outcome<unknown>> }[] = [
  { verb: 'createRepo', run: (request) => createRepo(request(), { name: `new-${++repos}`, files: [{ path: 'a.txt', text: 'a' }] }) },
  { verb: 'createBranch', run: (request) => createBranch(request(), { repo: REPO, name: BRANCH }) },
  { verb: 'createCheckpoint', run: (request) => checkpoint(request, 'b') },
  { verb: 'mergeBranch', run: (request) => mergeBranch(request(), { repo: REPO, from: BRANCH, into: 'main' }) },
  { verb: 'undo', before: (request) => checkpoint(request, 'c'), run: (request) => undo(request(), { repo: REPO, branch: BRANCH }) },
  { verb: 'redo', run: (request) => redo(request(), { repo: REPO, branch: BRANCH }) },
  { verb: 'restore', run: async (request) => restore(request(), { repo: REPO, branch: BRANCH, to: await headOf(request, 'main') }) },
  { verb: 'refreshBranch', before: (request) => checkpoint(request, 'm', 'main'), run: (request) => refreshBranch(request(), { repo: REPO, name: BRANCH }) },
  { verb: 'revertRun', before: (request) => checkpoint(request, 'r'), run: (request) => revertRun(request(), { repo: REPO, branch: BRANCH, runId: 'run-1' }) },
  { verb: 'openProposal', before: (request) => checkpoint(request, `d-${++proposals}`), run: (request) => openProposal(request(), { repo: REPO, source: BRANCH, title: 'Work' }) },
  { verb: 'reviewProposal', run: async (request) => reviewProposal(request('bob'), { repo: REPO, number: proposals, verdict: 'APPROVE', head: await headOf(request, BRANCH) }) },
  { verb: 'mergeProposal', run: async (request) => mergeProposal(request(), { repo: REPO, number: proposals, expectedHead: await headOf(request, BRANCH) }) },
  { verb: 'deleteBranch', run: (request) => deleteBranch(request(), { repo: REPO, name: BRANCH }) },
];

async function headOf(request: Asking, name: string): Promise<string> {
  const { reader } = request();
  const repo = await reader.repoByName(REPO);
  const branch = repo === null ? null : await reader.branchByName(repo.id, name);
  return branch?.head ?? '';
}

function checkpoint(request: Asking, name: string, branch = BRANCH): Promise<Outcome<unknown>> {
  return createCheckpoint(request(), { repo: REPO, branch, message: 'Work', runId: 'run-1', changes: [{ write: { path: `${name}.txt`, text: name } }] });
}

describe('however many repositories and branches there are, few rows are read by', () => {
  test.each(QUERIES)('%s', async (source) => {
    expect(await readBy(source, 1)).toEqual([]);
    expect(await readBy(source, TIMES)).toEqual([]);
  });

  test.each(VERBS)('$verb', async ({ before, run }) => {
    if (before !== undefined) await rowsRead(store, ROWS, async (storage) => receiptOf(await before(to(storage))));
    const read = await rowsRead(store, FEW, async (storage) => receiptOf(await run(to(storage))));
    expect(read).toEqual([]);
  });

  test('all verbs again and again', async () => {
    const read = await rowsRead(store, ROWS / 2, async (storage) => {
      for (let time = 0; time < TIMES; time++) {
        for (const { before, run } of VERBS) {
          if (before !== undefined) receiptOf(await before(to(storage)));
          receiptOf(await run(to(storage)));
        }
      }
    });
    expect(read).toEqual([]);
  });
});
