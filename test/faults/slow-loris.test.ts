import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report } from '../support/fault-report.js';
import { ADMIN_KEY, openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** Slow connections of each kind: more than a gateway works on at once. */
const SLOW = Number(process.env['WEIR_TEST_RUNS'] ?? 100);
/** How often each of them sends a byte. */
const TRICKLE_MS = 400;
/** Instead of the five minutes of a release, after which a body that has not come is cut. */
const REQUEST_MS = 10_000;
/** Well above the ten seconds that headers may take, and below the thirty after which Node looks for them unless told. */
const ENDED_MS = 22_000;
/** Pairs of a read and a write, asked of one gateway and the other by turns. */
const PAIRS = 60;
/** Answers within this are fast: below it a ratio tells of the machine. */
const FAST_MS = 25;

/** `weir serve` with a limit that a test can wait for. */
const SCRIPT = `
import { openServed } from './cli/open-served.js';
import { serve, stopSignal } from './cli/serve.js';
import { loadConfig, runInProduction } from './config.js';
if (process.argv[2] === 'serve') {
  runInProduction();
  await serve({ ...loadConfig(), requestMs: ${REQUEST_MS} }, openServed, { out: (line) => process.stdout.write(line + '\\n'), err: () => undefined }, stopSignal());
  process.exit(0);
}
await import('./main.js');
`;

const CHECKPOINT = 'mutation ($input: CreateCheckpointInput!) { done: createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { number oid } } } }';
const READ = '{ repo(name: "r") { commit(rev: "main") { file(path: "a") { blob { text } } } } }';

let database: TestDatabase;
let room: ProcessRoom;
/** One that slow clients come to, and one that has nothing else to do: both have the same database, directory and machine. */
let attacked: GatewayProcess;
let idle: GatewayProcess;
const over = new AbortController();
const slow: Slow[] = [];

/** A client that never comes to an end by itself. */
interface Slow {
  readonly kind: string;
  readonly socket: Socket;
  /** What it was told. */
  said: string;
}

const HEAD = `POST /graphql HTTP/1.1\r\nhost: weir\r\nauthorization: Bearer ${ADMIN_KEY}\r\ncontent-type: application/json\r\n`;

/** What each kind begins with, and the drop that follows again and again. */
const KINDS: readonly (readonly [kind: string, begin: string, drop: string])[] = [
  ['headers', 'POST /graphql HTTP/1.1\r\nhost: weir\r\n', 'x: y\r\n'],
  ['an announced body', `${HEAD}content-length: 1000\r\n\r\n{"query":"`, ' '],
  ['a long announced body', `${HEAD}content-length: 1000000\r\n\r\n{"query":"`, ' '],
  ['a body in chunks', `${HEAD}transfer-encoding: chunked\r\n\r\na\r\n{"query":"\r\n`, '1\r\n \r\n'],
];

beforeAll(async () => {
  database = await createTestDatabase();
  room = openProcessRoom({ script: SCRIPT, settings: { DATABASE_URL: database.url } });
  idle = await room.start();
  await idle.ask('mutation { createRepo(input: { name: "r", files: [{ path: "a", text: "a" }] }) { __typename } }');
  for (const name of ['idle', 'attacked']) await idle.ask(`mutation { createBranch(input: { repo: "r", name: "session/${name}" }) { __typename } }`);
  attacked = await room.start();
}, 60_000);
afterAll(async () => {
  over.abort();
  for (const { socket } of slow) socket.destroy();
  for (const gateway of [attacked, idle]) await gateway.kill();
  await room.close();
  await database.drop();
}, 60_000);

async function openSlow(kind: string, begin: string): Promise<void> {
  const { hostname, port } = new URL(attacked.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const one: Slow = { kind, socket, said: '' };
  slow.push(one);
  socket.setEncoding('utf8').on('data', (text: string) => (one.said += text));
  await once(socket, 'connect');
  // It is cut in the middle of a drop.
  socket.on('error', () => undefined);
  socket.write(begin);
}

async function trickle(): Promise<void> {
  const drops = new Map(KINDS.map(([kind, , drop]) => [kind, drop]));
  for await (const _ of every(TRICKLE_MS, undefined, { signal: over.signal })) for (const { kind, socket } of slow) if (socket.writable) socket.write(drops.get(kind) ?? '');
}

/** What the two of a pair took, in milliseconds, and the commit that was acknowledged. */
async function pair(gateway: GatewayProcess, branch: string, n: number): Promise<{ readonly took: number; readonly oid: string }> {
  const began = performance.now();
  const { done } = await gateway.ask(CHECKPOINT, { input: { repo: 'r', branch, message: `Work ${n}`, changes: [{ write: { path: `${branch}/${n}`, text: `${n}\n` } }] } });
  const { repo } = await gateway.ask(READ);
  const took = performance.now() - began;
  expect(repo.commit.file.blob.text).toBe('a');
  expect(done).toMatchObject({ __typename: 'CreateCheckpointSuccess', checkpoint: { number: n + 1 } });
  return { took, oid: done.checkpoint.oid };
}

function p95(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Infinity;
}

const acknowledged = new Map<string, string[]>([['session/idle', []], ['session/attacked', []]]);

describe(`${KINDS.length} times ${SLOW} clients that send a byte now and then`, () => {
  it('keep nobody waiting', async () => {
    for (const [kind, begin] of KINDS) await Promise.all(Array.from({ length: SLOW }, () => openSlow(kind, begin)));
    trickle().catch(() => undefined);
    const sides = [['session/attacked', attacked, [] as number[]], ['session/idle', idle, [] as number[]]] as const;
    for (let n = 0; n < PAIRS; n++) {
      for (const [branch, gateway, times] of sides) {
        const { took, oid } = await pair(gateway, branch, n);
        times.push(took);
        acknowledged.get(branch)?.push(oid);
      }
    }
    const [others, control] = sides.map(([, , times]) => p95(times));
    expect(others, `p95 of ${others} ms beside slow clients, of ${control} ms without`).toBeLessThan(2 * Math.max(control ?? 0, FAST_MS));
  }, 60_000);

  it('are all ended by the gateway', async () => {
    await expect.poll(() => slow.filter(({ socket }) => !socket.destroyed).length, { timeout: ENDED_MS }).toBe(0);
    // Told why, where the answer was not overtaken by the end of the connection.
    expect([...new Set(slow.map(({ said }) => said.split('\r\n')[0]))].filter((said) => said !== '')).toEqual(['HTTP/1.1 408 Request Timeout']);
    // It is no fault of the gateway, and whoever does it for days must not fill its disk.
    expect(attacked.said()).not.toContain('failed on this side');
  }, 60_000);

  it('leave everything sound that was acknowledged beside them', async () => {
    let lost = 0;
    for (const [branch, oids] of acknowledged) {
      const { repo } = await attacked.ask('query ($name: String!) { repo(name: "r") { branch(name: $name) { checkpoints(first: 100) { nodes { number oid } } } } }', { name: branch });
      const there = repo.branch.checkpoints.nodes.map(({ oid }: { readonly oid: string }) => oid);
      lost += oids.filter((oid, at) => there[at] !== oid).length;
    }
    const doctor = await room.run('doctor');
    const bare = join(room.sandbox.directory, 'r.git');
    await room.run('export', 'r', bare);
    const found = execFileSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
    report({ lost, corrupt: doctor.code === 0 && found === '' ? 0 : 1, gaps: 0 });
    expect(lost).toBe(0);
    expect(doctor).toMatchObject({ code: 0 });
    expect(found).toBe('');
  }, 60_000);
});
