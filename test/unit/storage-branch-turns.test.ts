import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BranchRecord } from '../../src/domain/branch.js';
import { gate, makeBranch, makeRepo, newCheckpoint, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';
import type { PostgresStorage } from '../../src/storage/index.js';

let fixture: StorageFixture;
let made = 0;

beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

async function aBranch(): Promise<BranchRecord> {
  const repo = await makeRepo(fixture.storage, `turns/r${++made}`);
  return makeBranch(fixture.storage, repo.id, 'main');
}

/** A turn that lasts until it is told to end. */
function held(storage: PostgresStorage, branchId: number): { readonly begun: Promise<void>; end(): void; readonly over: Promise<void> } {
  const [begin, end] = [gate(), gate()];
  const over = storage.turn(branchId, async () => {
    begin.open();
    await end.opened;
  });
  return { begun: begin.opened, end: end.open, over };
}

/** Resolves when so many connections wait for a turn. */
async function waiting(count: number): Promise<void> {
  await expect.poll(async () => (await fixture.sql`select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`).length, { timeout: 10_000, interval: 10 }).toBe(count);
}

function move(storage: PostgresStorage, branch: BranchRecord, inTurn: boolean): Promise<boolean> {
  return storage.transaction(async (tx) => (await tx.advanceBranch({ branchId: branch.id, expectedVersion: branch.version, head: oidOf(7), checkpoint: newCheckpoint() })) !== null, { inTurn });
}

test('turns on a branch come in the order in which gateways asked for them', async () => {
  const branch = await aBranch();
  const first = held(fixture.storage, branch.id);
  await first.begun;
  const order: string[] = [];
  const rest: Promise<unknown>[] = [];
  for (const [at, name] of ['second', 'third', 'fourth'].entries()) {
    rest.push(fixture.another().turn(branch.id, async () => order.push(name)));
    await waiting(at + 1);
  }
  expect(order).toEqual([]);
  first.end();
  await Promise.all(rest);
  expect(order).toEqual(['second', 'third', 'fourth']);
  await first.over;
});

test('turns on different branches do not wait for each other', async () => {
  const [one, other] = [await aBranch(), await aBranch()];
  const first = held(fixture.storage, one.id);
  await first.begun;
  expect(await fixture.another().turn(other.id, async () => 'through')).toBe('through');
  first.end();
  await first.over;
});

test('a branch does not move for whoever is not in line while another gateway has the turn, and does for the one that has it', async () => {
  const branch = await aBranch();
  const turn = held(fixture.storage, branch.id);
  await turn.begun;
  const other = fixture.another();
  expect(await move(other, branch, false)).toBe(false);
  expect(await other.transaction((tx) => tx.stepBranch({ branchId: branch.id, expectedVersion: branch.version, head: oidOf(8), checkpointId: null, changes: [] }))).toBeNull();
  expect(await move(fixture.storage, branch, true)).toBe(true);
  turn.end();
  await turn.over;
});

test('a branch that nobody stands in line for moves at once', async () => {
  expect(await move(fixture.storage, await aBranch(), false)).toBe(true);
});

test('whoever comes late does not pass those who wait for their turn', async () => {
  const branch = await aBranch();
  const [first, second] = [held(fixture.storage, branch.id), held(fixture.another(), branch.id)];
  await first.begun;
  await waiting(1);
  first.end();
  await second.begun;
  expect(await move(fixture.another(), branch, false)).toBe(false);
  second.end();
  await Promise.all([first.over, second.over]);
  expect(await move(fixture.another(), branch, false)).toBe(true);
});

test('the turn of a gateway that dies passes on, and what that gateway was doing is not disturbed', async () => {
  const branch = await aBranch();
  const dying = held(fixture.another(), branch.id);
  await dying.begun;
  const next = held(fixture.storage, branch.id);
  await waiting(1);
  await fixture.sql`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and objid = ${branch.id}::int::oid and database = (select oid from pg_database where datname = current_database())`;
  await next.begun;
  dying.end();
  await expect(dying.over).resolves.toBeUndefined();
  next.end();
  await next.over;
});

test('work is done all the same where more branches are contended than a gateway has connections for', async () => {
  const branches = await Promise.all(Array.from({ length: 6 }, aBranch));
  const turns = branches.map(({ id }) => held(fixture.storage, id));
  await Promise.all(turns.map(({ begun }) => begun));
  for (const turn of turns) turn.end();
  expect(await Promise.all(turns.map(({ over }) => over))).toHaveLength(6);
});

test('what the work rejects with is what the turn rejects with, and the next turn begins', async () => {
  const branch = await aBranch();
  await expect(fixture.storage.turn(branch.id, () => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  expect(await fixture.another().turn(branch.id, async () => 1)).toBe(1);
});
