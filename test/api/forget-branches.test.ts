import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { forgetBranches } from '../../src/operations/retention/forget-branches.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { RetentionRounds } from '../../src/operations/retention/retention-rounds.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const DAY = 86_400_000;

function admin(): ReturnType<VerbWorld['as']> {
  return world.as('admin', { scopes: ['ADMIN'] });
}

/** A repository that keeps deleted branches for so many days. */
async function keeping(days: number): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await world.repo();
  receiptOf(await updateRepo(admin(), { repo: made.repo, settings: { retention: { keepDeleted: days * DAY } } }));
  return made;
}

/** A branch with work of its own that was deleted so many days ago. */
async function deleted({ repo, repoId }: { readonly repo: string; readonly repoId: number }, name: string, days: number): Promise<{ readonly id: number; readonly head: string }> {
  const { id, head } = await world.worked(repo, name);
  receiptOf(await deleteBranch(world.as('agent'), { repo, name }));
  await world.count((sql) => sql`update branch set deleted_at = deleted_at - ${days} * interval '1 day' where id = ${id} and repo_id = ${repoId} returning 1 as count`);
  return { id, head };
}

async function isStored(repoId: number, oid: string): Promise<boolean> {
  return world.app.storage.objects.open(repoId).read(oid).then(() => true, () => false);
}

async function findings(): Promise<string[]> {
  const found: string[] = [];
  await world.app.examine(({ message }) => found.push(message));
  return found;
}

describe('a deleted branch', () => {
  it('is restorable until its grace has passed, and then what only it led to may be collected', async () => {
    const made = await keeping(7);
    const [young, old] = [await deleted(made, 'session/young', 6), await deleted(made, 'session/old', 8)];
    expect(receiptOf(await forgetBranches(admin(), { repo: made.repo }))).toEqual({ forgotten: 1, more: false });
    await world.app.storage.upkeep.collect(made.repoId);
    expect([await isStored(made.repoId, young.head), await isStored(made.repoId, old.head)]).toEqual([true, false]);
    expect(problemOf(await world.withoutTrace(() => restoreBranch(world.as('agent'), { id: encodeGlobalId({ type: 'Branch', id: old.id }) })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'FORGOTTEN' });
    receiptOf(await restoreBranch(world.as('agent'), { id: encodeGlobalId({ type: 'Branch', id: young.id }) }));
    expect(await world.files(made.repoId, await world.head(made.repoId, 'session/young'))).toHaveProperty(['session/young.txt']);
    expect(await findings()).toEqual([]);
    await world.expectWholeLog(made.repoId);
  });

  it('is let go of once, told in the log', async () => {
    const made = await keeping(1);
    await deleted(made, 'session/1', 2);
    receiptOf(await forgetBranches(admin(), { repo: made.repo }));
    const seq = await world.count((sql) => sql`select max(seq) as count from operation where stream = ${made.repoId}`);
    expect(await world.operation({ stream: made.repoId, seq })).toMatchObject({ kind: 'RETENTION', subject: { type: 'Repo', id: made.repoId }, reason: '1 deleted branches are past their grace and not kept any more' });
    expect(receiptOf(await world.withoutTrace(() => forgetBranches(admin(), { repo: made.repo })))).toEqual({ forgotten: 0, more: false });
  });

  it('is kept for good unless the repository says otherwise', async () => {
    const made = await world.repo();
    const { head } = await deleted(made, 'session/1', 3000);
    expect(receiptOf(await world.withoutTrace(() => forgetBranches(admin(), { repo: made.repo })))).toEqual({ forgotten: 0, more: false });
    await world.app.storage.upkeep.collect(made.repoId);
    expect(await isStored(made.repoId, head)).toBe(true);
  });

  it('leaves what others hold: branches that were cut from it, and proposals', async () => {
    const made = await keeping(1);
    const { head } = await world.worked(made.repo, 'session/1');
    receiptOf(await createBranch(world.as('agent'), { repo: made.repo, name: 'session/child', from: 'session/1' }));
    const proposed = await world.worked(made.repo, 'session/2');
    receiptOf(await openProposal(world.as('agent'), { repo: made.repo, source: 'session/2', title: 'Work' }));
    for (const name of ['session/1', 'session/2']) receiptOf(await deleteBranch(world.as('agent'), { repo: made.repo, name }));
    await world.count((sql) => sql`update branch set deleted_at = deleted_at - interval '2 days' where repo_id = ${made.repoId} and deleted_at is not null returning 1 as count`);
    expect(receiptOf(await forgetBranches(admin(), { repo: made.repo })).forgotten).toBe(2);
    await world.app.storage.upkeep.collect(made.repoId);
    expect([await isStored(made.repoId, head), await isStored(made.repoId, proposed.head)]).toEqual([true, true]);
    expect(await findings()).toEqual([]);
  });

  it('is let go of in the background', async () => {
    const made = await keeping(1);
    const { id } = await deleted(made, 'session/1', 2);
    await new RetentionRounds(world.app.gateway, 3_600_000).round();
    expect((await world.branchById(id)).forgottenAt).toBeInstanceOf(Date);
  });
});

it('letting go of branches is not for keys without ADMIN', async () => {
  const made = await keeping(1);
  expect(problemOf(await forgetBranches(world.as('agent'), { repo: made.repo }))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
});
