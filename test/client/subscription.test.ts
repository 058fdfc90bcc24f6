import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestError, Weir, type Repo } from '../../src/client/index.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let url: string;
let repo: Repo;

beforeAll(async () => {
  gateway = await startGateway();
  ({ url } = await gateway.listen());
  repo = await new Weir({ url, key: gateway.adminKey }).createRepo({ name: 'client/live' });
});
afterAll(() => gateway.close());

/** A fetch whose streams break after `frames` frames, in the middle of the next. */
function breaking(frames: number): { send: typeof fetch; breaks: () => number } {
  let breaks = 0;
  const send: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) return response;
    let left = frames;
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        const text = new TextDecoder().decode(piece);
        left -= text.split('event: next').length - 1;
        if (left >= 0) return controller.enqueue(piece);
        breaks++;
        controller.enqueue(piece.subarray(0, piece.length >> 1));
        controller.error(new TypeError('terminated'));
      },
    });
    return new Response(response.body?.pipeThrough(cut) ?? null, response);
  };
  return { send, breaks: () => breaks };
}

/** What a loop over everything ends with. */
async function drained(all: AsyncIterable<unknown>): Promise<unknown> {
  const read = all[Symbol.asyncIterator]();
  try {
    while ((await read.next()).done !== true);
    return null;
  } catch (error) {
    return error;
  }
}

describe('a subscription of the client', () => {
  it('has every event once and in order, though its stream keeps breaking', async () => {
    const { send, breaks } = breaking(2);
    const live = await new Weir({ url, key: gateway.adminKey, fetch: send, retry: { firstWaitMs: 1 } }).repo('client/live');
    await repo.branch.create({ name: 'session/stream' });
    const states: string[] = [];
    const moves = live.onBranchMoved('session/stream', { onState: (state) => states.push(state) });
    const seen: (number | undefined)[] = [];
    const reading = (async () => {
      for await (const { branchMoved } of moves) if (seen.push(branchMoved.checkpoint?.number) === 12) break;
    })();
    await expect.poll(() => states).toContain('OPEN');
    for (let index = 0; index < 12; index++) await repo.checkpoint.create({ branch: 'session/stream', message: `${index}`, changes: [{ write: { path: 'n', text: `${index}` } }] });
    await reading;
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(breaks()).toBeGreaterThan(2);
    expect(states).toContain('RECONNECTING');
  });

  it('goes on from the cursor that an earlier one had', async () => {
    await repo.branch.create({ name: 'session/later' });
    const first = repo.onBranchMoved('session/later', { after: (await gateway.data('{ eventCursor }')).eventCursor });
    const write = (text: string): Promise<unknown> => repo.checkpoint.create({ branch: 'session/later', message: text, changes: [{ write: { path: 'n', text } }] });
    await write('one');
    for await (const { branchMoved } of first) {
      expect(branchMoved.cursor).toBe(first.cursor);
      break;
    }
    await write('two');
    if (first.cursor === null) throw new TypeError('a subscription that delivered has a cursor');
    for await (const { branchMoved } of repo.onBranchMoved('session/later', { after: first.cursor })) {
      expect(branchMoved.checkpoint?.message).toBe('two');
      break;
    }
  });

  it('ends with its signal, and rejects with what does not pass', async () => {
    const stop = new AbortController();
    const open = new Promise<void>((resolve) => {
      void (async () => {
        for await (const event of repo.onEvents({}, { signal: stop.signal, onState: () => stop.abort() })) expect.unreachable(`nothing happens: ${event.events.kind}`);
        resolve();
      })();
    });
    await open;
    const key = await gateway.createKey({ name: 'short' });
    const weir = new Weir({ url, key, retry: { firstWaitMs: 1 } });
    const { viewer } = await weir.query<{ viewer: { key: { id: string } } }>('{ viewer { key { id } } }', {});
    const states: string[] = [];
    const endless = weir.subscribe('subscription { events { id } }', {}, { onState: (state) => states.push(state) });
    const ended = drained(endless);
    await expect.poll(() => states).toContain('OPEN');
    await gateway.data('mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { __typename } }', { id: viewer.key.id });
    expect(await ended).toBeInstanceOf(RequestError);
    const malformed = repo.onEvents({}, { after: 'nonsense' })[Symbol.asyncIterator]().next();
    await expect(malformed).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });
});
