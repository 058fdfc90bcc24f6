import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

const SUBSCRIBERS = Number(process.env['WEIR_TEST_RUNS'] ?? 200);
/** Whether this is the long run, whose absolute figures count; a run of the suite shares its machine and asserts counts. */
const WHOLE = SUBSCRIBERS >= 10_000;
/** Opened before memory is measured: what a gateway needs for the first ones it needs once. */
const FIRST = 200;
const OPENED_AT_ONCE = 100;
const EVENTS = 3;

let database: TestDatabase;
let room: ProcessRoom;
let gateway: GatewayProcess;
const sockets = new Set<Socket>();

beforeAll(async () => {
  database = await createTestDatabase();
  room = openProcessRoom({ settings: { DATABASE_URL: database.url, WEIR_MAX_SUBSCRIPTIONS: '1000000' } });
  gateway = await room.start();
  await gateway.ask(`mutation { createRepo(input: { name: "r" }) { __typename } }`);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.kill();
  await room.close();
  await database.drop();
}, 60_000);

/** A subscriber with as little as one can have, so that the machine is the gateway's. */
interface Listener {
  readonly socket: Socket;
  /** When each event arrived, by this process's clock. */
  readonly told: number[];
  bytes: number;
}

const NEXT = Buffer.from('event: next');

async function listen(query: string): Promise<Listener> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port) });
  sockets.add(socket);
  const listener: Listener = { socket, told: [], bytes: 0 };
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      if (listener.bytes === 0) resolve();
      listener.bytes += chunk.length;
      for (let at = chunk.indexOf(NEXT); at >= 0; at = chunk.indexOf(NEXT, at + 1)) listener.told.push(performance.now());
    });
    socket.write(`GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\nauthorization: Bearer ${ADMIN_KEY}\r\n\r\n`);
  });
  return listener;
}

async function listenAll(count: number, query: string): Promise<Listener[]> {
  const all: Listener[] = [];
  while (all.length < count) all.push(...(await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, count - all.length) }, () => listen(query)))));
  return all;
}

/** Resident memory of the gateway in bytes, once it has come to rest. */
async function memory(): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 5; look++) {
    await sleep(WHOLE ? 1000 : 50);
    least = Math.min(least, Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))?.[1]) * 1024);
  }
  return least;
}

/** Processor time that the gateway has used so far, in milliseconds: what telling costs, however busy the machine is with others. */
function processorTime(): number {
  const fields = readFileSync(`/proc/${gateway.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // User and system time (proc(5), fields 14 and 15), in ticks of a hundredth of a second on every Linux that Node runs on.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Changes the repository's description, which is an event. */
function describeRepo(text: string): Promise<unknown> {
  return gateway.ask('mutation ($text: String!) { updateRepo(input: { repo: "r", description: $text }) { __typename } }', { text });
}

describe.skipIf(process.platform !== 'linux')('one gateway', () => {
  it(`tells ${SUBSCRIBERS} subscribers of an event, each once, and needs little for each`, async () => {
    const query = 'subscription { events { cursor kind repo { name description } } }';
    const listeners = await listenAll(FIRST, query);
    const before = await memory();
    listeners.push(...(await listenAll(SUBSCRIBERS, query)));
    const each = (await memory() - before) / SUBSCRIBERS;
    const lateness: number[] = [];
    const used = processorTime();
    for (let event = 1; event <= EVENTS; event++) {
      const sent = performance.now();
      await describeRepo(`Event ${event}`);
      await expect.poll(() => listeners.filter(({ told }) => told.length === event).length, { timeout: 30_000, interval: 20 }).toBe(listeners.length);
      const late = listeners.map(({ told }) => (told.at(-1) ?? Infinity) - sent).sort((a, b) => a - b);
      lateness.push(late[Math.floor(late.length * 0.99)] ?? Infinity);
    }
    const eachTime = ((processorTime() - used) * 1000) / (EVENTS * listeners.length);
    for (const { socket } of listeners) socket.destroy();
    process.stdout.write(`figures: ${SUBSCRIBERS} subscribers, ${Math.round(each / 1000)} kB each, ${Math.round(eachTime)} µs of processor time for each event told, p99 of ${EVENTS} events ${lateness.map((late) => Math.round(late)).join(', ')} ms\n`);
    // 200 are too few to tell what one costs from what the collector of garbage has left.
    expect(each).toBeLessThan(WHOLE ? 80_000 : 500_000);
    expect(Math.min(...lateness)).toBeLessThan(WHOLE ? 2000 : 30_000);
  }, 300_000);
});
