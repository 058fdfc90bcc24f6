import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MirrorStore } from '../../src/domain/ports/mirrors.js';
import type { Gateway } from '../../src/operations/gateway.js';
import { MirrorRounds } from '../../src/operations/mirror/mirror-rounds.js';
import { withMethod } from '../support/with-method.js';
import { openMirrorWorld, POLL, type Mirrored, type MirrorWorld } from './support/mirrors.js';

let mirrors: MirrorWorld;
const opened: MirrorRounds[] = [];

beforeAll(async () => {
  mirrors = await openMirrorWorld();
});
afterEach(async () => {
  mirrors.theirs.holding = null;
  for (const rounds of opened.splice(0)) await rounds.close();
});
afterAll(() => mirrors.close());

/** One gateway more that pushes, as soon as it is started. */
function another(leaseMs: number, store: (own: MirrorStore) => MirrorStore = (own) => own): MirrorRounds {
  const { gateway } = mirrors.world.app;
  const own = store(gateway.storage.mirrors);
  const storage = new Proxy(gateway.storage, {
    get(owner, name) {
      const value: unknown = name === 'mirrors' ? own : Reflect.get(owner, name, owner);
      return typeof value === 'function' ? value.bind(owner) : value;
    },
  });
  const rounds = new MirrorRounds({ ...gateway, storage } satisfies Gateway, { atOnce: 1, timeMs: 20_000, lookMs: 20, leaseMs });
  opened.push(rounds);
  return rounds;
}

/** Has the other side let nothing happen until the answer is called. */
function hold(): () => void {
  const held = new AbortController();
  mirrors.theirs.holding = once(held.signal, 'abort').then(() => undefined);
  return () => {
    mirrors.theirs.holding = null;
    held.abort();
  };
}

/** A repository whose mirror one gateway, the first, is pushing to: the other side was asked for its references and does not answer yet. */
async function underWay(first: MirrorRounds): Promise<{ readonly made: Mirrored; release(): void }> {
  const release = hold();
  mirrors.theirs.reset();
  const made = await mirrors.mirrored();
  first.start();
  await expect.poll(() => mirrors.theirs.under, POLL).toBe(1);
  return { made, release };
}

const heads = async ({ repoId }: Mirrored): Promise<Record<string, string>> => ({ 'refs/heads/main': await mirrors.world.head(repoId, 'main') });

describe('a push whose gateway hears nothing from the database', () => {
  it('is ended before its lease is, and another gateway begins anew', async () => {
    let away = false;
    const cut = (original: (...args: readonly unknown[]) => unknown) => (...args: readonly unknown[]): unknown => (away ? Promise.reject(new Error('the database is away')) : original(...args));
    const methods: readonly (keyof MirrorStore)[] = ['take', 'keep', 'settle', 'fail', 'release', 'again'];
    const first = another(3_000, (own) => methods.reduce((store, method) => withMethod(store, method, cut), own));
    const { made, release } = await underWay(first);
    away = true;
    another(3_000).start();
    await expect.poll(() => mirrors.theirs.under, POLL).toBe(0);
    release();
    await mirrors.world.put('owner', made.repo, 'main', 'a', 'later');
    await mirrors.settled(made);
    expect([await made.refs(), mirrors.theirs.most]).toEqual([await heads(made), 1]);
    await made.git('fsck', '--full', '--strict');
  });
});

describe('a push whose gateway was frozen for longer than its lease', () => {
  it('may come late, and is followed by one of everything', async () => {
    // It was told that it holds the mirror, and sleeps with that.
    const first = another(500, (own) => withMethod(own, 'keep', () => () => Promise.resolve(true)));
    const { made, release } = await underWay(first);
    await mirrors.world.put('owner', made.repo, 'main', 'a', 'later');
    mirrors.theirs.holding = null;
    another(20_000).start();
    await mirrors.settled(made);
    expect(await made.refs()).toEqual(await heads(made));
    mirrors.theirs.reset();
    release();
    // The late one, which brings what was, and the one after it.
    await expect.poll(() => mirrors.theirs.pushes, POLL).toBe(2);
    await mirrors.settled(made);
    expect(await made.refs()).toEqual(await heads(made));
  });
});
