import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { CreateBranchInput } from '../../src/operations/inputs.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('a new branch', () => {
  it('stands at the default branch with all that it was given, and makes no checkpoint', async () => {
    const { repo, repoId } = await world.repo();
    const head = await world.head(repoId, 'main');
    const expiresAt = new Date(Date.now() + 86_400_000);
    const { branchId, operation } = receiptOf(
      await createBranch(world.as('agent'), { repo, name: 'session/1', runId: 'run-1', sessionId: 's-1', metadata: [{ key: 'Model', value: 'm' }], expiresAt }),
    );
    expect(await world.branchById(branchId)).toMatchObject({
      repoId, name: 'session/1', head, version: 1, baseName: 'main', forkOid: head, protected: false, createdBy: 'agent', expiresAt, runId: 'run-1', sessionId: 's-1',
      metadata: [{ key: 'Model', value: 'm' }], checkpointId: null, nextCheckpoint: 1, mergedAt: null, deletedAt: null,
    });
    expect(await world.operation(operation)).toMatchObject({
      kind: 'CREATE_BRANCH', actor: 'agent', runId: 'run-1', refs: [{ branchName: 'session/1', before: null, after: head }], subject: { type: 'Branch', id: branchId },
      events: [{ kind: 'BRANCH_CREATED', repoName: repo, branchId, branchName: 'session/1', after: head, version: 1 }],
    });
    await world.expectWholeLog(repoId);
  });

  it('begins at any rev that the key can read, and has the branch that the rev names as its base', async () => {
    const { repo, repoId } = await world.repo();
    const root = await world.head(repoId, 'main');
    const session = await world.worked(repo, 'session/1');
    await world.put('agent', repo, 'session/1', 'second', '2');
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    const tip = await world.head(repoId, 'session/1');
    const cases: readonly (readonly [string, string, string])[] = [
      ['session/1', tip, 'session/1'],
      [encodeGlobalId({ type: 'Branch', id: session.id }), tip, 'session/1'],
      ['checkpoint:1@session/1', session.head, 'main'],
      ['proposal:1', tip, 'main'],
      [root, root, 'main'],
      [session.head.slice(0, 12), session.head, 'main'],
    ];
    for (const [index, [from, head, baseName]] of cases.entries()) {
      const { branchId } = receiptOf(await createBranch(world.as('agent'), { repo, name: `from/${index}`, from }));
      expect([from, await world.branchById(branchId)]).toMatchObject([from, { head, forkOid: head, baseName }]);
    }
  });

  it('takes the name of a deleted one, and is another branch', async () => {
    const { repo } = await world.repo();
    const first = receiptOf(await createBranch(world.as('agent'), { repo, name: 'again' }));
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'again' }));
    const second = receiptOf(await createBranch(world.as('agent'), { repo, name: 'again' }));
    expect(second.branchId).not.toBe(first.branchId);
  });

  it('is the first one when the call is repeated, and another time of expiry is another call', async () => {
    const { repo } = await world.repo();
    const input = { repo, name: 'once', expiresAt: new Date(Date.now() + 86_400_000), idempotencyKey: 'one' };
    const first = receiptOf(await createBranch(world.as('agent'), input));
    expect(await world.withoutTrace(() => createBranch(world.as('agent'), input))).toEqual({ ok: true, replayed: true, receipt: first });
    const later = { ...input, expiresAt: new Date(input.expiresAt.getTime() + 1) };
    expect(problemOf(await createBranch(world.as('agent'), later))).toMatchObject({ code: 'INVALID_INPUT', field: 'idempotencyKey' });
  });

  it('goes to one of several callers when their names clash', async () => {
    const { repo, repoId } = await world.repo();
    const names = ['a', 'A', 'a/b', 'a/B/c', 'a', 'a/b'];
    const outcomes = await Promise.all(names.map((name) => createBranch(world.as('agent'), { repo, name })));
    const made = names.filter((_, index) => outcomes[index]?.ok);
    expect(tally(outcomes).refused).toEqual(outcomes.filter(({ ok }) => !ok).map(() => 'NAME_TAKEN'));
    // Every pair of these clashes.
    expect(made).toHaveLength(1);
    await world.expectWholeLog(repoId);
  });
});

describe('no branch is made', () => {
  let repo: string;

  beforeAll(async () => {
    ({ repo } = await world.repo());
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'taken/name' }));
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'secret/1' }));
    await world.put('agent', repo, 'secret/1', 'secret', 'secret');
  });

  it.each<readonly [string, Partial<CreateBranchInput>, string]>([
    ['under an empty name', { name: '' }, 'name'],
    ['under a name that git would refuse', { name: 'a..b' }, 'name'],
    ['under a name that ends in .lock', { name: 'x.lock' }, 'name'],
    ['under a full ref', { name: 'refs/heads/x' }, 'name'],
    ['under what looks like an object id', { name: 'a'.repeat(40) }, 'name'],
    ['under HEAD', { name: 'HEAD' }, 'name'],
    ['with an expiry that has passed', { expiresAt: new Date(0) }, 'expiresAt'],
    ['with a run of two lines', { runId: 'a\nb' }, 'runId'],
    ['with an empty session', { sessionId: '' }, 'sessionId'],
    ['with metadata of the server’s', { metadata: [{ key: 'Weir-Run', value: 'x' }] }, 'metadata[0].key'],
    ['from a rev that does not exist', { from: 'absent' }, 'from'],
    ['from a rev in git’s own syntax', { from: 'main~1' }, 'from'],
    ['from an object that is no commit', { from: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' }, 'from'],
  ])('%s', async (_, more, field) => {
    const problem = problemOf(await world.withoutTrace(() => createBranch(world.as('agent'), { repo, name: 'fine', ...more })));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it.each(['taken/name', 'Taken/Name', 'taken', 'TAKEN', 'taken/name/below', 'taken/NAME/below', 'main', 'MAIN', 'main/x'])('where %s would clash', async (name) => {
    expect(problemOf(await world.withoutTrace(() => createBranch(world.as('agent'), { repo, name })))).toMatchObject({ code: 'NAME_TAKEN', name });
  });

  it('from what the key cannot read, in the same words as from what is not there', async () => {
    const limited = { readBranches: ['main', 'session/*'] };
    const hidden = await world.head((await world.app.storage.reader().repoByName(repo))?.id ?? 0, 'secret/1');
    for (const from of ['secret/1', 'checkpoint:1@secret/1', hidden, hidden.slice(0, 10)]) {
      const problem = problemOf(await world.withoutTrace(() => createBranch(world.as('agent', limited), { repo, name: 'session/1', from })));
      const absent = problemOf(await createBranch(world.as('agent', limited), { repo, name: 'session/1', from: 'absent' }));
      expect(problem).toEqual({ ...absent, message: absent.message.replace('"absent"', JSON.stringify(from)) });
    }
  });

  it('in a repository that is not there or is foreign, without the scope, or outside of the key’s globs', async () => {
    const create = (key: Parameters<VerbWorld['as']>[1], more: Partial<CreateBranchInput> = {}) => world.withoutTrace(() => createBranch(world.as('agent', key), { repo, name: 'fine', ...more }));
    const foreign = problemOf(await create({ repos: ['other'] }));
    const absent = problemOf(await create({}, { repo: 'absent' }));
    expect(foreign).toEqual({ ...absent, message: absent.message.replace('absent', repo) });
    expect(problemOf(await create({ scopes: ['READ'] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'WRITE' });
    expect(problemOf(await create({ branches: ['session/*'] })).message).toContain('"branches"');
    expect(problemOf(await create({ readBranches: ['main'] })).message).toContain('"readBranches"');
  });
});
