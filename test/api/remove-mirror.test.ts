import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forkRepo } from '../../src/operations/repo/fork-repo.js';
import { removeMirror } from '../../src/operations/mirror/remove-mirror.js';
import { setMirror } from '../../src/operations/mirror/set-mirror.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld({ settings: { WEIR_MIRROR_HOSTS: 'mirror.example' } });
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('operator', { scopes: ['ADMIN'] });

async function mirrored(): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await world.repo();
  receiptOf(await setMirror(admin(), { repo: made.repo, url: 'https://mirror.example/theirs.git', password: 'secret' }));
  return made;
}

describe('a mirror that is removed', () => {
  it('is gone, with its credentials, also for whoever is pushing', async () => {
    const { repo, repoId } = await mirrored();
    const { mirrors } = world.app.storage;
    const taken = (await mirrors.take(60_000, 100, [])).find((one) => one.repoId === repoId);
    const { operation } = receiptOf(await removeMirror(admin(), { repo }));
    expect(await world.operation(operation)).toMatchObject({ stream: repoId, kind: 'REMOVE_MIRROR', events: [{ kind: 'REPO_UPDATED', changed: ['mirror'] }] });
    expect(await world.app.storage.reader().mirror(repoId)).toBeNull();
    expect(await mirrors.keep({ repoId, lease: taken?.lease ?? '' }, 60_000)).toBe(false);
  });

  it('is removed once when the call is repeated with its key, and not found without', async () => {
    const { repo } = await mirrored();
    const input = { repo, idempotencyKey: `remove-${repo}` };
    const receipt = receiptOf(await removeMirror(admin(), input));
    expect(await world.withoutTrace(() => removeMirror(admin(), input))).toEqual({ ok: true, replayed: true, receipt });
    expect(problemOf(await world.withoutTrace(() => removeMirror(admin(), { repo })))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not taken along by a fork', async () => {
    const { repo } = await mirrored();
    const { repoId } = receiptOf(await forkRepo(admin(), { repo, name: 'forks/of-mirrored' }));
    expect(await world.app.storage.reader().mirror(repoId)).toBeNull();
  });

  it('is not removed by a key without ADMIN', async () => {
    const { repo } = await mirrored();
    expect(problemOf(await world.withoutTrace(() => removeMirror(world.as('agent', { scopes: ['READ', 'WRITE'] }), { repo })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });
});
