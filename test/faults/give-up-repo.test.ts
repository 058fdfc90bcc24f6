import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getTableColumns, getTableName } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownViewer } from '../../src/auth/viewer.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { commentOnProposal } from '../../src/operations/proposal/comment-on-proposal.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { giveUpRepo } from '../../src/operations/retention/give-up-repo.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { restoreRepo } from '../../src/operations/repo/restore-repo.js';
import { RetentionRounds } from '../../src/operations/retention/retention-rounds.js';
import { ERASED } from '../../src/storage/upkeep/erase-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { dyingProcess, type DyingProcess } from '../support/dying-process.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;
let dying: DyingProcess;


beforeAll(async () => {
  two = await openTwoGateways();
  dying = dyingProcess(two, 'await app.storage.upkeep.eraseGivenUp();');
});
afterAll(async () => {
  await two.close();
  await dying.close();
});

/** A repository with something in every table that a client can fill, deleted so many days ago. */
async function deleted(name: string, days: number): Promise<number> {
  const repoId = await two.makeRepo(name);
  const agent = two.by('agent', 0);
  receiptOf(await createBranch(agent, { repo: name, name: 'session/1' }));
  receiptOf(await createCheckpoint(agent, { repo: name, branch: 'session/1', message: 'Work', prompt: 'secret prompt', runId: 'run-1', changes: [{ write: { path: 'a', text: `of ${name}` } }] }));
  const { proposalId } = receiptOf(await openProposal(agent, { repo: name, source: 'session/1', title: 'Work' }));
  const [proposal] = await two.sql<{ number: number }[]>`select number from proposal where id = ${proposalId}`;
  receiptOf(await commentOnProposal(two.by('reader', 0), { repo: name, number: proposal?.number ?? 0, body: 'A comment.' }));
  receiptOf(await deleteRepo({ ...two.by('owner', 0), viewer: ownViewer('owner', 'owner', 'owner') }, { repo: name }));
  await two.sql`update repo set deleted_at = now() - ${days} * interval '1 day' where id = ${repoId}`;
  return repoId;
}

/** What is written some time after the operation that was measured. */
const MEASURED = ['latency_bucket', 'operation_duration'];

/** How many rows of a repository each table has that names it in a column of its own. */
async function rowsOf(repoId: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of ERASED) {
    const columns = Object.values(getTableColumns(table)).map((column) => column.name);
    const column = getTableName(table) === 'repo' ? 'id' : ['repo_id', 'stream'].find((name) => columns.includes(name));
    if (column === undefined || MEASURED.includes(getTableName(table))) continue;
    const [row] = await two.sql<{ count: number }[]>`select count(*)::int as count from ${two.sql(getTableName(table))} where ${two.sql(column)} = ${repoId}`;
    if ((row?.count ?? 0) > 0) counts[getTableName(table)] = row?.count ?? 0;
  }
  return counts;
}

async function measured(repoId: number): Promise<number> {
  const rows = await two.sql<{ count: number }[]>`select ((select count(*) from operation_duration where stream = ${repoId}) + (select count(*) from latency_bucket where stream = ${repoId}))::int as count`;
  return rows[0]?.count ?? -1;
}

async function orphans(): Promise<number> {
  const rows = await two.sql<{ count: number }[]>`
    select (select count(*) from prompt where checkpoint_id not in (select id from checkpoint))::int
      + (select count(*) from comment_body where comment_id not in (select id from comment))::int as count`;
  return rows[0]?.count ?? -1;
}

async function rowsOfLog(repoId: number): Promise<readonly { readonly reason: string }[]> {
  const rows = await two.sql<{ payload: Buffer }[]>`select payload from operation where stream = 0 and kind = 'PURGE'`;
  return rows.map(({ payload }) => JSON.parse(payload.toString('utf8'))).filter(({ subject }) => subject.id === repoId);
}

function directoryOf(repoId: number): string {
  return join(two.gateway(0).config.dataDir, 'objects', String(repoId));
}

function round(turn: number): Promise<void> {
  return new RetentionRounds(two.gateway(turn).gateway, 3_600_000).round();
}

const by = (turn: number) => ({ ...two.by('owner', turn), viewer: ownViewer('owner', 'owner', 'owner') });

const idOf = (repoId: number): string => encodeGlobalId({ type: 'Repo', id: repoId });

describe('a deleted repository past its grace', () => {
  it('is given up by one of the gateways that look at once, and leaves nothing but its log; others stay as they are', async () => {
    const [old, young] = [await deleted('grace/old', 31), await deleted('grace/young', 29)];
    const [before, log] = [await rowsOf(young), await two.gateway(0).storage.verifyLog(old)];
    expect(Object.keys(await rowsOf(old)).sort()).toEqual(['branch', 'checkpoint', 'commit_graph', 'commit_trailer', 'pack', 'proposal', 'repo']);
    // One of each for every operation, the last of them the deletion.
    await expect.poll(() => measured(old)).toBe(12);
    await Promise.all([round(0), round(1), round(0), round(1)]);
    expect((await rowsOfLog(old)).map(({ reason }) => reason)).toEqual([expect.stringContaining(idOf(old))]);
    expect(problemOf(await restoreRepo(by(1), { id: idOf(old) }))).toMatchObject({ code: 'NOT_FOUND' });

    await Promise.all([0, 1].map((turn) => two.gateway(turn).storage.upkeep.eraseGivenUp()));
    expect(await rowsOf(old)).toEqual({});
    expect([existsSync(directoryOf(old)), existsSync(directoryOf(young)), await orphans(), await measured(old)]).toEqual([false, true, 0, 0]);
    expect(await two.gateway(1).storage.verifyLog(old)).toEqual(log);
    expect(await two.gateway(1).storage.verifyLog(0)).toMatchObject({ ok: true });
    expect([await rowsOf(young), await rowsOfLog(young)]).toEqual([before, []]);
    receiptOf(await restoreRepo(by(1), { id: idOf(young) }));
    const findings: string[] = [];
    await two.gateway(0).examine(({ message }) => findings.push(message));
    expect(findings).toEqual([]);
  });

  it('is not given up before, nor after it was restored', async () => {
    const repoId = await deleted('grace/restored', 29);
    expect(problemOf(await giveUpRepo(by(0), { repo: idOf(repoId) }))).toMatchObject({ code: 'NOT_FOUND' });
    await two.sql`update repo set deleted_at = now() - interval '31 days' where id = ${repoId}`;
    const outcomes = await Promise.all([restoreRepo(by(0), { id: idOf(repoId) }), giveUpRepo(by(1), { repo: idOf(repoId) })]);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await rowsOfLog(repoId)).toHaveLength(outcomes[1].ok ? 1 : 0);
    expect(await two.sql`select (deleted_at is null) = (purged_at is null) as consistent from repo where id = ${repoId}`).toEqual([{ consistent: true }]);
  });

  it('is not given up by a key that may not delete it', async () => {
    const repoId = await deleted('grace/foreign', 31);
    const { key } = two.by('worker', 0).viewer;
    const worker = { ...two.by('worker', 0), viewer: { ...two.by('worker', 0).viewer, key: { ...key, scopes: ['READ' as const, 'WRITE' as const, 'MERGE' as const] } } };
    expect(problemOf(await giveUpRepo(worker, { repo: idOf(repoId) }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await rowsOfLog(repoId)).toEqual([]);
  });

  it('waits for whoever reads its packs by a lease', async () => {
    const repoId = await deleted('grace/read', 31);
    await two.gateway(1).storage.withPacksOf(repoId, async ({ names }) => {
      expect(names.length).toBeGreaterThan(0);
      await round(0);
      await two.gateway(0).storage.upkeep.eraseGivenUp();
      expect(existsSync(directoryOf(repoId))).toBe(true);
    });
    await two.gateway(0).storage.upkeep.eraseGivenUp();
    expect([await rowsOf(repoId), existsSync(directoryOf(repoId))]).toEqual([{}, false]);
  });

  it.each([['erase.rows', 2], ['erase.packs', 1], ['erase.files', 1], ['erase.before-commit', 1]])('goes on where a gateway was killed at %s (%i)', async (point, times) => {
    const repoId = await deleted(`grace/${point}-${times}`, 31);
    await round(0);
    expect(await dying.run(point, times)).toBe('SIGKILL');
    expect(await rowsOf(repoId)).toMatchObject({ repo: 1 });
    await two.sql`update pack_lease set expires_at = now() where repo_id = ${repoId}`;
    await two.gateway(1).storage.upkeep.eraseGivenUp();
    expect([await rowsOf(repoId), existsSync(directoryOf(repoId)), await orphans(), (await rowsOfLog(repoId)).length]).toEqual([{}, false, 0, 1]);
  });
});
