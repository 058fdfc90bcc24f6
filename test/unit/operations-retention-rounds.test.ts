import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownViewer } from '../../src/auth/viewer.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { RetentionRounds } from '../../src/operations/retention/retention-rounds.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { receiptOf, SILENT } from '../support/operations.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;

beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());

const HOUR = 3_600_000;

/** A repository with branches that have rested for a month, and a rule that deletes such. */
async function governed(name: string, branches: number): Promise<number> {
  const repoId = await two.makeRepo(name);
  receiptOf(await updateRepo({ ...two.by('owner', 0), viewer: ownViewer('owner', 'owner', 'owner') }, { repo: name, settings: { retention: { rules: [{ name: 'old', branches: ['**'], maxInactivity: 24 * HOUR, action: 'DELETE' }] } } }));
  for (let index = 0; index < branches; index++) receiptOf(await createBranch(two.by('agent', index), { repo: name, name: `session/${index}` }));
  await two.sql`update branch set last_activity_at = last_activity_at - interval '30 days' where repo_id = ${repoId}`;
  return repoId;
}

function rounds(turn: number, intervalMs = HOUR): RetentionRounds {
  return new RetentionRounds(two.gateway(turn).gateway, intervalMs);
}

async function live(repoId: number): Promise<string[]> {
  const rows = await two.sql<{ name: string }[]>`select name from branch where repo_id = ${repoId} and deleted_at is null order by name`;
  return rows.map(({ name }) => name);
}

async function runs(repoId: number): Promise<number> {
  const rows = await two.sql<{ count: number }[]>`select count(*)::int as count from operation where stream = ${repoId} and kind = 'RETENTION'`;
  return rows[0]?.count ?? 0;
}

describe('retention in the background', () => {
  it('is applied by one of the gateways that look at the same time, and by none before its next turn', async () => {
    const repoId = await governed('one', 3);
    await Promise.all([rounds(0).round(), rounds(1).round(), rounds(0).round(), rounds(1).round()]);
    expect(await live(repoId)).toEqual(['main']);
    expect(await runs(repoId)).toBe(4);
    receiptOf(await createBranch(two.by('agent', 0), { repo: 'one', name: 'session/again' }));
    await two.sql`update branch set last_activity_at = last_activity_at - interval '30 days' where repo_id = ${repoId}`;
    await rounds(1).round();
    expect(await live(repoId)).toEqual(['main', 'session/again']);
    await two.sql`update retention_turn set next_at = now() where repo_id = ${repoId}`;
    await rounds(1).round();
    expect(await live(repoId)).toEqual(['main']);
  });

  it('goes on in batches until nothing is left, in the name of the gateway itself', async () => {
    const repoId = await governed('many', 120);
    await rounds(0).round();
    expect(await live(repoId)).toEqual(['main']);
    expect(await runs(repoId)).toBe(122);
    const request = two.by('owner', 0);
    const operation = await request.reader.operation(repoId, 130);
    expect(operation).toMatchObject({ kind: 'RETENTION', actor: 'weir', keyId: 'retention', keyName: 'retention' });
  });

  it('leaves archived repositories alone, and takes branches that have expired where there is no rule', async () => {
    const [archived, expired] = [await governed('archived', 1), await two.makeRepo('expired')];
    await two.sql`update repo set archived_at = now() where id = ${archived}`;
    for (const name of ['session/1', 'session/2']) receiptOf(await createBranch(two.by('agent', 0), { repo: 'expired', name, expiresAt: new Date(Date.now() + HOUR) }));
    await two.sql`update branch set expires_at = now() where repo_id = ${expired} and name = 'session/1'`;
    await rounds(0).round();
    expect(await live(archived)).toEqual(['main', 'session/0']);
    expect(await live(expired)).toEqual(['main', 'session/2']);
    expect(await two.sql`select from retention_turn where repo_id = ${archived}`).toHaveLength(0);
  });

  it('tells what goes wrong and never rejects', async () => {
    const app = await two.fresh();
    const told: string[] = [];
    const broken = new RetentionRounds({ ...app.gateway, log: { ...SILENT, warn: (_fields, message) => told.push(message) } }, HOUR);
    await app.close();
    await broken.round();
    expect(told).toEqual(['retention could not look for its turns; the next look tries again']);
  });

  it('runs by itself once it was started, until it is closed', async () => {
    const repoId = await governed('started', 1);
    const started = rounds(0, 20);
    started.start();
    const deadline = Date.now() + 10_000;
    while ((await live(repoId)).length > 1 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    await started.close();
    expect(await live(repoId)).toEqual(['main']);
    const before = await two.sql`select next_at::text from retention_turn order by repo_id`;
    await started.round();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await two.sql`select next_at::text from retention_turn order by repo_id`).toEqual(before);
  });
});
