import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { readChanges, directDiff } from '../../src/operations/reading/comparing/read-diff.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import type { RestoreInput } from '../../src/operations/timeline-inputs.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { statesOf } from '../support/timeline.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const NAME = 'session/1';

/** A branch with three checkpoints: the first writes files, the second changes, adds and deletes some, the third turns files into directories. */
async function worked(): Promise<{ readonly repo: string; readonly repoId: number; readonly heads: readonly string[] }> {
  const { repo, repoId } = await world.repo();
  receiptOf(await createBranch(world.as('agent'), { repo, name: NAME }));
  const heads = [await world.head(repoId, NAME)];
  const steps = [
    [{ write: { path: 'docs/a', text: 'a1' } }, { write: { path: 'docs/b', text: 'b1' } }, { write: { path: 'x', text: 'x1' } }],
    [{ write: { path: 'docs/a', text: 'a2' } }, { delete: { path: 'docs/b' } }, { write: { path: 'docs/c', text: 'c2' } }, { write: { path: 'y', text: 'y2' } }],
    [{ delete: { path: 'x' } }, { write: { path: 'x/deep', text: 'd3' } }, { write: { path: 'README', text: 'r3' } }, { delete: { path: 'README.md' } }],
  ];
  for (const changes of steps) {
    await world.write('agent', repo, NAME, ...changes);
    heads.push(await world.head(repoId, NAME));
  }
  return { repo, repoId, heads };
}

function bring(input: Partial<RestoreInput> & { readonly repo: string; readonly to: string }, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof restore> {
  return restore(world.as('agent', key), { branch: NAME, ...input });
}

describe('restore', () => {
  it('makes a new checkpoint with the whole content of an earlier one, and can be undone', async () => {
    const { repo, repoId, heads } = await worked();
    const receipt = receiptOf(await bring({ repo, to: `checkpoint:1@${NAME}`, expectedHead: heads[3] ?? '' }));
    const branch = await world.branch(repoId, NAME);
    expect(await world.commit(repoId, branch.head)).toMatchObject({ parents: [heads[3]], tree: (await world.commit(repoId, heads[1] ?? '')).tree, author: { name: 'agent' } });
    expect(await world.app.storage.reader().checkpoint(receipt.checkpointId ?? 0)).toMatchObject({ number: 4, origin: 'RESTORE', state: 'CURRENT', before: heads[3], runId: null, message: `Restore checkpoint:1@${NAME}` });
    expect(receipt.diff).toEqual({ from: heads[3], to: branch.head });
    expect(await world.operation(receipt.operation)).toMatchObject({ kind: 'RESTORE', subject: { type: 'Checkpoint', id: receipt.checkpointId }, events: [{ kind: 'BRANCH_MOVED', version: 5 }] });
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    expect(await world.head(repoId, NAME)).toBe(heads[3]);
    await world.expectWholeLog(repoId);
  });

  it('brings back what was undone and abandoned', async () => {
    const { repo, repoId, heads } = await worked();
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME, steps: 2 }));
    await world.put('agent', repo, NAME, 'z', 'z');
    const { id } = await world.branch(repoId, NAME);
    expect(await statesOf(world, id)).toEqual(['1 BEHIND', '2 ABANDONED', '3 ABANDONED', '4 CURRENT']);
    receiptOf(await bring({ repo, to: `checkpoint:3@${NAME}` }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toEqual(await world.files(repoId, heads[3] ?? ''));
    expect(await statesOf(world, id)).toEqual(['1 BEHIND', '2 ABANDONED', '3 ABANDONED', '4 BEHIND', '5 CURRENT']);
  });

  it.each<readonly [string, readonly string[], Readonly<Record<string, string | undefined>>]>([
    ['a file', ['docs/a'], { 'docs/a': 'a1' }],
    ['a deleted file', ['docs/b'], { 'docs/b': 'b1' }],
    ['a file that was not there', ['y'], { y: undefined }],
    ['a directory', ['docs/'], { 'docs/a': 'a1', 'docs/b': 'b1', 'docs/c': undefined }],
    ['a file where a directory is by now', ['x'], { x: 'x1', 'x/deep': undefined }],
    ['a glob', ['docs/[ab]'], { 'docs/a': 'a1', 'docs/b': 'b1' }],
    ['several', ['docs/a', 'x'], { 'docs/a': 'a1', x: 'x1', 'x/deep': undefined }],
  ])('of %s leaves everything else as it is, and its dry run shows the same diff', async (_, paths, changed) => {
    const { repo, repoId, heads } = await worked();
    const before = await world.files(repoId, heads[3] ?? '');
    const dry = receiptOf(await world.withoutTrace(() => bring({ repo, to: heads[1] ?? '', paths, dryRun: true })));
    const receipt = receiptOf(await bring({ repo, to: heads[1] ?? '', paths }));
    expect(await world.files(repoId, await world.head(repoId, NAME))).toEqual({ ...before, ...changed });
    const request = world.as('agent');
    const changesOf = async ({ from, to, ...more }: typeof dry.diff): Promise<unknown> => (await readChanges(request, directDiff(repoId, from, to, more))).map(({ path, status, newOid }) => [path, status, newOid]);
    expect(await changesOf(dry.diff)).toEqual(await changesOf(receipt.diff));
  });

  it('takes any commit that the key can read, and no other', async () => {
    const { repo, repoId, heads } = await worked();
    await world.worked(repo, 'secret/1');
    receiptOf(await bring({ repo, to: 'main' }));
    expect((await world.commit(repoId, await world.head(repoId, NAME))).tree).toBe((await world.commit(repoId, heads[0] ?? '')).tree);
    for (const to of ['secret/1', await world.head(repoId, 'secret/1'), 'nowhere', 'checkpoint:9@session/1']) {
      expect(problemOf(await world.withoutTrace(() => bring({ repo, to }, { readBranches: ['main', 'session/*'] })))).toMatchObject({ code: 'INVALID_INPUT', field: 'to' });
    }
  });

  it('revises pending proposals and answers a repeated call with the first one', async () => {
    const { repo, repoId, proposalId } = await world.approved();
    const first = receiptOf(await bring({ repo, to: 'main', message: 'Start again', idempotencyKey: `restore-${repo}` }));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head: await world.head(repoId, NAME) });
    expect(await world.withoutTrace(() => bring({ repo, to: 'main', message: 'Start again', idempotencyKey: `restore-${repo}` }))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('nothing is restored', () => {
  it.each<readonly [string, Partial<RestoreInput>, string]>([
    ['at no paths', { paths: [] }, 'paths'],
    ['at a path that is nowhere', { paths: ['docs/a', 'nowhere'] }, 'paths[1]'],
    ['at the root by name', { paths: ['/'] }, 'paths[0]'],
    ['at more paths than are allowed', { paths: Array.from({ length: 1001 }, (_, n) => `f${n}`) }, 'paths'],
    ['below a file that stands in the way', { to: 'checkpoint:3@session/1', paths: ['x/deep'] }, 'paths'],
    ['beside a name that differs by case only', { to: 'checkpoint:1@session/1', paths: ['README.md'] }, 'paths'],
    ['with an empty message', { message: ' ' }, 'message'],
    ['with a forged trailer', { message: 'x\n\nWeir-Run: 1' }, 'message'],
  ])('%s', async (_, more, field) => {
    const { repo } = await worked();
    // Back to where x is a file and the name of the readme is about to clash.
    receiptOf(await undo(world.as('agent'), { repo, branch: NAME }));
    await world.write('agent', repo, NAME, { delete: { path: 'README.md' } }, { write: { path: 'readme.MD', text: 'r' } });
    expect(problemOf(await world.withoutTrace(() => bring({ repo, to: `checkpoint:1@${NAME}`, ...more })))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('on a protected branch, a moved one, or by a key that may not', async () => {
    const { repo, repoId, heads } = await worked();
    const codeOf = async (more: Partial<RestoreInput>, key?: Parameters<VerbWorld['as']>[1]): Promise<string> => problemOf(await world.withoutTrace(() => bring({ repo, to: heads[1] ?? '', ...more }, key))).code;
    expect(await codeOf({ expectedVersion: 1 })).toBe('STALE_HEAD');
    expect(await codeOf({}, { repos: ['x'] })).toBe('NOT_FOUND');
    expect(await codeOf({}, { scopes: ['READ'] })).toBe('FORBIDDEN');
    expect(await codeOf({}, { branches: ['main'] })).toBe('FORBIDDEN');
    expect(await codeOf({}, { paths: ['docs/**'] })).toBe('FORBIDDEN');
    expect(await codeOf({ paths: ['x'] }, { paths: ['docs/**'] })).toBe('FORBIDDEN');
    receiptOf(await bring({ repo, to: heads[1] ?? '', paths: ['docs'] }, { paths: ['docs/**'] }));
    const { id } = await world.branch(repoId, NAME);
    await world.count((sql) => sql`update branch set protected = true where id = ${id} returning 1 as count`);
    expect(await codeOf({})).toBe('PROTECTED_BRANCH');
  });
});
