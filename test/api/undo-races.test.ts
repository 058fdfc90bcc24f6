import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { Request } from '../../src/operations/request.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';

let operations: OperationsFixture;
beforeAll(async () => {
  operations = await openOperations();
});
afterAll(() => operations.close());

const checkpoint = (repo: string, branch: string, path: string): ReturnType<typeof createCheckpoint> => createCheckpoint(operations.as('ada'), { repo, branch, message: 'Work', changes: [{ write: { path, text: path } }] });

/** A request before whose first transaction something happens, and the number of its tries. */
function after(happens: () => Promise<unknown>): { readonly request: Request; tries(): number } {
  const request = operations.as('ada');
  const { storage } = request.gateway;
  let tries = 0;
  const transaction: typeof storage.transaction = async (work, options) => {
    if (tries++ === 0) await happens();
    return storage.transaction(work, options);
  };
  const watched = new Proxy(storage, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (name === 'transaction') return transaction;
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
  return { request: { ...request, gateway: { ...request.gateway, storage: watched } }, tries: () => tries };
}

async function makeWork(repo: string): Promise<void> {
  receiptOf(await createRepo(operations.as('ada'), { name: repo, files: [{ path: 'a', text: 'a' }] }));
  for (const name of ['session/mine', 'session/other']) receiptOf(await createBranch(operations.as('ada'), { repo, name }));
  receiptOf(await checkpoint(repo, 'session/mine', 'mine'));
}

it('what others do on branches of their own meanwhile costs an undo no second try', async () => {
  await makeWork('busy');
  const { request, tries } = after(async () => receiptOf(await checkpoint('busy', 'session/other', 'other')));
  receiptOf(await undo(request, { repo: 'busy', branch: 'session/mine' }));
  expect(tries()).toBe(1);
  const { head } = await branchOf('busy', 'session/mine');
  expect(head).toBe((await branchOf('busy', 'main')).head);
});

it('a branch that was made of the work meanwhile has it undone by an inverse commit', async () => {
  await makeWork('forked');
  const { head: before } = await branchOf('forked', 'session/mine');
  const { request, tries } = after(async () => receiptOf(await createBranch(operations.as('ada'), { repo: 'forked', name: 'session/forked', from: before })));
  receiptOf(await undo(request, { repo: 'forked', branch: 'session/mine' }));
  expect(tries()).toBe(2);
  const { head } = await branchOf('forked', 'session/mine');
  const graph = await operations.app.storage.graph((await repoOf('forked')).id);
  expect(graph.isAncestor(before, head)).toBe(true);
});

async function repoOf(name: string): Promise<{ readonly id: number }> {
  const repo = await operations.app.storage.reader().repoByName(name);
  if (repo === null) throw new TypeError(`no ${name}`);
  return repo;
}

async function branchOf(repo: string, name: string): Promise<{ readonly head: string }> {
  const branch = await operations.app.storage.reader().branchByName((await repoOf(repo)).id, name);
  if (branch === null) throw new TypeError(`no ${name}`);
  return branch;
}
