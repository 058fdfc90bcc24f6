import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

/** What is promised for every end of a key, on every gateway. */
const PROMISED_MS = 1_000;
/** The life of a key that expires, and of the secret before a rotation. */
const LIFE_MS = 1_000;
/** By what clocks may differ: the database tells microseconds, and rounds. */
const CLOCKS_MS = 5;

const FOLLOW = 'subscription { branchMoved(repo: "where-nothing-happens") { branchName } }';

let gateway: TestGateway;
let elsewhere: Awaited<ReturnType<TestGateway['beside']>>;
let url: string;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_KEY_ROTATION: `${LIFE_MS}ms` } });
  elsewhere = await gateway.beside();
  url = `${(await gateway.listen()).url}/graphql`;
});
afterAll(async () => {
  await elsewhere.close();
  await gateway.close();
});

/** A subscription in which nothing happens: when it was ended, and with which code. */
interface Stream {
  readonly ended: Promise<{ readonly at: number; readonly code: string }>;
  close(): Promise<void>;
}

function follow(over: 'SSE' | 'WebSocket', key: string): Stream {
  const authorization = `Bearer ${key}`;
  const client = over === 'SSE'
    ? createSseClient({ url, headers: { authorization }, retryAttempts: 0 })
    : createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization } });
  const stream: AsyncIterableIterator<Json> = client.iterate({ query: FOLLOW });
  return {
    ended: stream.next().then((told: Json) => ({ at: Date.now(), code: told.value?.errors?.[0]?.extensions?.code ?? 'ENDED' }), () => ({ at: Date.now(), code: 'BROKEN' })),
    close: async () => client.dispose(),
  };
}

/** When a plain request is first turned away. The longest that one took on the way is what a busy machine adds to any promise. */
async function turnedAway(key: string): Promise<{ readonly at: number; readonly longest: number }> {
  let longest = 0;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const asked = Date.now();
    const { status } = await gateway.gql('{ __typename }', {}, key);
    longest = Math.max(longest, Date.now() - asked);
    if (status === 401) return { at: Date.now(), longest };
  }
  throw new TypeError('the key goes on working');
}

async function untilOpen(count: number): Promise<void> {
  await expect.poll(async () => (await gateway.fetch('/metrics')).text(), { timeout: 10_000, interval: 20 }).toContain(`weir_subscriptions_open ${count}\n`);
}

/** Brings a key to its end; answers when that is, in milliseconds by the clock of the database, which is this machine's. */
type End = (key: string) => Promise<number>;

const idOf = (key: string): string => key.split('_')[1] ?? '';

const revoked: End = async (key) => {
  const { revokeApiKey } = await elsewhere.data('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { ... on RevokeApiKeySuccess { key { revokedAt } } } }', { id: idOf(key) });
  return Date.parse(revokeApiKey.key.revokedAt);
};

const rotated: End = async (key) => {
  const { rotateApiKey } = await elsewhere.data('mutation ($id: ID!) { rotateApiKey(input: { id: $id }) { ... on RotateApiKeySuccess { secret key { previousSecretUntil } } } }', { id: idOf(key) });
  expect((await gateway.gql('{ __typename }', {}, rotateApiKey.secret)).status).toBe(200);
  return Date.parse(rotateApiKey.key.previousSecretUntil);
};

const expired: End = async (key) => Date.parse((await gateway.data('{ viewer { key { expiresAt } } }', {}, key)).viewer.key.expiresAt);

describe.each<readonly [string, End, boolean]>([
  ['is revoked on another gateway', revoked, false],
  ['is rotated on another gateway, at the end of its old secret', rotated, false],
  ['expires', expired, true],
])('a key that %s', (_how, end, mortal) => {
  it('ends what is open over both protocols, and is turned away, within a second and not before its time', async () => {
    const key = await gateway.createKey(mortal ? { expiresAt: new Date(Date.now() + 2 * LIFE_MS).toISOString() } : {});
    const other = follow('SSE', gateway.adminKey);
    const streams = [follow('SSE', key), follow('WebSocket', key)];
    await untilOpen(3);
    const at = await end(key);
    const [refused, ...ended] = await Promise.all([turnedAway(key), ...streams.map(async (stream) => stream.ended)]);
    expect(ended.map(({ code }) => code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    for (const each of [refused, ...ended]) {
      expect(each.at - at).toBeGreaterThanOrEqual(-CLOCKS_MS);
      expect(each.at - at).toBeLessThanOrEqual(PROMISED_MS + 2 * refused.longest);
    }
    // The stream of another key was open all the while, and goes on.
    await untilOpen(1);
    await Promise.all([...streams, other].map(async (stream) => stream.close()));
    await untilOpen(0);
  });
});
