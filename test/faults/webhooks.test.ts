import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drawsOfTheRun } from '../support/draws.js';
import { LOCAL_WEBHOOKS, type Json } from '../support/gateway.js';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startReceiver, type Receiver } from '../support/webhook-receiver.js';

/** `weir serve`, which the environment has die by its own hand: at the n-th attempt that was sent, or some time after the first. */
const SCRIPT = `
import { openServed } from './cli/open-served.js';
import { serve, stopSignal } from './cli/serve.js';
import { loadConfig, runInProduction } from './config.js';
const { DIE_AT, DIE_AFTER_MS, LEASE_MS } = process.env;
const die = () => process.kill(process.pid, 'SIGKILL');
let listens = false;
let sent = 0;
const faults = {
  at(point) {
    if (point !== 'webhook.sent' || !listens) return;
    sent += 1;
    if (sent === Number(DIE_AT)) die();
    if (sent === 1 && DIE_AFTER_MS !== undefined) setTimeout(die, Number(DIE_AFTER_MS));
  },
};
const out = (line) => {
  process.stdout.write(line + '\\n');
  listens ||= line.startsWith('Weir listens');
};
const options = { faults, ...(LEASE_MS === undefined ? {} : { shortestLeaseMs: Number(LEASE_MS) }) };
runInProduction();
await serve(loadConfig(), (config) => openServed(config, options), { out, err: out }, stopSignal());
process.exit(0);
`;

/** Of the gateways that are killed: longer than three attempts, as in production, and than what lies between two renewals. */
const LEASE_MS = 3_000;
const KILLED = { LEASE_MS: String(LEASE_MS), WEIR_WEBHOOK_TIMEOUT: '700ms' };
const KILLS = 2;
/** The last repository is none of the webhook's business. */
const REPOS = 5;
const WRITERS = 2;
/** Each writer draws breath as long: operations shall last as long as the kills do, not make a log that takes minutes to deliver. */
const PACE_MS = 40;
/** One attempt in so many is answered with 500, and holds its repository up for a second or two. */
const FAILED_ONE_IN = 60;
const DRAIN_LIMIT_MS = 10_000;

let database: TestDatabase;
let sql: postgres.Sql;
let room: ProcessRoom;
let receiver: Receiver;
const live = new Set<GatewayProcess>();

beforeEach(async () => {
  database = await createTestDatabase();
  sql = clientFor(database.connection, 1);
  room = openProcessRoom({ settings: { DATABASE_URL: database.url, ...LOCAL_WEBHOOKS }, script: SCRIPT });
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const gateway of live) await gateway.kill();
  live.clear();
  await room.close();
  await receiver.close();
  await sql.end({ timeout: 1 });
  await database.drop();
}, 60_000);

const random = drawsOfTheRun();

async function start(environment: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const gateway = await room.start(environment);
  live.add(gateway);
  void gateway.exited.then(() => live.delete(gateway));
  return gateway;
}

/** Asks any gateway until one answers, and whoever is told that others are writing asks again: with idempotency keys that does nothing twice. */
async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  for (;;) {
    const gateway = [...live][random(live.size)];
    if (gateway === undefined) {
      await sleep(20);
      continue;
    }
    try {
      const answer = await gateway.ask(query, variables);
      if (!JSON.stringify(answer).includes('"Busy"')) return answer;
    } catch (error) {
      // Only one that was killed may leave a client without an answer.
      const isDead = await Promise.race([gateway.exited.then(() => true), sleep(5_000, false, { ref: false })]);
      if (!isDead) throw error;
    }
  }
}

async function makeRepos(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await ask(`mutation { createRepo(input: { name: "r${n}", idempotencyKey: "repo-${n}" }) { __typename } }`);
}

/** A webhook for the branches of all repositories but the last; answers its secret. */
async function makeWebhook(repos: number): Promise<string> {
  const filter = { repos: Array.from({ length: repos - 1 }, (_, n) => `r${n}`), kinds: ['BRANCH_CREATED'] };
  const { createWebhook } = await ask('mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { secret } ... on Problem { message } } }', { input: { url: receiver.url, filter } });
  expect(createWebhook).toMatchObject({ secret: expect.stringMatching(/^whsec_/u) });
  return createWebhook.secret;
}

/** The n-th operation: most make a branch, which some webhook wants; the others change a description, which none does. */
async function operate(n: number): Promise<void> {
  const repo = `r${random(REPOS)}`;
  const input = { repo, ...(random(4) === 0 ? { description: `Change ${n}` } : { name: `session/${n}` }), idempotencyKey: `operation-${n}` };
  const field = 'name' in input ? 'createBranch' : 'updateRepo';
  const type = 'name' in input ? 'CreateBranchInput' : 'UpdateRepoInput';
  const answer = await ask(`mutation ($input: ${type}!) { ${field}(input: $input) { __typename ... on Problem { message } } }`, { input });
  expect(answer[field].__typename).toMatch(/Success$/u);
}

/** Ids of the events that the webhook owes, by repository, in the order of the log. */
async function owedByRepo(start: string, repos: number): Promise<Map<string, string[]>> {
  const owed = new Map<string, string[]>();
  const filter = { repos: Array.from({ length: repos - 1 }, (_, n) => `r${n}`), kinds: ['BRANCH_CREATED'] };
  for (let after = start, more = true; more;) {
    const { events } = await ask('query ($after: String, $filter: EventFilter) { events(first: 100, after: $after, filter: $filter) { nodes { id repoName } pageInfo { hasNextPage endCursor } } }', { after, filter });
    for (const { id, repoName } of events.nodes) owed.set(repoName, [...(owed.get(repoName) ?? []), id]);
    more = events.pageInfo.hasNextPage;
    after = events.pageInfo.endCursor ?? after;
  }
  return owed;
}

/** What the receiver has taken, each event where it was taken first, by repository; and each time that it was taken. */
class Taken {
  readonly firsts = new Map<string, string[]>();
  readonly times = new Map<string, number>();

  take({ body }: { readonly body: Json }): void {
    const { id, repoName } = body.data;
    if (!this.times.has(id)) this.firsts.set(repoName, [...(this.firsts.get(repoName) ?? []), id]);
    this.times.set(id, (this.times.get(id) ?? 0) + 1);
  }
}

async function pending(): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int from webhook_delivery where state = 'PENDING'`;
  return row?.count ?? Number.NaN;
}

/** How the n-th gateway ends once it delivers: at the fault point, where an event was taken and nobody knows it yet, or at any moment. */
function fate(n: number): Record<string, string> {
  return n % 2 === 0 ? { DIE_AT: String(2 + random(10)) } : { DIE_AFTER_MS: String(1 + random(700)) };
}

/** Keeps two gateways running. Those that start before the last kill die when they come to deliver, so there may be one kill more. */
class TwoGateways {
  readonly #starting = new Set<Promise<void>>();
  #started = 0;
  kills = 0;
  failure: unknown = null;

  async enter(): Promise<void> {
    const gateway = await start({ ...KILLED, ...(this.kills < KILLS ? fate(this.#started++) : {}) });
    void this.#follow(gateway);
  }

  /** Has another one enter when this one has died. */
  async #follow(gateway: GatewayProcess): Promise<void> {
    await gateway.exited;
    // By the test, at its end.
    if (gateway.child.killed) return;
    this.kills += 1;
    const entered = this.enter().catch((error: unknown) => (this.failure = error)).then(() => void this.#starting.delete(entered));
    this.#starting.add(entered);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#starting);
    if (this.failure !== null) throw this.failure;
  }
}

it('delivers each event at least once, in order for each repository and signed, although each gateway that delivers is killed', async () => {
  const taken = new Taken();
  let attempts = 0;
  receiver.answer((received, response) => {
    // Counted, not drawn: the first kill, at one of the first attempts, is then always one of an event that was taken.
    const status = ++attempts % FAILED_ONE_IN === 0 ? 500 : 204;
    if (status === 204) taken.take(received);
    setTimeout(() => response.writeHead(status).end(), random(20));
  });
  const two = new TwoGateways();
  // One after the other: the first makes the first key.
  await two.enter();
  await two.enter();
  await makeRepos(REPOS);
  const { eventCursor } = await ask('{ eventCursor }');
  const secret = await makeWebhook(REPOS);

  let next = 0;
  const deadline = performance.now() + 60_000;
  const writer = async (): Promise<void> => {
    while (two.kills < KILLS && two.failure === null && performance.now() < deadline) {
      await operate(next++);
      await sleep(PACE_MS);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  await two.settled();
  expect(two.kills).toBeGreaterThanOrEqual(KILLS);

  const owed = await owedByRepo(eventCursor, REPOS);
  const all = [...owed.values()].flat();
  expect([owed.size, all.length]).toEqual([REPOS - 1, expect.toSatisfy((count: number) => count > 20)]);
  await expect.poll(async () => [taken.times.size, await pending()], { timeout: 30_000, interval: 50 }).toEqual([all.length, 0]);
  expect(Object.fromEntries(taken.firsts)).toEqual(Object.fromEntries(owed));
  for (const received of receiver.received) expect(() => receiver.verify(secret, received)).not.toThrow();
  // Some died between an event that was taken and the note of it.
  expect(Math.max(...taken.times.values())).toBeGreaterThan(1);
}, 120_000);

it('ends by SIGTERM within the limit for draining, lets attempts end that do, and has another gateway make the others at once', async () => {
  const REPOS_TOLD = 6;
  const taken = new Taken();
  const held: { readonly response: ServerResponse; readonly take: () => void }[] = [];
  receiver.answer((received, response) => void held.push({ response, take: () => taken.take(received) }));
  const first = await start();
  await makeRepos(REPOS_TOLD + 1);
  const { eventCursor } = await ask('{ eventCursor }');
  await makeWebhook(REPOS_TOLD + 1);
  for (const name of ['session/1', 'session/2']) {
    for (let n = 0; n < REPOS_TOLD; n++) await ask('mutation ($repo: String!, $name: String!) { createBranch(input: { repo: $repo, name: $name }) { __typename } }', { repo: `r${n}`, name });
  }
  await expect.poll(() => held.length, { timeout: 10_000, interval: 10 }).toBe(REPOS_TOLD);
  await start();

  live.delete(first);
  const told = performance.now();
  const ended = first.stop();
  // Once it is deaf, it is closing.
  await expect.poll(() => fetch(`${first.url}/health/live`, { headers: { connection: 'close' } }).then(() => 'answers', () => 'deaf'), { timeout: 5_000, interval: 10 }).toBe('deaf');
  const answered = held.splice(0, REPOS_TOLD / 2).map(({ response, take }) => {
    take();
    response.writeHead(204).end();
  });
  receiver.answer((received, response) => {
    taken.take(received);
    response.writeHead(204).end();
  });
  expect(await ended).toBe(0);
  expect(performance.now() - told).toBeLessThan(DRAIN_LIMIT_MS);

  // The lease of the one that ended would have lasted for 45 s.
  await expect.poll(async () => [taken.times.size, await pending()], { timeout: 10_000, interval: 50 }).toEqual([2 * REPOS_TOLD, 0]);
  const owed = await owedByRepo(eventCursor, REPOS_TOLD + 1);
  expect([...owed.values()].flat()).toHaveLength(2 * REPOS_TOLD);
  expect(Object.fromEntries(taken.firsts)).toEqual(Object.fromEntries(owed));
  expect([answered.length, new Set(taken.times.values())]).toEqual([REPOS_TOLD / 2, new Set([1])]);
  expect(receiver.received).toHaveLength(2 * REPOS_TOLD + REPOS_TOLD / 2);
}, 60_000);
