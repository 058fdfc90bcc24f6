import { expect } from 'vitest';
import { RequestError, Weir } from '../../../src/client/index.js';
import { admin, caught, keyOf, repoOf, until, type ClientCase } from './site.js';

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

/** Goes through everything there is. */
async function drained(all: AsyncIterable<unknown>): Promise<void> {
  const read = all[Symbol.asyncIterator]();
  while ((await read.next()).done !== true);
}

/** Events, whatever becomes of the connection. */
export const SUBSCRIPTIONS: readonly ClientCase[] = [
  {
    name: 'has every event once and in order, though its stream keeps breaking',
    async run(site) {
      const repo = await repoOf(site, 'live/breaking');
      const { send, breaks } = breaking(2);
      const live = await new Weir({ url: site.url, key: site.adminKey, fetch: send, retry: { firstWaitMs: 1 } }).repo(repo.name);
      await repo.branch.create({ name: 'session/stream' });
      const states: string[] = [];
      const moves = live.onBranchMoved('session/stream', { onState: (state) => states.push(state) });
      const seen: (number | undefined)[] = [];
      const reading = (async () => {
        for await (const { branchMoved } of moves) if (seen.push(branchMoved.checkpoint?.number) === 12) break;
      })();
      await until(() => states.includes('OPEN'));
      for (let index = 0; index < 12; index++) await repo.checkpoint.create({ branch: 'session/stream', message: `${index}`, changes: [{ write: { path: 'n', text: `${index}` } }] });
      await reading;
      expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
      expect(breaks()).toBeGreaterThan(2);
      expect(states).toContain('RECONNECTING');
    },
  },
  {
    name: 'goes on from the cursor that an earlier subscription had',
    async run(site) {
      const repo = await repoOf(site, 'live/later');
      await repo.branch.create({ name: 'session/later' });
      const { eventCursor } = await admin(site).query<{ eventCursor: string }>('{ eventCursor }', {});
      const first = repo.onBranchMoved('session/later', { after: eventCursor });
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
    },
  },
  {
    name: 'ends a subscription with its signal, and rejects it with what does not pass',
    async run(site) {
      const repo = await repoOf(site, 'live/ending');
      const stop = new AbortController();
      await drained(repo.onEvents({}, { signal: stop.signal, onState: () => stop.abort() }));
      const weir = new Weir({ url: site.url, key: await keyOf(site, 'short'), retry: { firstWaitMs: 1 } });
      const { viewer } = await weir.query<{ viewer: { key: { id: string } } }>('{ viewer { key { id } } }', {});
      const states: string[] = [];
      const ended = caught(drained(weir.subscribe('subscription { events { id } }', {}, { onState: (state) => states.push(state) })));
      await until(() => states.includes('OPEN'));
      await admin(site).query('mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { __typename } }', { id: viewer.key.id });
      expect(await ended).toBeInstanceOf(RequestError);
      expect(await caught(drained(repo.onEvents({}, { after: 'nonsense' })))).toMatchObject({ code: 'CURSOR_INVALID' });
    },
  },
];
