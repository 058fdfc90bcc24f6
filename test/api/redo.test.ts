import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { canRedo } from '../../src/operations/reading/history/read-timeline.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import type { StepInput } from '../../src/operations/timeline-inputs.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import type { Reader } from '../../src/domain/ports/reader.js';
import type { Storage } from '../../src/domain/ports/storage.js';
import type { Request } from '../../src/operations/request.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { statesOf } from '../support/timeline.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';
import { withMethod } from '../support/with-method.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const NAME = 'session/1';

/** A branch whose three checkpoints, which write their numbers into the file `n`, are all undone; the heads from the fork point on. */
async function undone(steps = 3): Promise<{ readonly repo: string; readonly repoId: number; readonly heads: readonly string[] }> {
  const { repo, repoId } = await world.repo();
  receiptOf(await createBranch(world.as('agent'), { repo, name: NAME }));
  const heads = [await world.head(repoId, NAME)];
  for (const text of ['1', '2', '3']) {
    await world.put('agent', repo, NAME, 'n', text);
    heads.push(await world.head(repoId, NAME));
  }
  receiptOf(await undo(world.as('agent'), { repo, branch: NAME, steps }));
  return { repo, repoId, heads };
}

function again(input: Partial<StepInput> & { readonly repo: string }, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof redo> {
  return redo(world.as('agent', key), { branch: NAME, ...input });
}

/** The same request, with something done once between its look at the branch and its look at what was undone there. */
function between(request: Request, meanwhile: () => Promise<void>): Request {
  let done = false;
  const slowly = (read: (...args: readonly unknown[]) => unknown) => async (...args: readonly unknown[]): Promise<unknown> => {
    if (!done) {
      done = true;
      await meanwhile();
    }
    return read(...args);
  };
  const storage = withMethod<Storage>(request.gateway.storage, 'reader', (reader) => () => withMethod<Reader>(reader() as Reader, 'undoneCheckpoints', slowly));
  return { ...request, gateway: { ...request.gateway, storage } };
}

describe('redo', () => {
  it('answers as of one moment where the branch moves between its reads', async () => {
    const { repo, repoId } = await undone();
    const { version } = (await world.app.storage.reader().branchByName(repoId, NAME)) ?? { version: 0 };
    const meanwhile = (): Promise<void> => world.put('other', repo, NAME, 'm', 'new work');
    expect(problemOf(await redo(between(world.as('agent'), meanwhile), { repo, branch: NAME, expectedVersion: version }))).toMatchObject({ code: 'STALE_HEAD', actualVersion: version + 1 });
  });


  it('brings what was undone again, one after the other in the order in which it was made', async () => {
    const { repo, repoId, heads } = await undone();
    const receipt = receiptOf(await again({ repo, expectedVersion: 5 }));
    const branch = await world.branch(repoId, NAME);
    expect(branch).toMatchObject({ head: heads[1], version: 6, checkpointId: receipt.checkpointId });
    expect(await statesOf(world, branch.id)).toEqual(['1 CURRENT', '2 UNDONE', '3 UNDONE']);
    expect(await world.operation(receipt.operation)).toMatchObject({ kind: 'REDO', refs: [{ branchName: NAME, before: heads[0], after: heads[1] }], events: [{ kind: 'BRANCH_MOVED', version: 6, checkpointId: branch.checkpointId }] });
    receiptOf(await again({ repo, steps: 2 }));
    expect(await world.branch(repoId, NAME)).toMatchObject({ head: heads[3], version: 7 });
    expect(await statesOf(world, branch.id)).toEqual(['1 BEHIND', '2 BEHIND', '3 CURRENT']);
    expect(await canRedo(world.as('agent'), branch)).toBe(false);
    await world.expectWholeLog(repoId);
  });

  it('moves a protected branch too, since that is forward', async () => {
    const { repo, repoId, heads } = await undone(1);
    const { id } = await world.branch(repoId, NAME);
    await world.count((sql) => sql`update branch set protected = true where id = ${id} returning 1 as count`);
    receiptOf(await again({ repo }));
    expect(await world.head(repoId, NAME)).toBe(heads[3]);
  });

  it('brings back what an inverse commit took out; by the pointer where nothing else holds that commit', async () => {
    const { repo, repoId, heads } = await undone(1);
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    const { id } = await world.branch(repoId, NAME);
    expect(await statesOf(world, id)).toEqual(['1 BEHIND', '2 UNDONE', '3 UNDONE', '4 CURRENT']);
    receiptOf(await again({ repo, steps: 2 }));
    expect(await world.head(repoId, NAME)).toBe(heads[3]);
    expect(await statesOf(world, id)).toEqual(['1 BEHIND', '2 BEHIND', '3 CURRENT', '4 ABANDONED']);
  });

  it('and by a commit where that one has been merged as well, so that the next merge brings the work back there', async () => {
    const { repo, repoId, heads } = await undone(1);
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    expect(await world.files(repoId, await world.head(repoId, 'main'))).toMatchObject({ n: '1' });
    const receipt = receiptOf(await again({ repo }));
    const branch = await world.branch(repoId, NAME);
    expect(await world.files(repoId, branch.head)).toMatchObject({ n: '2' });
    expect(await world.app.storage.reader().checkpoint(receipt.checkpointId ?? 0)).toMatchObject({ number: 5, origin: 'REVERT', message: 'Redo checkpoint 2' });
    expect(await statesOf(world, branch.id)).toEqual(['1 BEHIND', '2 BEHIND', '3 UNDONE', '4 ABANDONED', '5 CURRENT']);
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: NAME, into: 'main' }));
    expect(await world.files(repoId, await world.head(repoId, 'main'))).toMatchObject({ n: '2' });
    receiptOf(await again({ repo }));
    expect((await world.commit(repoId, await world.head(repoId, NAME))).tree).toBe((await world.commit(repoId, heads[3] ?? '')).tree);
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME, steps: 2 }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toMatchObject({ n: '1' });
    await world.expectWholeLog(repoId);
  });

  it('brings all of it again over an inverse commit that was itself taken back by one', async () => {
    const { repo, repoId } = await undone(1);
    receiptOf(await createBranch(world.as('owner'), { repo, name: 'shared', from: NAME }));
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    await world.put('agent', repo, NAME, 'n', '5');
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME, steps: 2 }));
    const { id } = await world.branch(repoId, NAME);
    expect(await statesOf(world, id)).toEqual(['1 UNDONE', '2 ABANDONED', '3 ABANDONED', '4 ABANDONED', '5 UNDONE', '6 CURRENT']);
    receiptOf(await again({ repo, steps: 2 }));
    const branch = await world.branch(repoId, NAME);
    expect(await statesOf(world, id)).toEqual(['1 BEHIND', '2 ABANDONED', '3 ABANDONED', '4 BEHIND', '5 CURRENT', '6 ABANDONED']);
    expect(await canRedo(world.as('agent'), branch)).toBe(false);
    expect(await world.files(repoId, branch.head)).toMatchObject({ n: '5' });
  });

  it('revises pending proposals', async () => {
    const { repo, head, proposalId } = await world.proposed();
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    receiptOf(await again({ repo }));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head });
  });

  it('answers a repeated call with the first one, and a dry run with what it would do', async () => {
    const { repo, heads } = await undone();
    expect(await world.withoutTrace(() => again({ repo, steps: 2, dryRun: true }))).toMatchObject({ ok: true, receipt: { operation: null, diff: { from: heads[0], to: heads[2] } } });
    const first = receiptOf(await again({ repo, idempotencyKey: `redo-${repo}` }));
    expect(await world.withoutTrace(() => again({ repo, idempotencyKey: `redo-${repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
  });

  it('makes each of several calls at the same time take one step', async () => {
    const { repo, repoId, heads } = await undone();
    expect(tally(await Promise.all([again({ repo }), again({ repo }), again({ repo }), again({ repo })]))).toEqual({ done: 3, refused: ['INVALID_INPUT'] });
    expect(await world.head(repoId, NAME)).toBe(heads[3]);
  });
});

describe('nothing is redone', () => {
  it('by no step, by more than were undone, and once the branch has gone on', async () => {
    const { repo } = await undone(2);
    for (const steps of [0, 3]) expect(problemOf(await world.withoutTrace(() => again({ repo, steps })))).toMatchObject({ code: 'INVALID_INPUT', field: 'steps' });
    await world.put('agent', repo, NAME, 'n', '4');
    expect(problemOf(await world.withoutTrace(() => again({ repo })))).toMatchObject({ code: 'INVALID_INPUT', field: 'steps' });
  });

  it('where the branch is not where the caller expects it', async () => {
    const { repo, heads } = await undone();
    expect(problemOf(await world.withoutTrace(() => again({ repo, expectedHead: heads[3] ?? '' })))).toMatchObject({ code: 'STALE_HEAD', actualHead: heads[0] });
  });

  it('by a key that may not, or that may not write what would change', async () => {
    const { repo } = await undone();
    for (const [key, code] of [[{ repos: ['x'] }, 'NOT_FOUND'], [{ scopes: ['READ'] }, 'FORBIDDEN'], [{ branches: ['main'] }, 'FORBIDDEN'], [{ paths: ['m'] }, 'FORBIDDEN']] as const) {
      expect(problemOf(await world.withoutTrace(() => again({ repo }, key))).code).toBe(code);
    }
  });
});
