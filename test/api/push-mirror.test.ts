import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TakenMirror } from '../../src/domain/ports/mirrors.js';
import { pushMirror } from '../../src/operations/mirror/push-mirror.js';
import { setMirror } from '../../src/operations/mirror/set-mirror.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const HASH = 'ab'.repeat(32);

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld({ settings: { WEIR_MIRROR_HOSTS: 'mirror.example' } });
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('operator', { scopes: ['ADMIN'] });

/** A repository with a mirror, which is taken. */
async function pushing(): Promise<{ readonly repo: string; readonly repoId: number; readonly held: TakenMirror }> {
  const made = await world.repo();
  receiptOf(await setMirror(admin(), { repo: made.repo, url: 'https://mirror.example/theirs.git' }));
  return { ...made, held: await taken(made.repoId) };
}

async function taken(repoId: number): Promise<TakenMirror> {
  const found = (await world.app.storage.mirrors.take(60_000, 100, [])).find((one) => one.repoId === repoId);
  if (found === undefined) throw new TypeError('the mirror is not due');
  return found;
}

const stateOf = async (repoId: number) => (await world.app.storage.reader().mirror(repoId))?.state;

describe('a push that is asked for', () => {
  it('comes after one that is under way and cannot know of it', async () => {
    const { repo, repoId, held } = await pushing();
    const { operation } = receiptOf(await pushMirror(admin(), { repo }));
    expect(await world.operation(operation)).toMatchObject({ stream: repoId, kind: 'PUSH_MIRROR', events: [] });
    expect(await world.app.storage.mirrors.settle(held, { refsHash: HASH, pushed: true })).toBe(true);
    expect(await stateOf(repoId)).toBe('PENDING');
    const again = await taken(repoId);
    expect(again.refsHash).toBeNull();
    expect(await world.app.storage.mirrors.settle(again, { refsHash: HASH, pushed: true })).toBe(true);
    expect(await stateOf(repoId)).toBe('UP_TO_DATE');
  });

  it('waits for no pause, neither one that is there nor one that a push under way would make', async () => {
    const { repo, repoId, held } = await pushing();
    const { mirrors } = world.app.storage;
    await mirrors.fail(held, { error: 'It is down.', retryMs: 3_600_000 });
    expect(await world.app.storage.reader().mirror(repoId)).toMatchObject({ state: 'FAILED', attempts: 1, error: 'It is down.', nextAttemptAt: expect.any(Date) });
    receiptOf(await pushMirror(admin(), { repo }));
    const again = await taken(repoId);
    receiptOf(await pushMirror(admin(), { repo }));
    await mirrors.fail(again, { error: 'It is down.', retryMs: 3_600_000 });
    const last = await taken(repoId);
    receiptOf(await pushMirror(admin(), { repo }));
    await mirrors.release(last, 3_600_000);
    expect(await taken(repoId)).toMatchObject({ attempts: 2 });
  });

  it('is what a mirror waits for that came from a backup', async () => {
    const { repo, repoId, held } = await pushing();
    await world.app.storage.mirrors.settle(held, { refsHash: HASH, pushed: true });
    expect(await world.count((sql) => sql`with suspended as (update mirror set suspended = true where repo_id = ${repoId} returning repo_id) select count(*) from suspended`)).toBe(1);
    await world.put('owner', repo, 'main', 'a', 'b');
    expect(await stateOf(repoId)).toBe('SUSPENDED');
    await expect(taken(repoId)).rejects.toThrow('not due');
    receiptOf(await pushMirror(admin(), { repo }));
    expect(await taken(repoId)).toMatchObject({ refsHash: null });
  });

  it('finds no mirror where none is, and is not for keys without ADMIN', async () => {
    const { repo } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => pushMirror(admin(), { repo })))).toMatchObject({ code: 'NOT_FOUND' });
    const { repo: mirrored } = await pushing();
    expect(problemOf(await world.withoutTrace(() => pushMirror(world.as('agent', { scopes: ['READ', 'WRITE'] }), { repo: mirrored })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });
});
