import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { RetentionRule } from '../../src/domain/retention.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { runRetention } from '../../src/operations/retention/run-retention.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { gate } from '../support/storage-fixture.js';
import { statesOf } from '../support/timeline.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const DAY = 86_400_000;

type Key = Parameters<VerbWorld['as']>[1];

function admin(key: Key = {}): ReturnType<VerbWorld['as']> {
  return world.as('admin', { scopes: ['ADMIN'], ...key });
}

/** A repository with these rules. */
async function governed(...rules: readonly (Pick<RetentionRule, 'name' | 'action'> & Partial<RetentionRule>)[]): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await world.repo();
  receiptOf(await updateRepo(admin(), { repo: made.repo, settings: { retention: { rules: rules.map((rule) => ({ branches: ['**'], ...rule })) } } }));
  return made;
}

/** Makes a branch as old as so many days, and as long at rest. */
async function rest(repoId: number, name: string, days: number): Promise<number> {
  const { id } = await world.branch(repoId, name);
  await world.count((sql) => sql`update branch set created_at = created_at - ${days} * interval '1 day', last_activity_at = last_activity_at - ${days} * interval '1 day' where id = ${id} returning 1 as count`);
  return id;
}

/** A branch that the agent has worked on, and left alone for so many days. */
async function rested(made: { readonly repo: string; readonly repoId: number }, name: string, days: number): Promise<number> {
  await world.worked(made.repo, name);
  return rest(made.repoId, name, days);
}

function run(repo: string, more: { readonly dryRun?: boolean; readonly limit?: number; readonly idempotencyKey?: string } = {}, key: Key = {}): ReturnType<typeof runRetention> {
  return runRetention(admin(key), { repo, ...more });
}

async function liveNames(repoId: number): Promise<string[]> {
  const query = { repoId, defaultBranch: 'main', nameGlobs: ['**'], nameContains: null, kind: null, runId: null, sessionId: null, deleted: false, states: null, idleAfter: 0, inactiveFor: null, marked: null, orderBy: 'NAME', descending: false } as const;
  const { edges } = await world.app.storage.reader().branches(query, { count: 100, after: null, backward: false });
  return edges.map(({ node }) => node.name);
}

const STALE = { name: 'stale', maxInactivity: 30 * DAY, action: 'DELETE' } as const;

describe('a run of retention', () => {
  it('deletes what its dry run lists and why, a row of the log each and one for the run, and nothing else', async () => {
    const made = await governed(STALE);
    const old = await rested(made, 'session/old', 31);
    await rested(made, 'session/young', 29);
    const older = await rested(made, 'work/older', 40);
    await rest(made.repoId, 'main', 400);
    const { steps, operation, more } = receiptOf(await world.withoutTrace(() => run(made.repo, { dryRun: true })));
    expect({ operation, more }).toEqual({ operation: null, more: false });
    expect(steps).toMatchObject([
      { branchId: older, action: 'DELETE', rule: 'stale', reason: 'it has not moved for 30 days' },
      { branchId: old, action: 'DELETE', rule: 'stale', reason: 'it has not moved for 30 days' },
    ]);
    const before = await world.branchById(old);
    const done = receiptOf(await run(made.repo));
    expect(done.steps).toEqual(steps);
    expect(await liveNames(made.repoId)).toEqual(['main', 'session/young']);
    expect(await world.operation(done.operation)).toMatchObject({ kind: 'RETENTION', actor: 'admin', subject: { type: 'Repo', id: made.repoId }, refs: [] });
    expect(await world.operation({ stream: made.repoId, seq: (done.operation?.seq ?? 0) - 1 })).toMatchObject({
      kind: 'RETENTION', subject: { type: 'Branch', id: old }, refs: [{ branchName: 'session/old', before: before.head, after: null }], reason: 'stale: it has not moved for 30 days',
      events: [{ kind: 'BRANCH_DELETED', branchId: old, branchName: 'session/old', before: before.head, after: null, version: before.version + 1 }],
    });
    await world.expectWholeLog(made.repoId);
    expect(receiptOf(await world.withoutTrace(() => run(made.repo)))).toEqual({ repoId: made.repoId, steps: [], more: false, operation: null });
  });

  it('marks a branch once, until it moves', async () => {
    const made = await governed({ name: 'idle', maxInactivity: 14 * DAY, action: 'MARK' });
    const id = await rested(made, 'session/1', 20);
    const { version } = await world.branchById(id);
    expect(receiptOf(await run(made.repo)).steps).toMatchObject([{ branchId: id, action: 'MARK', rule: 'idle' }]);
    expect(await world.branchById(id)).toMatchObject({ version, deletedAt: null, markedAt: expect.any(Date) });
    expect(receiptOf(await world.withoutTrace(() => run(made.repo))).steps).toEqual([]);
    await world.put('agent', made.repo, 'session/1', 'again', 'x');
    await rest(made.repoId, 'session/1', 20);
    await world.count((sql) => sql`update branch set marked_at = marked_at - interval '30 days' where id = ${id} returning 1 as count`);
    expect(receiptOf(await run(made.repo)).steps).toMatchObject([{ branchId: id, action: 'MARK' }]);
  });

  it('closes the proposals of a branch and leaves the branch', async () => {
    const made = await world.proposed();
    receiptOf(await updateRepo(admin(), { repo: made.repo, settings: { retention: { rules: [{ name: 'quiet', branches: ['**'], maxInactivity: 7 * DAY, action: 'CLOSE_PROPOSAL' }] } } }));
    const id = await rest(made.repoId, 'session/1', 8);
    const { operation, steps } = receiptOf(await run(made.repo));
    expect(steps).toMatchObject([{ branchId: id, action: 'CLOSE_PROPOSAL' }]);
    expect(await world.proposal(made.proposalId)).toMatchObject({ state: 'CLOSED', closedBy: 'admin', reason: 'quiet: it has not moved for 7 days' });
    expect((await world.branchById(id)).deletedAt).toBeNull();
    expect(await world.operation({ stream: made.repoId, seq: (operation?.seq ?? 0) - 1 })).toMatchObject({ refs: [], events: [{ kind: 'PROPOSAL_CLOSED', proposalId: made.proposalId, proposalNumber: 1, sourceName: 'session/1' }] });
    expect(receiptOf(await world.withoutTrace(() => run(made.repo))).steps).toEqual([]);
  });

  it('closes the proposals of a branch that it deletes, and keeps branches into which one is open', async () => {
    const made = await governed(STALE);
    await rested(made, 'work/target', 40);
    await rested(made, 'session/1', 35);
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo: made.repo, source: 'session/1', target: 'work/target', title: 'Work' }));
    const { steps, operation } = receiptOf(await run(made.repo));
    expect(steps).toHaveLength(1);
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'CLOSED' });
    expect(await world.operation({ stream: made.repoId, seq: (operation?.seq ?? 0) - 1 })).toMatchObject({ events: [{ kind: 'PROPOSAL_CLOSED' }, { kind: 'BRANCH_DELETED' }] });
    expect(await liveNames(made.repoId)).toEqual(['main', 'work/target']);
    expect(receiptOf(await run(made.repo)).steps).toHaveLength(1);
    expect(await liveNames(made.repoId)).toEqual(['main']);
  });

  it('deletes merged branches where a rule says so, and those that have moved since stay', async () => {
    const made = await governed({ name: 'landed', merged: true, action: 'DELETE' });
    for (const name of ['session/1', 'session/2', 'session/3']) await world.worked(made.repo, name);
    for (const from of ['session/1', 'session/2']) receiptOf(await mergeBranch(world.as('agent'), { repo: made.repo, from, into: 'main' }));
    await world.put('agent', made.repo, 'session/2', 'more', 'x');
    expect(receiptOf(await run(made.repo)).steps).toMatchObject([{ rule: 'landed', reason: 'it was merged' }]);
    expect(await liveNames(made.repoId)).toEqual(['main', 'session/2', 'session/3']);
  });

  it('deletes what has expired, without any rule', async () => {
    const { repo, repoId } = await world.repo();
    for (const [name, hours] of [['session/1', -1], ['session/2', 1]] as const) {
      const { branchId } = receiptOf(await createBranch(world.as('agent'), { repo, name, expiresAt: new Date(Date.now() + 3_600_000) }));
      await world.count((sql) => sql`update branch set expires_at = now() + ${hours} * interval '1 hour' where id = ${branchId} returning 1 as count`);
    }
    expect(receiptOf(await run(repo)).steps).toMatchObject([{ action: 'DELETE', rule: null, reason: 'it has expired' }]);
    expect(await liveNames(repoId)).toEqual(['main', 'session/2']);
  });

  it('takes as many as it is told, the oldest first, and says that there is more', async () => {
    const made = await governed(STALE);
    for (let days = 31; days < 36; days++) await rested(made, `session/${days}`, days);
    expect(receiptOf(await run(made.repo, { limit: 2 }))).toMatchObject({ more: true, steps: [{}, {}] });
    expect(await liveNames(made.repoId)).toEqual(['main', 'session/31', 'session/32', 'session/33']);
    expect(receiptOf(await run(made.repo, { limit: 3 }))).toMatchObject({ more: false, steps: [{}, {}, {}] });
  });

  it('answers a repeated call with the first one', async () => {
    const made = await governed(STALE);
    await rested(made, 'session/1', 31);
    const first = receiptOf(await run(made.repo, { idempotencyKey: `run-${made.repo}` }));
    await rested(made, 'session/2', 31);
    expect(await world.withoutTrace(() => run(made.repo, { idempotencyKey: `run-${made.repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await run(made.repo, { idempotencyKey: `run-${made.repo}`, limit: 1 }))).toMatchObject({ code: 'INVALID_INPUT', field: 'idempotencyKey' });
  });

  it('leaves alone what is outside of the key', async () => {
    const made = await governed(STALE);
    for (const name of ['session/1', 'session/2', 'work/1']) await rested(made, name, 31);
    receiptOf(await run(made.repo, {}, { branches: ['session/1', 'work/*'], readBranches: ['session/*'] }));
    expect(await liveNames(made.repoId)).toEqual(['main', 'session/2', 'work/1']);
  });
});

/** Runs retention while a transaction that has done `work` to the branch is still open, and ends that once the run waits for it. */
async function runBeside(repo: string, work: Parameters<VerbWorld['app']['storage']['transaction']>[0]): Promise<ReturnType<typeof runRetention>> {
  const [done, free] = [gate(), gate()];
  const beside = world.app.storage.transaction(async (tx) => {
    await work(tx);
    done.open();
    await free.opened;
  });
  await done.opened;
  const running = run(repo);
  const waiting = (): Promise<number> => world.count((sql) => sql`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
  const deadline = Date.now() + 10_000;
  while ((await waiting()) === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  free.open();
  await beside;
  return running;
}

describe('a branch about which something changes during a run', () => {
  it('stays when it moved, and the others of the run go', async () => {
    const made = await governed(STALE);
    const moved = await world.branchById(await rested(made, 'session/moved', 40));
    await rested(made, 'session/still', 35);
    const outcome = await runBeside(made.repo, (tx) => tx.stepBranch({ branchId: moved.id, expectedVersion: moved.version, head: moved.forkOid ?? '', checkpointId: null, changes: [] }));
    expect(receiptOf(await outcome).steps).toHaveLength(1);
    expect(await liveNames(made.repoId)).toEqual(['main', 'session/moved']);
    await world.expectWholeLog(made.repoId);
  });

  it('stays when its rule is for it no more, though it has not moved', async () => {
    const made = await governed({ name: 'unmarked', action: 'MARK' });
    const id = await rested(made, 'session/1', 1);
    const outcome = await runBeside(made.repo, async (tx) => {
      await tx.holdBranch(id, (await world.branchById(id)).version);
      await tx.markBranch(id);
    });
    expect(receiptOf(await outcome)).toMatchObject({ steps: [], operation: null });
  });

  it('is deleted once by two runs at the same time', async () => {
    const made = await governed(STALE);
    for (const name of ['session/1', 'session/2', 'session/3']) await rested(made, name, 31);
    const runs = (await Promise.all([run(made.repo), run(made.repo), run(made.repo)])).map(receiptOf);
    expect(runs.flatMap(({ steps }) => steps)).toHaveLength(3);
    expect(await world.count((sql) => sql`select count(*) from operation where stream = ${made.repoId} and kind = 'RETENTION'`)).toBe(3 + runs.filter(({ operation }) => operation !== null).length);
    await world.expectWholeLog(made.repoId);
  });
});

describe('what retention has deleted', () => {
  it('stays readable, and comes back with its head and its timeline, under another name where its own is taken', async () => {
    const made = await governed(STALE);
    await world.worked(made.repo, 'session/1');
    await world.put('agent', made.repo, 'session/1', 'more', 'x');
    receiptOf(await undo(world.as('agent'), { repo: made.repo, branch: 'session/1' }));
    const id = await rest(made.repoId, 'session/1', 31);
    const before = await world.branchById(id);
    receiptOf(await run(made.repo));
    expect(await world.app.storage.reader().checkpointByNumber(id, 2)).toMatchObject({ state: 'UNDONE' });
    expect(Object.keys(await world.files(made.repoId, before.head))).toContain('session/1.txt');
    await world.worked(made.repo, 'session/1');
    const node = encodeGlobalId({ type: 'Branch', id });
    expect(problemOf(await restoreBranch(world.as('agent'), { id: node })).code).toBe('NAME_TAKEN');
    receiptOf(await restoreBranch(world.as('agent'), { id: node, name: 'session/old' }));
    expect(await world.branchById(id)).toMatchObject({ name: 'session/old', head: before.head, checkpointId: before.checkpointId, deletedAt: null });
    expect(await statesOf(world, id)).toEqual(['1 CURRENT', '2 UNDONE']);
    receiptOf(await redo(world.as('agent'), { repo: made.repo, branch: 'session/old' }));
    receiptOf(await createCheckpoint(world.as('agent'), { repo: made.repo, branch: 'session/old', message: 'On', changes: [{ write: { path: 'on', text: 'x' } }] }));
    expect(receiptOf(await run(made.repo)).steps).toEqual([]);
  });
});

describe('no run is made', () => {
  it('by a key that may not, or of a repository that is not there', async () => {
    const { repo } = await governed(STALE);
    expect(problemOf(await run('nowhere'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(problemOf(await run(repo, {}, { repos: ['x'] }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(problemOf(await run(repo, {}, { scopes: ['READ', 'WRITE', 'REVIEW', 'MERGE'] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });

  it.each([0, -1, 501])('of %i branches', async (limit) => {
    const { repo } = await governed(STALE);
    expect(problemOf(await world.withoutTrace(() => run(repo, { limit })))).toMatchObject({ code: 'INVALID_INPUT', field: 'limit' });
  });

  it('in an archived repository', async () => {
    const made = await governed(STALE);
    await rested(made, 'session/1', 31);
    await world.count((sql) => sql`update repo set archived_at = now() where id = ${made.repoId} returning 1 as count`);
    expect(problemOf(await world.withoutTrace(() => run(made.repo)))).toMatchObject({ code: 'INVALID_STATE' });
  });
});
