import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';

const CHECKPOINTS = 200;
const CLIENTS = 8;
/** After how many acknowledged checkpoints the gateway is killed, each time with others under way. */
const KILLS = [13, 77, 151];

const CREATE = `mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename
  ... on CreateCheckpointSuccess { checkpoint { number oid } } ... on Problem { code message } } }`;

let room: ProcessRoom;

beforeAll(() => {
  room = openProcessRoom();
});
afterAll(() => room.close(), 60_000);

/** Everything that was told to a client: the commit of each numbered piece of work. */
const acknowledged = new Map<number, string>();
let kills = 0;

describe('kill -9 of the gateway during 200 checkpoints', () => {
  it('keeps every acknowledged one, whole, and makes each unknown one once when it is asked for again', async () => {
    let gateway = await room.start();
    await gateway.ask('mutation { createRepo(input: {name: "kept"}) { __typename } }');
    for (let client = 0; client < CLIENTS; client++) {
      await gateway.ask(`mutation { createBranch(input: {repo: "kept", name: "session/${client}"}) { __typename } }`);
    }
    const todo = Array.from({ length: CHECKPOINTS }, (_, n) => n);
    while (todo.length > 0) {
      const failed = await runUntilKilled(gateway, todo);
      todo.unshift(...failed);
      if (todo.length > 0) gateway = await room.start();
    }
    expect(kills).toBe(KILLS.length);
    expect(acknowledged.size).toBe(CHECKPOINTS);

    await everythingIsThere(gateway);
    expect(await gateway.stop()).toBe(0);
  }, 180_000);

  it('leaves objects, references and log that the doctor and git find whole', async () => {
    const doctor = await room.run('doctor');
    expect(doctor).toMatchObject({ code: 0, output: expect.stringContaining('0 things are wrong') });
    const bare = join(room.sandbox.directory, 'kept.git');
    expect(await room.run('export', 'kept', bare)).toMatchObject({ code: 0 });
    const { status, stdout, stderr } = spawnSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
    expect([status, `${stdout}${stderr}`.replaceAll(/^notice:.*\n/gmu, '')]).toEqual([0, '']);
    for (const [work, oid] of acknowledged) {
      const branches = spawnSync('git', ['-C', bare, 'branch', '--contains', oid], { encoding: 'utf8' }).stdout;
      expect(branches).toContain(`session/${work % CLIENTS}`);
    }
  }, 60_000);
});

/** Clients take work from the list until it is empty or the gateway dies under them; answers what got no answer. */
async function runUntilKilled(gateway: GatewayProcess, todo: number[]): Promise<number[]> {
  const unknown: number[] = [];
  let dead = false;
  const client = async (): Promise<void> => {
    for (let work = dead ? undefined : todo.shift(); work !== undefined; work = dead ? undefined : todo.shift()) {
      try {
        await checkpoint(gateway, work);
      } catch (error) {
        // Only a dead gateway may leave a client without an answer.
        if (!dead) throw error;
        unknown.push(work);
        return;
      }
      const next = KILLS[kills];
      if (!dead && next !== undefined && acknowledged.size >= next) {
        dead = true;
        kills++;
        await gateway.kill();
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return unknown;
}

/** The same idempotency key each time, so that what was done although nobody heard of it is not done again. */
async function checkpoint(gateway: GatewayProcess, work: number): Promise<void> {
  const input = {
    repo: 'kept',
    branch: `session/${work % CLIENTS}`,
    message: `Work ${work}`,
    changes: [{ write: { path: `work/${work}.txt`, text: `${work}\n` } }],
    idempotencyKey: `work-${work}`,
  };
  const { createCheckpoint } = await gateway.ask(CREATE, { input });
  expect(createCheckpoint.__typename).toBe('CreateCheckpointSuccess');
  const before = acknowledged.get(work);
  if (before !== undefined) expect(createCheckpoint.checkpoint.oid).toBe(before);
  acknowledged.set(work, createCheckpoint.checkpoint.oid);
}

async function everythingIsThere(gateway: GatewayProcess): Promise<void> {
  const messages: string[] = [];
  for (let client = 0; client < CLIENTS; client++) {
    const { repo } = await gateway.ask(`{ repo(name: "kept") { branch(name: "session/${client}") { version headOid checkpoints(first: 100) { nodes { number oid message } } } } }`);
    const { checkpoints, version, headOid } = repo.branch;
    expect(checkpoints.nodes.map((node: { number: number }) => node.number)).toEqual(checkpoints.nodes.map((_: unknown, index: number) => index + 1));
    expect(version).toBe(1 + checkpoints.nodes.length);
    expect(checkpoints.nodes.at(-1).oid).toBe(headOid);
    for (const { oid, message } of checkpoints.nodes) {
      messages.push(message);
      expect(oid).toBe(acknowledged.get(Number(message.replace('Work ', ''))));
    }
  }
  // Each piece of work is there exactly once: none lost, none done twice.
  expect(messages.length).toBe(CHECKPOINTS);
  expect(new Set(messages).size).toBe(CHECKPOINTS);
}
