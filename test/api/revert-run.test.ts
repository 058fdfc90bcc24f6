import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { conflictSide, readConflicts } from '../../src/operations/reading/comparing/read-conflicts.js';
import { directDiff, readChanges } from '../../src/operations/reading/comparing/read-diff.js';
import { revertRun } from '../../src/operations/checkpoint/revert-run.js';
import type { RevertRunInput } from '../../src/operations/timeline-inputs.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const NAME = 'session/1';
const TEN = Array.from({ length: 10 }, (_, n) => `line ${n}`);

/** The ten lines with some replaced. */
function lines(changed: Readonly<Record<number, string>>): string {
  return `${TEN.map((line, n) => changed[n] ?? line).join('\n')}\n`;
}

async function step(repo: string, runId: string | null, path: string, text: string): Promise<void> {
  receiptOf(await createCheckpoint(world.as('agent'), { repo, branch: NAME, message: 'Work', runId, changes: [{ write: { path, text } }] }));
}

/** A branch on which two runs have worked by turns, at both ends of one file and in files of their own. */
async function byTurns(): Promise<{ readonly repo: string; readonly repoId: number; readonly head: string }> {
  const { repo, repoId } = await world.repo();
  receiptOf(await createBranch(world.as('agent'), { repo, name: NAME }));
  await step(repo, null, 'f', lines({}));
  await step(repo, 'bad', 'f', lines({ 0: 'bad' }));
  await step(repo, 'bad', 'bad.txt', 'bad\n');
  await step(repo, 'good', 'f', lines({ 0: 'bad', 9: 'good' }));
  await step(repo, 'bad', 'bad.txt', 'worse\n');
  await step(repo, 'good', 'good.txt', 'good\n');
  return { repo, repoId, head: await world.head(repoId, NAME) };
}

function takeOut(input: Partial<RevertRunInput> & { readonly repo: string }, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof revertRun> {
  return revertRun(world.as('agent', key), { branch: NAME, runId: 'bad', ...input });
}

describe('taking a run out', () => {
  it('removes what it did, all of it, and leaves what others did before and later', async () => {
    const { repo, repoId, head } = await byTurns();
    const receipt = receiptOf(await takeOut({ repo, expectedHead: head }));
    const branch = await world.branch(repoId, NAME);
    const { 'bad.txt': bad, ...files } = await world.files(repoId, branch.head);
    expect(bad).toBeUndefined();
    expect(files).toMatchObject({ f: lines({ 9: 'good' }), 'good.txt': 'good\n' });
    expect((await world.commit(repoId, branch.head)).parents).toEqual([head]);
    expect(await world.app.storage.reader().checkpoint(receipt.checkpointId ?? 0)).toMatchObject({ number: 7, origin: 'REVERT', runId: null, message: 'Revert run bad', before: head });
    expect(await world.operation(receipt.operation)).toMatchObject({ kind: 'REVERT_RUN', refs: [{ branchName: NAME, before: head, after: branch.head }] });
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    expect(await world.head(repoId, NAME)).toBe(head);
    await world.expectWholeLog(repoId);
  });

  it('shows in a dry run what it would change, and writes nothing', async () => {
    const { repo, repoId } = await byTurns();
    const dry = receiptOf(await world.withoutTrace(() => takeOut({ repo, dryRun: true })));
    const done = receiptOf(await takeOut({ repo }));
    const changesOf = async ({ from, to, ...merged }: typeof dry.diff): Promise<unknown> => (await readChanges(world.as('agent'), { ...directDiff(repoId, from, to, null), ...merged })).map(({ path, status, newOid }) => [path, status, newOid]);
    expect(await changesOf(dry.diff)).toEqual(await changesOf(done.diff));
    expect(await changesOf(done.diff)).toEqual([['bad.txt', 'DELETED', null], ['f', 'MODIFIED', expect.any(String)]]);
  });

  it('takes out what a run brought in by a merge', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/9', runId: 'bad' }));
    await world.put('agent', repo, 'session/9', 'bad.txt', 'bad\n');
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: 'session/9', into: 'main' }));
    await world.put('owner', repo, 'main', 'later.txt', 'later\n');
    receiptOf(await takeOut({ repo, branch: 'main' }));
    const files = await world.files(repoId, await world.head(repoId, 'main'));
    expect(files).toMatchObject({ 'later.txt': 'later\n' });
    expect(files).not.toHaveProperty('bad.txt');
  });

  it('answers what was built on it as conflicts that can be read and resolved', async () => {
    const { repo, repoId } = await byTurns();
    await step(repo, 'good', 'f', lines({ 0: 'bad, made good', 9: 'good' }));
    const head = await world.head(repoId, NAME);
    const problem = problemOf(await world.withoutTrace(() => takeOut({ repo })));
    if (problem.code !== 'MERGE_CONFLICTED') throw new TypeError(problem.code);
    expect(problem).toMatchObject({ ours: head, conflicts: [{ path: 'f', kind: 'CONTENT' }] });
    const { edges } = await readConflicts(world.as('agent'), problem, { count: 10, after: null, backward: false });
    const [view] = edges.map(({ node }) => node);
    if (view === undefined) throw new TypeError('no conflict is listed');
    const { conflict } = view;
    expect(conflict.hunks.map(({ ours, theirs }) => [ours.toString(), theirs.toString()])).toEqual([['bad, made good\n', 'line 0\n']]);
    const objects = world.app.storage.objects.open(repoId);
    const textOf = async (which: 'base' | 'theirs'): Promise<string> => (await objects.read(conflictSide(view, which)?.side.oid ?? '')).content.toString();
    expect(await textOf('base')).toBe(lines({ 0: 'bad' }));
    expect(await textOf('theirs')).toBe(lines({}));
    const resolutions = [{ content: { path: 'f', text: lines({ 0: 'settled', 9: 'good' }) } }];
    const dry = receiptOf(await world.withoutTrace(() => takeOut({ repo, resolutions, dryRun: true })));
    expect(dry.diff.mergedBy).toMatch(/^V\./u);
    receiptOf(await takeOut({ repo, resolutions }));
    const files = await world.files(repoId, await world.head(repoId, NAME));
    expect(files).toMatchObject({ f: lines({ 0: 'settled', 9: 'good' }) });
    expect(files).not.toHaveProperty('bad.txt');
  });

  it('is possible on a protected branch, and once only', async () => {
    const { repo, repoId } = await byTurns();
    const { id } = await world.branch(repoId, NAME);
    await world.count((sql) => sql`update branch set protected = true where id = ${id} returning 1 as count`);
    const first = receiptOf(await takeOut({ repo, idempotencyKey: `revert-${repo}` }));
    expect(await world.withoutTrace(() => takeOut({ repo, idempotencyKey: `revert-${repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await world.withoutTrace(() => takeOut({ repo })))).toMatchObject({ code: 'INVALID_INPUT', field: 'runId' });
  });

  it('takes out only what the run has done since it was last taken out', async () => {
    const { repo, repoId } = await byTurns();
    receiptOf(await takeOut({ repo }));
    await step(repo, 'bad', 'again.txt', 'again\n');
    receiptOf(await takeOut({ repo }));
    const files = await world.files(repoId, await world.head(repoId, NAME));
    expect(files).toMatchObject({ f: lines({ 9: 'good' }), 'good.txt': 'good\n' });
    expect(files).not.toHaveProperty('again.txt');
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME, steps: 3 }));
    receiptOf(await takeOut({ repo }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toMatchObject({ f: lines({ 9: 'good' }) });
  });
});

describe('no run is taken out', () => {
  it('that left nothing there, or whose work is undone already', async () => {
    const { repo } = await byTurns();
    expect(problemOf(await world.withoutTrace(() => takeOut({ repo, runId: 'other' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'runId' });
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME, steps: 5 }));
    expect(problemOf(await world.withoutTrace(() => takeOut({ repo })))).toMatchObject({ code: 'INVALID_INPUT', field: 'runId' });
  });

  it.each<readonly [string, Partial<RevertRunInput>, string]>([
    ['without a name', { runId: '' }, 'runId'],
    ['of two lines', { runId: 'a\nb' }, 'runId'],
    ['with an empty message', { message: '' }, 'message'],
    ['with a resolution of nothing', { resolutions: [{ delete: { path: 'good.txt' } }] }, 'resolutions[0]'],
  ])('%s', async (_, more, field) => {
    const { repo } = await byTurns();
    expect(problemOf(await world.withoutTrace(() => takeOut({ repo, ...more })))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('on a moved branch, or by a key that may not, or may not write what would change', async () => {
    const { repo } = await byTurns();
    const codeOf = async (more: Partial<RevertRunInput>, key?: Parameters<VerbWorld['as']>[1]): Promise<string> => problemOf(await world.withoutTrace(() => takeOut({ repo, ...more }, key))).code;
    expect(await codeOf({ expectedVersion: 1 })).toBe('STALE_HEAD');
    expect(await codeOf({}, { repos: ['x'] })).toBe('NOT_FOUND');
    expect(await codeOf({}, { scopes: ['READ'] })).toBe('FORBIDDEN');
    expect(await codeOf({}, { branches: ['main'] })).toBe('FORBIDDEN');
    expect(await codeOf({}, { paths: ['f'] })).toBe('FORBIDDEN');
  });
});
