import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Quarantine } from '../../src/domain/ports/native-git.js';
import type { RepoRecord } from '../../src/domain/repo.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { push } from '../../src/operations/push/push.js';
import { readHistory } from '../../src/operations/reading/history/read-history.js';
import { commitReading } from '../../src/operations/reading/readable-commit.js';
import type { Request } from '../../src/operations/request.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** The same, but that something else happens before one of its methods does what it does. */
function overtaken<T extends object>(overtakes: T, method: keyof T, happens: () => Promise<void>): T {
  return new Proxy(overtakes, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        if (name === method) await happens();
        return Reflect.apply(member, target, given);
      };
    },
  });
}

/** A repository, and how its default branch is moved by somebody else. */
async function moving(): Promise<{ readonly record: RepoRecord; readonly before: string; readonly request: Request; move(): Promise<void>; head(): Promise<string> }> {
  const { repo, repoId } = await world.repo();
  const request = world.as('agent', { readBranches: ['main', 'session/*'] });
  const record = await request.reader.repo(repoId);
  if (record === null) throw new TypeError('the repository is not there');
  return { record, request, before: await world.head(repoId, 'main'), move: () => world.put('owner', repo, 'main', 'a', 'moved\n'), head: () => world.head(repoId, 'main') };
}

describe('a branch that moves when the commits have been read and its head has not', () => {
  it('has its history told from the head that was read', async () => {
    const { record, before, request, move, head } = await moving();
    const reader = overtaken(request.reader, 'branchByName', move);
    const page = await readHistory({ ...request, reader }, record, { rev: 'main', path: null, follow: false, trailer: null }, { after: null, count: 10, backward: false });
    expect(page.edges.map(({ node }) => node.commit.oid)).toEqual([await head(), before]);
  });

  it('is read to its head by a key that not every branch is shown to', async () => {
    const { record, before, request, move, head } = await moving();
    const reads = await commitReading({ ...request, reader: overtaken(request.reader, 'tips', move) }, record, []);
    expect([reads(before), reads(await head())]).toEqual([true, true]);
  });

  it('is what a branch that is pushed meanwhile forked from, and no damage', async () => {
    const { record, before, move, head } = await moving();
    const objects: ObjectSource = overtaken(world.app.storage.objects.open(record.id), 'header', move);
    const received: Quarantine = { objects, count: 0, brought: () => false, walk: async () => true, take: async () => null, close: async () => undefined };
    receiptOf(await push(world.as('agent'), { repo: record.name, commands: [{ name: 'refs/heads/session/pushed', before: null, after: before }], received }));
    expect(await world.branch(record.id, 'session/pushed')).toMatchObject({ head: before, forkOid: before });
    expect(await head()).not.toBe(before);
  });
});
