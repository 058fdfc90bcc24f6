import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionError, ProblemError, RequestError, Weir, type Repo } from '../../src/client/index.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let url: string;
let repo: Repo;

beforeAll(async () => {
  gateway = await startGateway();
  ({ url } = await gateway.listen());
  repo = await new Weir({ url, key: gateway.adminKey }).createRepo({ name: 'client/problems', files: [{ path: 'a.txt', text: 'one\ntwo\nthree\n' }] });
});
afterAll(() => gateway.close());

/** A client whose requests pass through `send`. */
function through(send: typeof fetch, key = gateway.adminKey): Weir {
  return new Weir({ url, key, fetch: send, retry: { firstWaitMs: 1 } });
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => null, (error: unknown) => error);
}

describe('a problem', () => {
  it('is thrown with its code, its sentence, its hint and its numbers', async () => {
    const error = await caught(repo.branch.create({ name: 'main' }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'NAME_TAKEN', problem: { name: 'main' } });
    const stale = await caught(repo.checkpoint.create({ branch: 'main', message: 'x', expectedVersion: 99, changes: [{ write: { path: 'b', text: '' } }] }));
    if (!(stale instanceof ProblemError) || !stale.is('STALE_HEAD')) throw stale;
    expect(stale.problem.expectedVersion).toBe(99);
    expect(stale.problem.actualVersion).toBeGreaterThan(0);
    expect(stale.message).not.toBe('');
  });

  it('of a merge brings the conflicts, which a resolution settles', async () => {
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
  });
});

describe('a call that breaks', () => {
  it('on its way back is asked again, and takes effect once', async () => {
    let lost = 0;
    const weir = through(async (input, init) => {
      const response = await fetch(input, init);
      if (String(init?.body).includes('mutation') && lost < 3) {
        lost++;
        await response.body?.cancel();
        throw new TypeError('socket hang up');
      }
      return response;
    });
    const site = await weir.repo('client/problems');
    await site.branch.create({ name: 'session/once' });
    const { checkpoint } = await site.checkpoint.create({ branch: 'session/once', message: 'x', changes: [{ write: { path: 'once', text: '1' } }] });
    expect(lost).toBe(3);
    expect(checkpoint.number).toBe(1);
    const numbers: number[] = [];
    for await (const { number } of site.checkpoint.list('session/once')) numbers.push(number);
    expect(numbers).toEqual([1]);
  });

  it('is asked again after a proxy’s 503 and a RATE_LIMITED, and not after a refusal', async () => {
    const answers = [
      () => new Response('bad gateway', { status: 503 }),
      () => Response.json({ errors: [{ message: 'slowly', extensions: { code: 'RATE_LIMITED', retryAfterMs: 5 } }] }, { status: 429 }),
      () => Response.json({ data: { viewer: { actor: 'me' } } }),
    ];
    let asked = 0;
    expect(await through(() => Promise.resolve(answers[asked++]?.() ?? Response.error())).query('{ viewer { actor } }', {})).toEqual({ viewer: { actor: 'me' } });
    expect(asked).toBe(3);
    const error = await caught(through(fetch, 'weir_wrong').query('{ viewer { actor } }', {}));
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  });

  it('gives up in the end, at once for a mutation that nothing makes safe to repeat', async () => {
    let asked = 0;
    const dead = through(() => {
      asked++;
      return Promise.reject(new TypeError('no route'));
    });
    expect(await caught(dead.query('{ viewer { actor } }', {}))).toBeInstanceOf(ConnectionError);
    expect(asked).toBe(6);
    asked = 0;
    expect(await caught(dead.query('mutation ($input: UndoInput!) { undo(input: $input) { __typename } }', { input: { repo: 'r', branch: 'b' } }))).toBeInstanceOf(ConnectionError);
    expect(asked).toBe(1);
  });

  it('ends with the reason of its signal', async () => {
    const signal = AbortSignal.abort(new RangeError('enough'));
    await expect(new Weir({ url, key: gateway.adminKey }).viewer({ signal })).rejects.toThrow(new RangeError('enough'));
  });
});

describe('the door to any document', () => {
  it('takes a text, a parsed document and a typed string', async () => {
    const weir = new Weir({ url, key: gateway.adminKey });
    class TypedString extends String {
      declare readonly __apiType?: (variables: { name: string }) => { repo: { name: string } | null };
    }
    const text = 'query ($name: String!) { repo(name: $name) { name } }';
    const name = 'client/problems';
    expect(await weir.query(text, { name })).toEqual({ repo: { name } });
    expect(await weir.query(parse(text, { noLocation: true }), { name })).toEqual({ repo: { name } });
    expect((await weir.query(new TypedString(text), { name })).repo?.name).toBe(name);
    // @ts-expect-error -- no document, as JavaScript may pass it
    await expect(weir.query({ kind: 'Field' }, {})).rejects.toThrow(TypeError);
  });

  it('throws what is wrong with a document, and gives the part that could be answered', async () => {
    const weir = new Weir({ url, key: gateway.adminKey });
    expect(await caught(weir.query('{ nothing }', {}))).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED', status: 400 });
    const half = await caught(weir.query('{ viewer { actor } repo(name: "client/problems") { commit(rev: "nowhere") { oid } } }', {}));
    expect(half).toMatchObject({ code: 'UNKNOWN_REV', data: { viewer: {} } });
  });
});
