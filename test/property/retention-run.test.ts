import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { RetentionRule } from '../../src/domain/retention.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { runRetention } from '../../src/operations/retention/run-retention.js';
import type { RetentionStep } from '../../src/operations/receipts.js';
import { readDueBranches } from '../../src/operations/reading/due-branches.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { receiptOf } from '../support/operations.js';
import { SEED } from '../support/seed.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const DAY = 86_400_000;
/** A few hundred in the suite; ten thousand at once in `npm run soak -- retention`. */
const BRANCHES = Number(process.env['WEIR_TEST_RUNS'] ?? 300);

const POLICY: readonly RetentionRule[] = [
  { name: 'kept', branches: ['work/keep-*'], kinds: null, maxAge: null, maxInactivity: null, merged: false, action: 'KEEP' },
  { name: 'landed', branches: ['**'], kinds: ['SESSION', 'PROPOSAL'], maxAge: null, maxInactivity: 3 * DAY, merged: true, action: 'DELETE' },
  { name: 'abandoned', branches: ['session/*', 'work/**'], kinds: null, maxAge: 20 * DAY, maxInactivity: 15 * DAY, merged: false, action: 'DELETE' },
  { name: 'unanswered', branches: ['proposal/*'], kinds: null, maxAge: null, maxInactivity: 15 * DAY, merged: false, action: 'CLOSE_PROPOSAL' },
  { name: 'idle', branches: ['**'], kinds: null, maxAge: null, maxInactivity: 10 * DAY, merged: false, action: 'MARK' },
];

/** Real commits, the heads and checkpoints of all the branches. */
async function commitsOf(repo: string, repoId: number): Promise<string[]> {
  const heads: string[] = [];
  for (let index = 0; index < 6; index++) {
    await world.put('agent', repo, 'main', `${index}.txt`, `${index}\n`);
    heads.push(await world.head(repoId, 'main'));
  }
  return heads;
}

/** Branches in bulk, in every situation, each with a timeline of two checkpoints, the second of which every third has undone. */
async function branchesInBulk(repoId: number, heads: readonly string[]): Promise<void> {
  await world.count((sql) => sql`select setseed(${(SEED % 1000) / 1000})::text as count`);
  await world.count((sql) => sql`
    with made as (
      insert into branch (repo_id, name, head, base_name, created_by, metadata, created_at, last_activity_at, merged_at, expires_at, protected, version, next_checkpoint)
      select ${repoId}, (array['session/', 'proposal/f-', 'work/', 'work/keep-'])[1 + (random() * 3)::int] || n, decode((${[...heads]}::text[])[1 + n % ${heads.length}], 'hex'), 'main', 'agent', '[]',
        now() - ((20 + random() * 20) || ' days')::interval, now() - ((random() * 20) || ' days')::interval,
        case when random() < 0.2 then now() - interval '1 day' end, case when random() < 0.05 then now() + ((random() * 4 - 2) || ' days')::interval end, random() < 0.03, 3, 3
      from generate_series(1, ${BRANCHES}) as n
      returning id, head
    ), timelines as (
      insert into checkpoint (repo_id, branch_id, number, origin, state, oid, before, message, metadata, created_by, key_id)
      select ${repoId}, made.id, number, 'API', case when made.id % 3 = 0 then (array['CURRENT', 'UNDONE'])[number] else (array['BEHIND', 'CURRENT'])[number] end, head, head, 'Work', '[]', 'agent', 'key'
      from made, generate_series(1, 2) as number
      returning branch_id
    ), proposals as (
      insert into proposal (repo_id, number, title, body, source_branch_id, source_name, target_branch_id, target_name, head, created_by, key_id, metadata)
      select ${repoId}, row_number() over (order by made.id), 'Work', '', made.id, 'x', main.id, 'main', made.head, 'agent', 'key', '[]' from made, branch as main
      where main.repo_id = ${repoId} and main.name = 'main' and made.id % 2 = 0
      returning id
    ) select count(*) from timelines, proposals`);
  await world.count((sql) => sql`update branch set checkpoint_id = (select id from checkpoint where branch_id = branch.id and state = 'CURRENT') where repo_id = ${repoId} and checkpoint_id is null returning 1 as count`);
}

async function plan(repo: string): Promise<RetentionStep[]> {
  const request = world.as('admin', { scopes: ['ADMIN'] });
  const row = await request.reader.repoByName(repo);
  if (row === null) throw new TypeError('there is no repository');
  const steps: RetentionStep[] = [];
  for (let after: string | null = null; ; ) {
    const page = await readDueBranches(request, row, { count: 100, after, backward: false });
    steps.push(...page.edges.map(({ node }) => node));
    after = page.edges.at(-1)?.key ?? null;
    if (!page.hasNext) return steps;
  }
}

async function runAll(repo: string): Promise<{ readonly steps: RetentionStep[]; readonly runs: number }> {
  const steps: RetentionStep[] = [];
  for (let runs = 1; ; runs++) {
    const run = receiptOf(await runRetention(world.as('admin', { scopes: ['ADMIN'] }), { repo, limit: 100 }));
    steps.push(...run.steps);
    if (!run.more) return { steps, runs };
  }
}

/** A digest of the rows of branches, and of their timelines: of those in the list, or of all others. */
async function digest(repoId: number, ids: readonly number[], among: boolean): Promise<string> {
  const found: string[] = [];
  await world.count(async (sql) => {
    const rows = await sql<{ digest: string }[]>`
      select md5(string_agg(branch.name || encode(branch.head, 'hex') || coalesce(checkpoint_id, 0) || next_checkpoint || timeline, '|' order by branch.id)) as digest
      from branch cross join lateral (select string_agg(checkpoint::text, ',' order by number) as timeline from checkpoint where branch_id = branch.id) as of_branch
      where branch.repo_id = ${repoId} and (branch.id = any(${[...ids]}::bigint[])) = ${among} and (deleted_at is null)`;
    found.push(rows[0]?.digest ?? 'none');
    return [{ count: 0 }];
  });
  return found.join('');
}

test(`of ${BRANCHES} branches a run deletes exactly those that its dry run listed, and all of them come back as they were`, { timeout: 30_000 + BRANCHES * 100 }, async () => {
  const { repo, repoId } = await world.repo();
  await branchesInBulk(repoId, await commitsOf(repo, repoId));
  receiptOf(await updateRepo(world.as('admin', { scopes: ['ADMIN'] }), { repo, settings: { retention: { rules: POLICY } } }));
  const listed = await plan(repo);
  const doomed = listed.filter(({ action }) => action === 'DELETE').map(({ branchId }) => branchId);
  const others = await digest(repoId, doomed, false);
  const before = await digest(repoId, doomed, true);
  for (const action of ['DELETE', 'CLOSE_PROPOSAL', 'MARK']) expect(listed.filter((step) => step.action === action).length).toBeGreaterThan(BRANCHES / 100);
  expect(new Set(listed.map(({ rule }) => rule))).toEqual(new Set(['landed', 'abandoned', 'unanswered', 'idle', null]));

  const { steps, runs } = await runAll(repo);
  expect(steps).toEqual(listed);
  expect(await plan(repo)).toEqual([]);
  const gone = await world.count((sql) => sql`select count(*) from branch where repo_id = ${repoId} and deleted_at is not null and id = any(${doomed}::bigint[])`);
  expect([gone, await world.count((sql) => sql`select count(*) from branch where repo_id = ${repoId} and deleted_at is not null`)]).toEqual([doomed.length, doomed.length]);
  expect(await digest(repoId, doomed, false)).toBe(others);
  expect(await world.count((sql) => sql`select count(*) from operation where stream = ${repoId} and kind = 'RETENTION'`)).toBe(listed.length + runs);
  expect(await world.count((sql) => sql`select count(*) from proposal where repo_id = ${repoId} and state = 'OPEN' and source_branch_id = any(${doomed}::bigint[])`)).toBe(0);

  const left = [...doomed];
  const restoreLeft = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) receiptOf(await restoreBranch(world.as('agent'), { id: encodeGlobalId({ type: 'Branch', id }) }));
  };
  await Promise.all(Array.from({ length: 8 }, restoreLeft));
  expect(await digest(repoId, doomed, true)).toBe(before);
  expect(await digest(repoId, doomed, false)).toBe(others);
  await world.expectWholeLog(repoId);
});
