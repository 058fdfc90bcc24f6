import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { ADMIN_KEY, openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** Seconds of the long run; in the suite the buffers of a few readers are counted instead. */
const SECONDS = Number(process.env['WEIR_TEST_RUNS'] ?? 0);
const READERS = 100;
const EVENTS_A_SECOND = 10;
/** What one event is to each of them: an answer of 25 descriptions of 4,000 bytes. */
const DESCRIPTION_BYTES = 4000;
const COPIES = 25;
const EVENT_BYTES = DESCRIPTION_BYTES * COPIES;
const QUERY = `subscription ($after: String) { events(after: $after, filter: { kinds: [REPO_UPDATED] }) { cursor repo { ${Array.from({ length: COPIES }, (_, at) => `d${at}: description`).join(' ')} } } }`;
const UPDATE = 'mutation ($text: String!) { updateRepo(input: { repo: "r", description: $text }) { __typename } }';

const opened: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.destroy();
});

function description(n: number): string {
  return `Event ${n} `.padEnd(DESCRIPTION_BYTES, 'x');
}

/** A reader over server-sent events that reads its headers and then no more, until `read` is called. */
interface SseReader {
  read(): void;
  /** The ids of what it has read. */
  ids(): string[];
}

async function stallOverSse(url: string, key: string, variables: Record<string, unknown>): Promise<SseReader> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  opened.push(socket);
  let text = '';
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      socket.pause();
      resolve();
    });
    const query = new URLSearchParams({ query: QUERY, variables: JSON.stringify(variables) });
    socket.write(`GET /graphql?${query} HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\nauthorization: Bearer ${key}\r\n\r\n`);
  });
  socket.on('error', () => undefined);
  return {
    read() {
      socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      socket.resume();
    },
    ids: () => [...text.matchAll(/^event: next\nid: (.+)$/gmu)].map(([, id]) => id ?? ''),
  };
}

/** As {@link stallOverSse}, over a WebSocket that is acknowledged and then not read. */
async function stallOverWebSocket(url: string, key: string, variables: Record<string, unknown>): Promise<SseReader> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  opened.push({ destroy: () => socket.terminate() });
  socket.on('error', () => undefined);
  const ids: string[] = [];
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const message: Json = JSON.parse(String(data));
      if (message.type === 'next') ids.push(message.payload.extensions.cursor);
      if (message.type !== 'connection_ack') return;
      socket.pause();
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: QUERY, variables } }), () => resolve());
    });
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } })));
  });
  return { read: () => socket.resume(), ids: () => ids };
}

describe('readers that do not read', () => {
  const EVENTS = 90;
  let gateway: TestGateway;
  let server: Server;
  /** The gateway's ends of all connections. */
  const ends = new Set<Duplex>();
  let url: string;
  beforeAll(async () => {
    gateway = await startGateway();
    server = createServer((request, response) => gateway.server.handle(request, response));
    server.on('upgrade', (request, socket, head) => gateway.server.upgrade(request, socket, head));
    server.on('connection', (socket: Socket) => {
      ends.add(socket);
      socket.once('close', () => ends.delete(socket));
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    await gateway.data('mutation { createRepo(input: { name: "r" }) { __typename } }');
  });
  afterAll(async () => {
    await gateway.close();
    server.closeAllConnections();
    await new Promise((resolve) => { server.close(resolve); });
  });

  it('have a cursor and a frame or two waiting for them, however much has happened, and miss nothing when they read again', async () => {
    const { eventCursor: after } = await gateway.data('{ eventCursor }');
    const readers = [
      ...(await Promise.all(Array.from({ length: 5 }, () => stallOverSse(url, gateway.adminKey, { after })))),
      ...(await Promise.all(Array.from({ length: 5 }, () => stallOverWebSocket(url, gateway.adminKey, { after })))),
    ];
    for (let n = 1; n <= EVENTS; n++) await gateway.data(UPDATE, { text: description(n) });
    // The kernel takes a few megabytes for each; then nothing moves any more.
    let waiting = -1;
    await expect.poll(() => {
      const before = waiting;
      waiting = [...ends].reduce((sum, { writableLength }) => sum + writableLength, 0);
      return waiting > 0 && waiting === before;
    }, { timeout: 20_000, interval: 200 }).toBe(true);
    const fullest = Math.max(...[...ends].map(({ writableLength }) => writableLength));
    expect(fullest).toBeGreaterThan(EVENT_BYTES / 2);
    expect(fullest).toBeLessThan(3 * EVENT_BYTES);
    for (const reader of readers) reader.read();
    await expect.poll(() => readers.map((reader) => reader.ids().length), { timeout: 20_000, interval: 50 }).toEqual(readers.map(() => EVENTS));
    const { events } = await gateway.data('query ($after: String) { events(first: 100, after: $after, filter: { kinds: [REPO_UPDATED] }) { edges { cursor } } }', { after });
    const truth = events.edges.map(({ cursor }: Json) => cursor);
    for (const reader of readers) expect(reader.ids()).toEqual(truth);
  }, 60_000);
});

/** The long part, which `npm run soak -- stalled` asks for; it reads the memory of a process as Linux tells it. */
// oxlint-disable-next-line vitest/require-hook, vitest/no-conditional-tests, jest/no-conditional-in-test -- what is not asked for is not there, rather than skipped
if (SECONDS > 0 && process.platform === 'linux') describe(`for ${SECONDS} s`, () => {
  let database: TestDatabase;
  let room: ProcessRoom;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    database = await createTestDatabase();
    room = openProcessRoom({ settings: { DATABASE_URL: database.url, WEIR_MAX_SUBSCRIPTIONS: '1000' } });
    gateway = await room.start();
    await gateway.ask('mutation { createRepo(input: { name: "r" }) { __typename } }');
  });
  afterAll(async () => {
    await gateway.kill();
    await room.close();
    await database.drop();
  }, 60_000);

  const resident = (): number => Number(/^VmRSS:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))?.[1]) * 1024;
  /** Memory of buffers, which is where whatever waits for a socket would be. */
  async function external(): Promise<number> {
    const text = await (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })).text();
    return Number(/^nodejs_external_memory_bytes (\S+)$/mu.exec(text)?.[1]);
  }

  it(`${READERS} readers that do not read leave the gateway's memory where it is while a megabyte of events a second goes by`, async () => {
    const { eventCursor: after } = await gateway.ask('{ eventCursor }');
    const stalled = [
      ...(await Promise.all(Array.from({ length: READERS / 2 }, () => stallOverSse(gateway.url, ADMIN_KEY, { after })))),
      ...(await Promise.all(Array.from({ length: READERS / 2 }, () => stallOverWebSocket(gateway.url, ADMIN_KEY, { after })))),
    ];
    const healthy = await stallOverSse(gateway.url, ADMIN_KEY, { after });
    healthy.read();
    const samples: { readonly resident: number; readonly external: number }[] = [];
    const started = performance.now();
    for (let n = 1; n <= SECONDS * EVENTS_A_SECOND; n++) {
      await gateway.ask(UPDATE, { text: description(n) });
      if (n % EVENTS_A_SECOND === 0) samples.push({ resident: resident(), external: await external() });
      await sleep(Math.max(0, started + (n * 1000) / EVENTS_A_SECOND - performance.now()));
    }
    const rate = (SECONDS * EVENTS_A_SECOND * EVENT_BYTES) / ((performance.now() - started) / 1000);
    await expect.poll(() => healthy.ids().length, { timeout: 20_000, interval: 50 }).toBe(SECONDS * EVENTS_A_SECOND);
    // Until then the kernel's buffers fill, and the heap finds its size.
    const settled = samples.slice(Math.floor(samples.length / 4));
    const [early, late] = [settled.slice(0, settled.length / 2), settled.slice(settled.length / 2)];
    process.stdout.write(`figures: ${(rate / 1e6).toFixed(2)} MB of events a second, resident ${samples.map(({ resident: bytes }) => Math.round(bytes / 1e6)).join(' ')} MB, buffers ${samples.map(({ external: bytes }) => Math.round(bytes / 1e6)).join(' ')} MB\n`);
    // What went by in between, kept once for all of them, would be more than both; kept for each it would be a hundred times as much.
    // Buffers that nobody holds wait for the collector of garbage: the least of some seconds is what is held.
    expect(Math.min(...late.map((sample) => sample.external)) - Math.min(...early.map((sample) => sample.external))).toBeLessThan(5e6);
    expect(Math.max(...late.map((sample) => sample.resident)) - Math.max(...early.map((sample) => sample.resident))).toBeLessThan(40e6);
    const [one] = stalled;
    one?.read();
    await expect.poll(() => one?.ids().length, { timeout: 60_000, interval: 50 }).toBe(SECONDS * EVENTS_A_SECOND);
    expect(one?.ids()).toEqual(healthy.ids());
  }, 120_000 + SECONDS * 3000);
});
