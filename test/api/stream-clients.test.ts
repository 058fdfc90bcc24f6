import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Client, fetchExchange, subscriptionExchange, type Exchange, type OperationResult } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

const QUERY = 'subscription ($after: String) { events(filter: { kinds: [REPO_UPDATED] }, after: $after) { cursor repo { description } } }';

let gateway: TestGateway;
let url: string;
let authorization: string;
const open: { dispose(): unknown }[] = [];
beforeAll(async () => {
  gateway = await startGateway();
  url = `${(await gateway.listen()).url}/graphql`;
  authorization = `Bearer ${gateway.adminKey}`;
  await gateway.data('mutation { createRepo(input: { name: "r" }) { __typename } }');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.dispose()));
});
afterAll(() => gateway.close());

let events = 0;

/** Makes one event; answers the description that tells of it. */
async function makeEvent(): Promise<string> {
  const text = `Event ${++events}`;
  await gateway.data('mutation ($text: String!) { updateRepo(input: { repo: "r", description: $text }) { __typename } }', { text });
  return text;
}

async function cursorNow(): Promise<string> {
  return (await gateway.data('{ eventCursor }')).eventCursor;
}

/** What a transport's client has for one subscription; urql hands it a sink. */
type Forward = Parameters<typeof subscriptionExchange>[0]['forwardSubscription'];

type UrqlSink = Parameters<ReturnType<Forward>['subscribe']>[0];

/** The sink for a transport's results, whose types say `undefined` where urql's say nothing. */
function sinkOf(sink: UrqlSink): { next(result: Json): void; error(error: unknown): void; complete(): void } {
  return { next: (result) => sink.next(result), error: (error) => sink.error(error), complete: () => sink.complete() };
}

function overWebSocket(): Forward {
  const client = createWsClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization } });
  open.push(client);
  return ({ query = '', variables }) => ({ subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables: variables ?? {} }, sinkOf(sink)) }) });
}

function overEvents(): Forward {
  const client = createSseClient({ url, headers: { authorization } });
  open.push(client);
  return ({ query = '', variables }) => ({ subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables: variables ?? {} }, sinkOf(sink)) }) });
}

/** One subscription by urql; answers what it has been told so far, and how to end it. */
function subscribeByUrql(exchanges: Exchange[], variables: Record<string, unknown>, options: { readonly fetchSubscriptions?: boolean } = {}): { readonly told: OperationResult[]; unsubscribe(): void } {
  const client = new Client({ url, exchanges, preferGetMethod: false, fetchOptions: { headers: { authorization } }, ...options });
  const told: OperationResult[] = [];
  const { unsubscribe } = client.subscription(QUERY, variables).subscribe((result) => told.push(result));
  open.push({ dispose: unsubscribe });
  return { told, unsubscribe };
}

const subscriptionsOpen = async (): Promise<string | undefined> => /^weir_subscriptions_open (\d+)$/mu.exec(await (await gateway.fetch('/metrics')).text())?.[1];

describe.each<[string, () => Exchange[], { readonly fetchSubscriptions?: boolean }]>([
  ['subscriptionExchange over graphql-ws', () => [subscriptionExchange({ forwardSubscription: overWebSocket() })], {}],
  ['subscriptionExchange over graphql-sse', () => [subscriptionExchange({ forwardSubscription: overEvents() })], {}],
  ['fetchExchange', () => [fetchExchange], { fetchSubscriptions: true }],
])('urql with its %s', (_name, exchanges, options) => {
  it('is told what happened after its cursor and what happens while it is open, and ends', async () => {
    const after = await cursorNow();
    const before = await makeEvent();
    const { told, unsubscribe } = subscribeByUrql(exchanges(), { after }, options);
    await expect.poll(() => told.length, { timeout: 5000 }).toBe(1);
    const later = [await makeEvent(), await makeEvent()];
    await expect.poll(() => told.length, { timeout: 5000 }).toBe(3);
    expect(told.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(told.map(({ data }) => data.events.repo.description).slice(-1)).toEqual(later.slice(-1));
    expect(told.map(({ extensions }) => extensions?.['cursor'])).toEqual(told.map(({ data }) => data.events.cursor));
    expect(before).not.toBe('');
    unsubscribe();
    await expect.poll(subscriptionsOpen, { timeout: 5000 }).toBe('0');
    // Where it stopped, it goes on.
    const again = subscribeByUrql(exchanges(), { after: told[1]?.data.events.cursor }, options);
    await expect.poll(() => again.told.length, { timeout: 5000 }).toBe(1);
    expect(again.told[0]?.data.events.cursor).toBe(told[2]?.data.events.cursor);
  });

  it('has a refusal as an error with its code', async () => {
    const { told } = subscribeByUrql(exchanges(), { after: 'nonsense' }, options);
    await expect.poll(() => told.length, { timeout: 5000 }).toBeGreaterThan(0);
    expect(told[0]?.error?.graphQLErrors.map(({ extensions }) => extensions['code'])).toEqual(['CURSOR_INVALID']);
  });
});

/** A `curl -N` that runs, and what it has printed so far. */
function curl(headers: readonly string[], variables: Record<string, unknown>): { readonly child: ChildProcess; readonly text: () => string } {
  const fields = [`query=${QUERY}`, `variables=${JSON.stringify(variables)}`].flatMap((field) => ['--data-urlencode', field]);
  const child = spawn('curl', ['-N', '-sS', '--get', ...['accept: text/event-stream', `authorization: ${authorization}`, ...headers].flatMap((header) => ['-H', header]), ...fields, url], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  open.push({ dispose: () => child.kill() });
  return { child, text: () => text };
}

/** The results in what an EventSource would read, each with its id. */
function resultsIn(text: string): { readonly id: string | undefined; readonly event: Json }[] {
  const frames = text.split('\n\n').filter((frame) => frame.startsWith('event: next\n'));
  return frames.map((frame) => ({ id: /^id: (.+)$/mu.exec(frame)?.[1], event: JSON.parse(/^data: (.+)$/mu.exec(frame)?.[1] ?? 'null').data.events }));
}

describe('curl -N', () => {
  it('prints events as they happen, and comes again with Last-Event-ID to miss none', async () => {
    const first = curl([], { after: await cursorNow() });
    await expect.poll(first.text, { timeout: 5000 }).toContain(':\n\n');
    await makeEvent();
    await makeEvent();
    await expect.poll(() => resultsIn(first.text()).length, { timeout: 5000 }).toBe(2);
    const told = resultsIn(first.text());
    expect(told.map(({ id }) => id)).toEqual(told.map(({ event }) => event.cursor));
    const gone = once(first.child, 'exit');
    first.child.kill();
    await gone;
    await expect.poll(subscriptionsOpen, { timeout: 5000 }).toBe('0');
    const missed = await makeEvent();
    // The argument is that of the first time, as an EventSource keeps its address.
    const again = curl([`last-event-id: ${told[0]?.id}`], { after: told[1]?.id });
    await expect.poll(() => resultsIn(again.text()).length, { timeout: 5000 }).toBe(2);
    const rest = resultsIn(again.text());
    expect([rest[0]?.id, rest[1]?.event.repo.description]).toEqual([told[1]?.id, missed]);
  });

  it('that names an event of nowhere is answered with one sentence, and ends', async () => {
    const { child, text } = curl(['last-event-id: nonsense'], {});
    const [code] = await once(child, 'close');
    expect([code, text()]).toEqual([0, expect.stringContaining('"CURSOR_INVALID"')]);
  });
});
