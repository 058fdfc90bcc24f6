import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashObject } from '../../src/git/objects/hash.js';
import { drawsOfTheRun } from '../support/draws.js';
import { report } from '../support/fault-report.js';
import type { Json } from '../support/gateway.js';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

const ROUNDS = Number(process.env['WEIR_TEST_RUNS'] ?? 3);
/** Writers of the same through each of the two gateways. */
const WRITERS = 4;
const FILES = 5;
/** A write takes about 30 ms, so that kills fall before, within and after. */
const LONGEST_MS = 60;
const CHECKPOINT = 'mutation ($input: CreateCheckpointInput!) { done: createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { oid } } ... on Problem { message } } }';

const random = drawsOfTheRun();
let database: TestDatabase;
let room: ProcessRoom;
const gateways: GatewayProcess[] = [];

/** One checkpoint of one round, and what it was told: null while nobody knows. */
interface Write {
  readonly branch: string;
  readonly through: number;
  readonly variables: Record<string, unknown>;
  oid: string | null;
}

beforeAll(async () => {
  database = await createTestDatabase();
  room = openProcessRoom({ execArgv: ['--no-opt'], settings: { DATABASE_URL: database.url } });
  // One after the other: the first makes the first key.
  for (let at = 0; at < 2; at++) gateways.push(await room.start());
  await gatewayAt(0).ask('mutation { createRepo(input: { name: "same" }) { __typename } }');
  for (let through = 0; through < 2; through++) for (let n = 0; n < WRITERS; n++) await gatewayAt(0).ask(`mutation { createBranch(input: { repo: "same", name: "${branchOf(through, n)}" }) { __typename } }`);
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.kill();
  await room.close();
  await database.drop();
}, 60_000);

function gatewayAt(at: number): GatewayProcess {
  const gateway = gateways[at];
  if (gateway === undefined) throw new TypeError('there is no gateway');
  return gateway;
}

function branchOf(through: number, n: number): string {
  return `session/${through}-${n}`;
}

function textOf(round: number, file: number): string {
  return `${round} ${file} ${'the same '.repeat(200)}\n`;
}

function writesOf(round: number): Write[] {
  const changes = Array.from({ length: FILES }, (_, file) => ({ write: { path: `same/${file}`, text: textOf(round, file) } }));
  return [0, 1].flatMap((through) => Array.from({ length: WRITERS }, (_, n): Write => {
    const branch = branchOf(through, n);
    return { branch, through, variables: { input: { repo: 'same', branch, message: `Round ${round}`, changes, idempotencyKey: `${branch}-${round}` } }, oid: null };
  }));
}

/** Asks until it is told an outcome; null: the gateway is gone. */
async function tell(write: Write, gateway: GatewayProcess): Promise<string | null> {
  for (;;) {
    let done: Json;
    try {
      ({ done } = await gateway.ask(CHECKPOINT, write.variables));
    } catch (error) {
      if (gateway.child.killed) return null;
      throw error;
    }
    if (done.__typename === 'CreateCheckpointSuccess') return done.checkpoint.oid;
    if (done.__typename !== 'Busy') throw new TypeError(JSON.stringify(done));
  }
}

/** Of what was acknowledged, how much is not there as it was told, by a gateway. */
async function lostOf(round: number, writes: readonly Write[], gateway: GatewayProcess): Promise<number> {
  const files = Array.from({ length: FILES }, (_, file) => `f${file}: file(path: "same/${file}") { oid blob { text } }`).join(' ');
  const { repo } = await gateway.ask(`{ repo(name: "same") { ${writes.map(({ branch, oid }, n) => `b${n}: branch(name: "${branch}") { headOid } c${n}: commit(rev: "${oid}") { ${files} }`).join('\n')} } }`);
  const isThere = ({ oid }: Write, n: number): boolean => {
    const [branch, commit] = [repo[`b${n}`], repo[`c${n}`]];
    return branch.headOid === oid && Array.from({ length: FILES }, (_, file) => file).every((file) => commit[`f${file}`].blob.text === textOf(round, file) && commit[`f${file}`].oid === hashObject('blob', Buffer.from(textOf(round, file))));
  };
  return writes.filter((write, n) => !isThere(write, n)).length;
}

/** Writes the same through both at once, with a kill in between; answers what of it was lost. */
async function round(number: number): Promise<number> {
  const writes = writesOf(number);
  const victim = random(2);
  const asked = writes.map(async (write) => void (write.oid = await tell(write, gatewayAt(write.through))));
  await sleep(random(LONGEST_MS));
  await gatewayAt(victim).kill();
  await Promise.all(asked);
  const told = new Map(writes.filter(({ oid }) => oid !== null).map(({ branch, oid }) => [branch, oid]));
  // The one that is left answers for the other, and each of them as it was told first.
  for (const write of writes) write.oid = await tell(write, gatewayAt(1 - victim));
  for (const { branch, oid } of writes) expect(oid).toBe(told.get(branch) ?? oid);
  const lost = await lostOf(number, writes, gatewayAt(1 - victim));
  gateways[victim] = await room.start();
  return lost + await lostOf(number, writes, gatewayAt(victim));
}

it(`loses nothing of the same content that two gateways write at once, one of them killed in between: ${ROUNDS} rounds`, async () => {
  let lost = 0;
  for (let number = 0; number < ROUNDS; number++) lost += await round(number);
  const doctor = await room.run('doctor');
  const bare = join(room.sandbox.directory, 'same.git');
  await room.run('export', 'same', bare);
  const found = execFileSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
  report({ lost, corrupt: doctor.code === 0 && found === '' ? 0 : 1, gaps: 0 });
  expect(lost).toBe(0);
  expect(doctor).toMatchObject({ code: 0 });
  expect(found).toBe('');
}, 60_000 + ROUNDS * 10_000);
