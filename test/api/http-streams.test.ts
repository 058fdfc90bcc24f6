import { createClient as createSseClient } from 'graphql-sse';
import { createClient, type Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { seedBranch, seedCheckpoint, seedProposal, seedRepo } from './support/seed.js';

const OPENED = 'subscription ($repo: String, $after: String) { proposalOpened(repo: $repo, after: $after) { cursor repoName proposal { number title } } }';
const MOVED = 'subscription ($repo: String!) { branchMoved(repo: $repo) { branchName after } }';

let gateway: TestGateway;
let url: string;
const clients: { dispose(): unknown }[] = [];
beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MAX_SUBSCRIPTIONS: '3', WEIR_MAX_SOCKETS: '20' } });
  url = `${(await gateway.listen()).url}/graphql`;
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
});
afterAll(() => gateway.close());

function sse(key: string = gateway.adminKey): ReturnType<typeof createSseClient> {
  const client = createSseClient({ url, headers: { authorization: `Bearer ${key}` }, retryAttempts: 0 });
  clients.push(client);
  return client;
}

function ws(options: { readonly key?: string | null; readonly headers?: Record<string, string>; readonly at?: string; readonly lazy?: boolean } = {}): Client {
  const { key = gateway.adminKey, headers = {}, at = url, lazy = true } = options;
  class Socket extends WebSocket {
    constructor(address: string, protocols: string | string[]) {
      super(address, protocols, { headers });
    }
  }
  const client = createClient({ url: at.replace('http', 'ws'), webSocketImpl: Socket, retryAttempts: 0, lazy, ...(key === null ? {} : { connectionParams: { authorization: `Bearer ${key}` } }) });
  clients.push(client);
  return client;
}

/** Both kinds of client have this shape. */
interface Subscriber {
  iterate(payload: { query: string; variables?: Record<string, unknown> }): AsyncIterableIterator<Json>;
}

/** A cursor to begin from, so that nothing that follows can be missed however late the stream opens. */
async function cursorNow(): Promise<string> {
  return (await gateway.data('{ eventCursor }')).eventCursor;
}

let repos = 0;
async function repoWithBranch(branch = 'session/a'): Promise<string> {
  const repo = `streams-${++repos}`;
  await seedRepo(gateway, repo);
  await seedBranch(gateway, repo, branch);
  await seedCheckpoint(gateway, repo, branch, { path: 'a.txt', text: 'a\n' });
  return repo;
}

/** What a client of either kind says of a refused subscription: SSE by its status, WebSockets by an error. */
function refusalOf(outcome: Json): unknown {
  return outcome?.response === undefined ? outcome : { status: outcome.response.status };
}

async function caught(work: Promise<unknown>): Promise<Json> {
  return work.then(() => expect.fail('it did not fail'), (error: unknown) => error);
}

describe.each<[string, () => Subscriber]>([['server-sent events', () => sse()], ['a WebSocket', () => ws()]])('a subscription over %s', (_name, client) => {
  it('delivers what happened after its cursor, in order, and what happens while it is open', async () => {
    const repo = await repoWithBranch();
    const after = await cursorNow();
    await seedProposal(gateway, repo, 'session/a');
    const stream = client().iterate({ query: OPENED, variables: { repo, after } });
    expect((await stream.next()).value.data.proposalOpened.proposal).toEqual({ number: 1, title: 'Merge session/a' });
    await seedBranch(gateway, repo, 'session/b');
    await seedCheckpoint(gateway, repo, 'session/b', { path: 'b.txt', text: 'b\n' });
    await seedProposal(gateway, repo, 'session/b');
    expect((await stream.next()).value.data.proposalOpened.proposal.number).toBe(2);
    await stream.return?.();
  });

  it('ends at the client’s word and gives its place back', async () => {
    const repo = await repoWithBranch();
    for (let round = 0; round < 6; round++) {
      const after = await cursorNow();
      await seedCheckpoint(gateway, repo, 'session/a', { path: 'a.txt', text: `${round}\n` });
      const stream = client().iterate({ query: 'subscription ($after: String) { events(after: $after, filter: { kinds: [BRANCH_MOVED] }) { kind } }', variables: { after } });
      expect((await stream.next()).value.data.events.kind).toBe('BRANCH_MOVED');
      await stream.return?.();
      await placesLeft(0);
    }
  });

  it('is refused beyond the places of its key', async () => {
    const repo = await repoWithBranch();
    const after = await cursorNow();
    await seedProposal(gateway, repo, 'session/a');
    const open = [];
    for (let count = 0; count < 3; count++) {
      const stream = client().iterate({ query: OPENED, variables: { repo, after } });
      expect((await stream.next()).value.data.proposalOpened.repoName).toBe(repo);
      open.push(stream);
    }
    const one = client().iterate({ query: OPENED, variables: { repo, after } });
    const refused = await one.next().catch((error: unknown) => error);
    expect(JSON.stringify(refusalOf(refused))).toMatch(/RATE_LIMITED|429/u);
    await Promise.all(open.map((stream) => stream.return?.()));
    await placesLeft(0);
  });

  it('answers queries and mutations too', async () => {
    const stream = client().iterate({ query: '{ viewer { actor } }' });
    expect((await stream.next()).value.data.viewer.actor).toBe('admin');
    expect((await stream.next()).done).toBe(true);
  });
});

/** Waits until so many subscriptions are open, by the server's own count. */
async function placesLeft(count: number): Promise<void> {
  await expect.poll(async () => /^weir_subscriptions_open (\d+)$/mu.exec(await (await gateway.fetch('/metrics')).text())?.[1], { timeout: 5_000, interval: 10 }).toBe(String(count));
}

describe('server-sent events', () => {
  it('begin with a comment, so that proxies and browsers see the stream at once', async () => {
    const gone = new AbortController();
    const response = await fetch(url, { method: 'POST', signal: gone.signal, headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${gateway.adminKey}` }, body: JSON.stringify({ query: OPENED }) });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(':\n\n');
    gone.abort();
    await placesLeft(0);
  });

  it('are not opened without a key', async () => {
    const error = await caught(sse('weir_nonsense').iterate({ query: OPENED }).next());
    expect(error.response.status).toBe(401);
  });

  it('are not answered to a client that takes JSON only', async () => {
    const response = await gateway.fetch('/graphql', { method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/json' }, body: JSON.stringify({ query: OPENED }) });
    expect(response.status).toBe(406);
    await placesLeft(0);
  });

  it('end within a second or two when their key is revoked', async () => {
    const repo = await repoWithBranch();
    const key = await gateway.createKey();
    const { viewer } = await gateway.data('{ viewer { key { id } } }', {}, key);
    const after = await cursorNow();
    await seedProposal(gateway, repo, 'session/a');
    const stream = sse(key).iterate({ query: OPENED, variables: { repo, after } });
    await stream.next();
    await gateway.data('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }', { id: viewer.key.id });
    expect((await stream.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }], extensions: { cursor: expect.any(String) } });
    expect((await stream.next()).done).toBe(true);
  });
});

describe('a WebSocket', () => {
  it('takes the key from the handshake’s header', async () => {
    const stream = ws({ key: null, headers: { authorization: `Bearer ${gateway.adminKey}` } }).iterate({ query: '{ viewer { actor } }' });
    expect((await stream.next()).value).toEqual({ data: { viewer: { actor: 'admin' } } });
  });

  it.each([['no key', null], ['a wrong key', `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`]])('is closed with %s', async (_what, key) => {
    expect(await caught(ws({ key }).iterate({ query: '{ viewer { actor } }' }).next())).toMatchObject({ code: 4401 });
  });

  it('is not opened for a page of another origin', async () => {
    expect(await caught(ws({ headers: { origin: 'https://evil.example.com' } }).iterate({ query: '{ __typename }' }).next())).toMatchObject({ message: expect.stringContaining('403') });
    const own = ws({ headers: { origin: new URL(url).origin } }).iterate({ query: '{ __typename }' });
    expect((await own.next()).value.data.__typename).toBe('Query');
  });

  it('is not opened anywhere else', async () => {
    expect(await caught(ws({ at: url.replace('/graphql', '/other') }).iterate({ query: '{ __typename }' }).next())).toMatchObject({ message: expect.stringContaining('404') });
  });

  it('answers errors with the codes of HTTP and nothing of the server’s own', async () => {
    const client = ws();
    const invalid = await caught(client.iterate({ query: '{ nothing }' }).next());
    expect(invalid).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    const parse = await caught(client.iterate({ query: '{' }).next());
    expect(parse).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    const field = (await client.iterate({ query: '{ repos(first: 1000) { edges { cursor } } }' }).next()).value;
    expect(JSON.stringify([invalid, parse, field])).not.toContain('"http"');
    expect(field.errors[0].extensions.code).toBe('INVALID_ARGUMENT');
  });

  it('refuses an operation once its key is revoked', async () => {
    const key = await gateway.createKey();
    const client = ws({ key, lazy: false });
    const { value } = await client.iterate({ query: '{ viewer { key { id } } }' }).next();
    await gateway.data('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }', { id: value.data.viewer.key.id });
    await expect.poll(async () => client.iterate({ query: '{ viewer { actor } }' }).next().catch((error: unknown) => error), { timeout: 3_000 }).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('is closed where its key has as many open as it may, and opened once one of them is gone', async () => {
    const key = await gateway.createKey();
    const open = [];
    for (let at = 0; at < 20; at++) {
      const client = ws({ key, lazy: false });
      expect((await client.iterate({ query: '{ __typename }' }).next()).value.data).toEqual({ __typename: 'Query' });
      open.push(client);
    }
    const refused: unknown = await caught(ws({ key }).iterate({ query: '{ __typename }' }).next());
    expect(refused).toMatchObject({ code: 4403, reason: expect.stringContaining('20 WebSockets') });
    await open[0]?.dispose();
    await expect.poll(async () => ws({ key }).iterate({ query: '{ __typename }' }).next().then(({ value }) => value.data, () => null), { timeout: 5_000 }).toEqual({ __typename: 'Query' });
  });

  it('gives the places of its subscriptions back when it breaks', async () => {
    const sockets: WebSocket[] = [];
    class Kept extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols);
        sockets.push(this);
      }
    }
    const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: Kept, retryAttempts: 0, connectionParams: { authorization: `Bearer ${gateway.adminKey}` } });
    const broken = client.iterate({ query: MOVED, variables: { repo: 'where-nothing-happens' } }).next().catch(() => undefined);
    await placesLeft(1);
    sockets[0]?.terminate();
    expect((await broken)?.value).toBeUndefined();
    await placesLeft(0);
  });
});

function createRepo(name: string): string {
  return `mutation { createRepo(input: { name: "${name}" }) { __typename } }`;
}

/** Something to wait for. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let resolved: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => { resolved = resolve; });
  return { opened, open: () => resolved?.() };
}

describe('a server that stops', () => {
  it('ends subscriptions with their cursor and the word complete, over both protocols, and refuses new ones', async () => {
    const stopping = await startGateway();
    const listening = await stopping.listen();
    const at = `${listening.url}/graphql`;
    await seedRepo(stopping, 'a');
    const { eventCursor: after } = await stopping.data('{ eventCursor }');
    await seedRepo(stopping, 'b');
    const query = { query: 'subscription ($after: String) { events(after: $after) { kind } }', variables: { after } };
    const overSse = createSseClient({ url: at, headers: { authorization: `Bearer ${stopping.adminKey}` }, retryAttempts: 0 }).iterate(query);
    const overWs = ws({ at, key: stopping.adminKey }).iterate(query);
    await Promise.all([overSse.next(), overWs.next()]);
    const cut = listening.drain(5_000);
    const lastWords = [(await overSse.next()).value, (await overWs.next()).value];
    expect([(await overSse.next()).done, (await overWs.next()).done]).toEqual([true, true]);
    expect(await cut).toBe(0);
    const end = (await stopping.data('{ eventCursor }')).eventCursor;
    for (const word of lastWords) {
      expect(word).toMatchObject({ errors: [{ message: expect.stringContaining('stopping'), extensions: { code: 'UNAVAILABLE' } }] });
      // Behind all that has happened, so that a client which resumes there is told nothing twice.
      const { events } = await stopping.data('query ($after: String) { events(after: $after) { edges { cursor } } }', { after: word.extensions.cursor });
      expect([events.edges, word.extensions.cursor === after, end === after]).toEqual([[], false, false]);
    }
    const { errors } = await stopping.gql(query.query, query.variables);
    expect((errors ?? [])[0]?.extensions.code ?? 'none').toBe('UNAVAILABLE');
    expect((await stopping.fetch('/health/ready')).status).toBe(503);
    await stopping.close();
  });

  it('lets mutations that are under way answer first, over HTTP and WebSockets', async () => {
    const stopping = await startGateway();
    const listening = await stopping.listen();
    const at = `${listening.url}/graphql`;
    const { storage } = stopping.app.gateway;
    const transaction = storage.transaction.bind(storage);
    let begun = 0;
    const [both, held] = [gate(), gate()];
    storage.transaction = async (work) => {
      begun += 1;
      if (begun === 2) both.open();
      await held.opened;
      return transaction(work);
    };
    const overHttp = fetch(at, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${stopping.adminKey}` }, body: JSON.stringify({ query: createRepo('a') }) });
    const overWs = ws({ at, key: stopping.adminKey }).iterate({ query: createRepo('b') }).next();
    await both.opened;
    const cut = listening.drain(10_000);
    held.open();
    expect(await (await overHttp).json()).toEqual({ data: { createRepo: { __typename: 'CreateRepoSuccess' } } });
    expect((await overWs).value).toEqual({ data: { createRepo: { __typename: 'CreateRepoSuccess' } } });
    expect(await cut).toBe(0);
    await stopping.close();
  });
});
