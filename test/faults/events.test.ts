import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { drawsOfTheRun } from '../support/draws.js';
import { framesOf } from '../support/event-stream.js';
import type { Json } from '../support/gateway.js';
import { ADMIN_KEY, openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';

const OPERATIONS = Number(process.env['WEIR_TEST_RUNS'] ?? 1000);
const WRITERS = 8;
const REPOS = 5;
const SUBSCRIBERS = 6;
/** A gateway is killed about so many times, and the listening connections are cut as often, at any time in between. */
const KILLS = Math.max(2, Math.round(OPERATIONS / 1500));
/** Operations in one request: what is tested is the log, not HTTP. */
const AT_ONCE = 10;

const QUERY = 'subscription ($after: String) { events(after: $after) { kind } }';

let database: TestDatabase;
let sql: postgres.Sql;
let room: ProcessRoom;
/** The gateways; while one is started again, its place holds a promise. */
const gateways: Promise<GatewayProcess>[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  sql = clientFor(database.connection, 1);
  room = openProcessRoom({ settings: { DATABASE_URL: database.url } });
  // One after the other: the first makes the first key.
  for (let at = 0; at < 2; at++) gateways[at] = Promise.resolve(await room.start());
});
afterAll(async () => {
  for (const gateway of await Promise.all(gateways)) await gateway.kill();
  await room.close();
  await sql.end({ timeout: 1 });
  await database.drop();
}, 60_000);

const random = drawsOfTheRun();

async function anyGateway(): Promise<GatewayProcess> {
  const gateway = await gateways[random(2)];
  if (gateway === undefined) throw new TypeError('there is no gateway');
  return gateway;
}

/** Asks any gateway until one answers: with idempotency keys an unknown outcome is asked for again. */
async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  for (;;) {
    const gateway = await anyGateway();
    try {
      return await gateway.ask(query, variables);
    } catch (error) {
      // Only one that was killed meanwhile may leave a client without an answer.
      if (!gateway.child.killed) throw error;
    }
  }
}

/** Makes the next changes, each once: whoever is told that others are writing asks again, as it is told to. */
async function update(first: number): Promise<void> {
  let todo = Array.from({ length: Math.min(AT_ONCE, OPERATIONS - first) }, (_, index) => first + index);
  while (todo.length > 0) {
    const fields = todo.map((n) => `o${n}: updateRepo(input: { repo: "r${n % REPOS}", description: "Change ${n}", idempotencyKey: "change-${n}" }) { __typename ... on Problem { message } }`);
    const answers: Record<string, Json> = await ask(`mutation { ${fields.join(' ')} }`);
    expect(Object.values(answers).filter(({ __typename: type }) => type !== 'UpdateRepoSuccess' && type !== 'Busy')).toEqual([]);
    todo = todo.filter((n) => answers[`o${n}`].__typename === 'Busy');
  }
}

/** What one subscriber has been told: the cursors, as they came. */
interface Subscriber {
  readonly seen: string[];
  connections: number;
}

/** One connection over SSE: takes what comes, up to `most`, then hangs up. */
async function overSse(url: string, subscriber: Subscriber, start: string, most: number, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal]);
  const parameters = new URLSearchParams({ query: QUERY, variables: JSON.stringify({ after: start }) });
  const last = subscriber.seen.at(-1);
  const response = await fetch(`${url}/graphql?${parameters}`, { signal: until, headers: { accept: 'text/event-stream', authorization: `Bearer ${ADMIN_KEY}`, ...(last === undefined ? {} : { 'last-event-id': last }) } });
  let taken = 0;
  for await (const { event, id, data } of framesOf(response, until)) {
    if (event !== 'next' || JSON.parse(data ?? '{}').data === undefined) continue;
    subscriber.seen.push(id ?? 'a result without an id');
    taken += 1;
    if (taken >= most) return enough.abort();
  }
}

/** As {@link overSse}, over a WebSocket. */
async function overWs(url: string, subscriber: Subscriber, start: string, most: number, signal: AbortSignal): Promise<void> {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization: `Bearer ${ADMIN_KEY}` } });
  const dispose = (): void => void client.dispose();
  signal.addEventListener('abort', dispose, { once: true });
  let taken = 0;
  try {
    for await (const { data, extensions } of client.iterate<Record<string, unknown>, { readonly cursor: string }>({ query: QUERY, variables: { after: subscriber.seen.at(-1) ?? start } })) {
      if (data === undefined) continue;
      subscriber.seen.push(extensions?.cursor ?? 'a result without a cursor');
      taken += 1;
      if (taken >= most) return;
    }
  } finally {
    signal.removeEventListener('abort', dispose);
    dispose();
  }
}

async function subscribe(subscriber: Subscriber, start: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { url } = await anyGateway();
    subscriber.connections += 1;
    try {
      await (random(2) === 0 ? overSse : overWs)(url, subscriber, start, 1 + random(OPERATIONS / 10), signal);
    } catch {
      // Broken by a kill, or a gateway that is not there yet: it comes again, with what it has seen last.
      await sleep(20, undefined, { signal }).catch(() => undefined);
    }
  }
}

it(`tells every subscriber each event of ${OPERATIONS} operations exactly once and in order, through kills of gateways and of listening connections`, async () => {
  const { eventCursor: start } = await ask('{ eventCursor }');
  for (let n = 0; n < REPOS; n++) await ask(`mutation { createRepo(input: { name: "r${n}", idempotencyKey: "repo-${n}" }) { __typename } }`);
  const over = new AbortController();
  const subscribers = Array.from({ length: SUBSCRIBERS }, (): Subscriber => ({ seen: [], connections: 0 }));
  const subscribed = subscribers.map((subscriber) => subscribe(subscriber, start, over.signal));

  const cut = await writeThroughFaults();

  const truth = await wholeLog(start);
  await expect.poll(() => Math.min(...subscribers.map(({ seen }) => seen.length)), { timeout: 30_000, interval: 50 }).toBeGreaterThanOrEqual(truth.length);
  over.abort();
  await Promise.all(subscribed);
  expect(cut).toBeGreaterThan(0);
  for (const { seen } of subscribers) expect(firstDifference(seen, truth)).toBeNull();
  expect(Math.min(...subscribers.map(({ connections }) => connections))).toBeGreaterThan(3);
}, 120_000 + OPERATIONS * 60);

/** Writes everything, with the faults at their places in between; answers how many listening connections were cut. */
async function writeThroughFaults(): Promise<number> {
  const faults = Array.from({ length: 2 * KILLS }, (_, n) => ({ after: random(OPERATIONS * 0.9), kill: n % 2 === 0 })).sort((a, b) => a.after - b.after);
  let cut = 0;
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let first = next; first < OPERATIONS; first = next) {
      next += AT_ONCE;
      await update(first);
      while (faults[0] !== undefined && faults[0].after <= first) {
        if (faults.shift()?.kill === true) await killOne();
        else cut += await cutListeners();
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return cut;
}

async function killOne(): Promise<void> {
  const at = random(2);
  const victim = await gateways[at];
  // The other one serves everybody meanwhile.
  const again = (async () => {
    await victim?.kill();
    return room.start();
  })();
  again.catch(() => undefined);
  gateways[at] = again;
}

async function cutListeners(): Promise<number> {
  const cut = await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`;
  return cut.length;
}

/** Every event after a cursor, by the query: in order per repository, each operation once. */
async function wholeLog(start: string): Promise<string[]> {
  const cursors: string[] = [];
  let updates = 0;
  for (let after = start, more = true; more;) {
    const { events } = await ask('query ($after: String) { events(first: 100, after: $after) { edges { cursor node { kind } } pageInfo { hasNextPage endCursor } } }', { after });
    for (const { cursor, node } of events.edges) {
      cursors.push(cursor);
      if (node.kind === 'REPO_UPDATED') updates += 1;
    }
    ({ hasNextPage: more, endCursor: after } = events.pageInfo);
  }
  expect([updates, new Set(cursors).size]).toEqual([OPERATIONS, cursors.length]);
  const unordered = await sql`select 1 from (select seq, lag(seq) over (partition by stream order by position) as before from event_position) as placed where seq <= before`;
  expect(unordered).toHaveLength(0);
  return cursors;
}

/** Where what was seen parts from the truth; null: nowhere. */
function firstDifference(seen: readonly string[], truth: readonly string[]): string | null {
  const at = truth.findIndex((cursor, index) => seen[index] !== cursor);
  if (at < 0 && seen.length === truth.length) return null;
  return `event ${at} of ${truth.length}: told ${seen[at]} (${truth.indexOf(seen[at] ?? '')} of the log), ${seen.length} in all`;
}
