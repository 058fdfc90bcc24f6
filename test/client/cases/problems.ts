import { expect } from 'vitest';
import { ConnectionError, ProblemError, RequestError, Weir } from '../../../src/client/index.js';
import { admin, caught, repoOf, type ClientCase, type Site } from './site.js';

/** A client whose requests pass through `send`. */
function through({ url, adminKey }: Site, send: typeof fetch, key = adminKey): Weir {
  return new Weir({ url, key, fetch: send, retry: { firstWaitMs: 1 } });
}

/** What the gateway decides against, and what breaks on the way. */
export const PROBLEMS: readonly ClientCase[] = [
  {
    name: 'throws a problem with its code, its sentence, its hint and its numbers',
    async run(site) {
      const repo = await repoOf(site, 'problems/codes');
      const error = await caught(repo.branch.create({ name: 'main' }));
      expect(error).toBeInstanceOf(ProblemError);
      expect(error).toMatchObject({ code: 'NAME_TAKEN', problem: { name: 'main' } });
      const stale = await caught(repo.checkpoint.create({ branch: 'main', message: 'x', expectedVersion: 99, changes: [{ write: { path: 'b', text: '' } }] }));
      if (!(stale instanceof ProblemError) || !stale.is('STALE_HEAD')) throw stale;
      expect(stale.problem.expectedVersion).toBe(99);
      expect(stale.problem.actualVersion).toBeGreaterThan(0);
      expect(stale.message).not.toBe('');
    },
  },
  {
    name: 'brings the conflicts of a merge, which a resolution settles',
    async run(site) {
      const repo = await repoOf(site, 'problems/conflicts', [{ path: 'a.txt', text: 'one\ntwo\nthree\n' }]);
      await repo.branch.create({ name: 'session/left' });
      await repo.branch.create({ name: 'session/right' });
      for (const side of ['left', 'right']) await repo.checkpoint.create({ branch: `session/${side}`, message: side, changes: [{ write: { path: 'a.txt', text: `one\n${side}\nthree\n` } }] });
      await repo.branch.merge({ from: 'session/left', to: 'main' });
      const error = await caught(repo.branch.merge({ from: 'session/right', to: 'main' }));
      if (!(error instanceof ProblemError) || !error.is('MERGE_CONFLICTED')) throw error;
      const [conflict] = error.problem.conflicts.nodes;
      expect(conflict).toMatchObject({ kind: 'CONTENT', path: 'a.txt', hunks: [{ ours: 'left\n', theirs: 'right\n' }] });
      expect((await repo.mergePreview({ from: 'session/right', to: 'main' })).outcome).toBe('CONFLICTED');
      await repo.branch.merge({ from: 'session/right', to: 'main', resolutions: [{ content: { path: 'a.txt', text: 'one\nboth\nthree\n' } }] });
      expect((await repo.file({ path: 'a.txt' })).blob?.text).toBe('one\nboth\nthree\n');
    },
  },
  {
    name: 'asks again what broke on its way back, and it takes effect once',
    async run(site) {
      let lost = 0;
      const weir = through(site, async (input, init) => {
        const response = await fetch(input, init);
        if (String(init?.body).includes('mutation') && lost < 3) {
          lost++;
          await response.body?.cancel();
          throw new TypeError('socket hang up');
        }
        return response;
      });
      const repo = await weir.repo((await repoOf(site, 'problems/breaking')).name);
      await repo.branch.create({ name: 'session/once' });
      const { checkpoint } = await repo.checkpoint.create({ branch: 'session/once', message: 'x', changes: [{ write: { path: 'once', text: '1' } }] });
      expect(lost).toBe(3);
      expect(checkpoint.number).toBe(1);
      const numbers: number[] = [];
      for await (const { number } of repo.checkpoint.list('session/once')) numbers.push(number);
      expect(numbers).toEqual([1]);
    },
  },
  {
    name: 'asks again after a proxy’s 503, a 408 and a RATE_LIMITED, and not after a refusal',
    async run(site) {
      const answers = [
        () => new Response('bad gateway', { status: 503 }),
        () => new Response(null, { status: 408 }),
        () => Response.json({ errors: [{ message: 'slowly', extensions: { code: 'RATE_LIMITED', retryAfterMs: 5 } }] }, { status: 429 }),
        () => Response.json({ data: { viewer: { actor: 'me' } } }),
      ];
      let asked = 0;
      expect(await through(site, () => Promise.resolve(answers[asked++]?.() ?? Response.error())).query('{ viewer { actor } }', {})).toEqual({ viewer: { actor: 'me' } });
      expect(asked).toBe(4);
      const error = await caught(through(site, (input, init) => fetch(input, init), 'weir_wrong').query('{ viewer { actor } }', {}));
      expect(error).toBeInstanceOf(RequestError);
      expect(error).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    },
  },
  {
    name: 'gives up in the end, at once for a mutation that nothing makes safe to repeat',
    async run(site) {
      let asked = 0;
      const dead = through(site, () => {
        asked++;
        return Promise.reject(new TypeError('no route'));
      });
      expect(await caught(dead.query('{ viewer { actor } }', {}))).toBeInstanceOf(ConnectionError);
      expect(asked).toBe(6);
      asked = 0;
      expect(await caught(dead.query('mutation ($input: UndoInput!) { undo(input: $input) { __typename } }', { input: { repo: 'r', branch: 'b' } }))).toBeInstanceOf(ConnectionError);
      expect(asked).toBe(1);
    },
  },
  {
    name: 'ends a call with the reason of its signal',
    async run(site) {
      const signal = AbortSignal.abort(new RangeError('enough'));
      expect(await caught(admin(site).viewer({ signal }))).toEqual(new RangeError('enough'));
    },
  },
  {
    name: 'throws what is wrong with a document, and gives the part that could be answered',
    async run(site) {
      const repo = await repoOf(site, 'problems/documents');
      const weir = admin(site);
      expect(await caught(weir.query('{ nothing }', {}))).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED', status: 400 });
      const half = await caught(weir.query('query ($repo: String!) { viewer { actor } repo(name: $repo) { commit(rev: "nowhere") { oid } } }', { repo: repo.name }));
      expect(half).toMatchObject({ code: 'UNKNOWN_REV', data: { viewer: {} } });
      // @ts-expect-error -- no document, as JavaScript may pass it
      expect(await caught(weir.query({ kind: 'Field' }, {}))).toBeInstanceOf(TypeError);
    },
  },
];
