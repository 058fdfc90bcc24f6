import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { forkRepo } from '../../src/operations/repo/fork-repo.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import type { Outcome } from '../../src/operations/outcome.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import { revertRun } from '../../src/operations/checkpoint/revert-run.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { runRetention } from '../../src/operations/retention/run-retention.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

/** Stands in for the end of the process at a fault point. */
class Crash extends TypeError {}

/** The points before the commit in the order in which a verb passes them; those of a pack only where it has objects to write. */
const PACK_POINTS = ['pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced'];
const OPERATION_POINTS = ['operation.objects-durable', 'operation.applied', 'operation.appended', 'operation.before-commit'];

let world: VerbWorld;
let aim: string | null = null;
let count = 0;

function crashAtAim(point: string): void {
  if (point !== aim) return;
  aim = null;
  throw new Crash(point);
}

beforeAll(async () => {
  world = await openWorld({ faults: { at: crashAtAim } });
});
afterAll(() => world.close());

/** One call with everything around it in place: made again, it is the same call with the same idempotency key. */
type Call = () => Promise<Outcome<unknown>>;

/** A repository with an approved proposal of session/1, and work on session/3; `idempotencyKey` is new each time. */
async function scene(): Promise<{ readonly repo: string; readonly head: string; readonly idempotencyKey: string }> {
  const { repo, head } = await world.approved();
  await world.worked(repo, 'session/3');
  return { repo, head, idempotencyKey: `call-${count++}` };
}

function admin(): ReturnType<VerbWorld['as']> {
  return world.as('admin', { scopes: ['ADMIN'] });
}

const KEY = { name: 'Key', scopes: ['READ'], repos: ['**'], branches: [] } as const;

const VERBS: readonly (readonly [name: string, writesPack: boolean, prepare: () => Promise<Call>])[] = [
  ['createRepo', true, async () => {
    const input = { name: `made-${count++}`, files: [{ path: 'a', text: 'a' }], idempotencyKey: `call-${count++}` };
    return () => createRepo(world.as('owner'), input);
  }],
  ['forkRepo', true, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => forkRepo(world.as('owner'), { repo, name: `fork-${idempotencyKey}`, idempotencyKey });
  }],
  ['createBranch', false, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => createBranch(world.as('agent'), { repo, name: 'session/2', idempotencyKey });
  }],
  ['deleteBranch', false, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => deleteBranch(world.as('agent'), { repo, name: 'session/1', idempotencyKey });
  }],
  ['createCheckpoint', true, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => createCheckpoint(world.as('agent'), { repo, branch: 'session/1', message: 'm', prompt: 'p', changes: [{ write: { path: 'c', text: 'c' } }], idempotencyKey });
  }],
  ['undo', false, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => undo(world.as('agent'), { repo, branch: 'session/1', idempotencyKey });
  }],
  ['undo by an inverse commit', true, async () => {
    const { repo, idempotencyKey } = await scene();
    receiptOf(await createBranch(world.as('owner'), { repo, name: 'held', from: 'session/1' }));
    return () => undo(world.as('agent'), { repo, branch: 'session/1', idempotencyKey });
  }],
  ['redo', false, async () => {
    const { repo, idempotencyKey } = await scene();
    receiptOf(await undo(world.as('agent'), { repo, branch: 'session/1' }));
    return () => redo(world.as('agent'), { repo, branch: 'session/1', idempotencyKey });
  }],
  ['restore', true, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => restore(world.as('agent'), { repo, branch: 'session/1', to: 'main', idempotencyKey });
  }],
  ['restoreBranch', false, async () => {
    const { repo, idempotencyKey } = await scene();
    const { branchId } = receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'session/1' }));
    return () => restoreBranch(world.as('agent'), { id: encodeGlobalId({ type: 'Branch', id: branchId }), idempotencyKey });
  }],
  ['refreshBranch', true, async () => {
    const { repo, idempotencyKey } = await scene();
    await world.put('owner', repo, 'main', 'base.txt', 'base\n');
    return () => refreshBranch(world.as('agent'), { repo, name: 'session/1', idempotencyKey });
  }],
  ['revertRun', true, async () => {
    const { repo, idempotencyKey } = await scene();
    receiptOf(await createCheckpoint(world.as('agent'), { repo, branch: 'session/1', message: 'm', runId: 'bad', changes: [{ write: { path: 'bad', text: 'bad' } }] }));
    return () => revertRun(world.as('agent'), { repo, branch: 'session/1', runId: 'bad', idempotencyKey });
  }],
  ['mergeBranch', true, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => mergeBranch(world.as('owner'), { repo, from: 'session/1', into: 'main', strategy: 'SQUASH', idempotencyKey });
  }],
  ['openProposal', false, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => openProposal(world.as('agent'), { repo, source: 'session/3', title: 'More', idempotencyKey });
  }],
  ['reviewProposal', false, async () => {
    const { repo, head, idempotencyKey } = await scene();
    return () => reviewProposal(world.as('critic'), { repo, number: 1, verdict: 'REQUEST_CHANGES', head, body: 'no', idempotencyKey });
  }],
  ['mergeProposal', true, async () => {
    const { repo, head, idempotencyKey } = await scene();
    return () => mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head, deleteSource: true, idempotencyKey });
  }],
  ['rejectProposal', false, async () => {
    const { repo, idempotencyKey } = await scene();
    return () => rejectProposal(world.as('reviewer'), { repo, number: 1, reason: 'no', deleteSource: true, idempotencyKey });
  }],
  ['createApiKey', false, async () => {
    const input = { ...KEY, idempotencyKey: `call-${count++}` };
    return async () => (await createApiKey(admin(), input)).outcome;
  }],
  ['revokeApiKey', false, async () => {
    const { keyId } = receiptOf((await createApiKey(admin(), KEY)).outcome);
    return () => revokeApiKey(admin(), { id: keyId, idempotencyKey: keyId });
  }],
  ['runRetention', false, async () => {
    const { repo, idempotencyKey } = await scene();
    receiptOf(await updateRepo(admin(), { repo, settings: { retention: { rules: [{ name: 'stale', branches: ['session/**'], maxInactivity: 86_400_000, action: 'DELETE' }] } } }));
    await world.count((sql) => sql`update branch set last_activity_at = last_activity_at - interval '2 days' where name like 'session/%' and repo_id = (select id from repo where name = ${repo}) returning 1 as count`);
    return () => runRetention(admin(), { repo, idempotencyKey });
  }],
];

describe.each(VERBS)('%s', (_, writesPack, prepare) => {
  it.each([...(writesPack ? PACK_POINTS : []), ...OPERATION_POINTS])('leaves nothing behind when it ends at %s, and happens once when it is repeated', async (point) => {
    const call = await prepare();
    const before = await world.census();
    aim = point;
    await expect(call()).rejects.toThrow(new Crash(point));
    expect(await world.census()).toEqual(before);
    const outcome = await call();
    expect(outcome).toMatchObject({ ok: true, replayed: false });
    const after = await world.census();
    expect(after).not.toEqual(before);
    expect(await call()).toEqual({ ...outcome, replayed: true });
    expect(await world.census()).toEqual(after);
  });

  it('has happened when it ends after the commit, and is answered when it is repeated', async () => {
    const call = await prepare();
    const before = await world.census();
    aim = 'operation.committed';
    await expect(call()).rejects.toThrow(new Crash('operation.committed'));
    const after = await world.census();
    expect(after).not.toEqual(before);
    expect(await call()).toMatchObject({ ok: true, replayed: true });
    expect(await world.census()).toEqual(after);
  });
});
