import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, restoreBackup } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { everyRow } from '../../src/domain/every-row.js';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { SILENT } from '../support/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

const CLIENTS = 4;
const REPOS = ['kept', 'beside'];
/** Acknowledged checkpoints before the backup begins, and after it has ended. */
const BEFORE = 40;
const AFTER = 10;

const CREATE = `mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename
  ... on CreateCheckpointSuccess { checkpoint { number oid } } ... on Problem { code message } } }`;

let database: TestDatabase;
let room: ProcessRoom;
let gateways: readonly GatewayProcess[];

beforeAll(async () => {
  database = await createTestDatabase();
  room = openProcessRoom({ settings: { DATABASE_URL: database.url } });
  gateways = await Promise.all([room.start(), room.start()]);
  for (const name of REPOS) await gateways[0]?.ask('mutation ($name: String!) { createRepo(input: {name: $name}) { __typename } }', { name });
  for (let client = 0; client < CLIENTS; client++) await gateways[0]?.ask('mutation ($repo: String!, $name: String!) { createBranch(input: {repo: $repo, name: $name}) { __typename } }', { repo: repoOf(client), name: `session/${client}` });
});
afterAll(async () => {
  await room.close();
  await database.drop();
}, 120_000);

/** What clients were told: the commit of each piece of work. */
const acknowledged = new Map<string, string>();

describe('a backup while clients write through two gateways', () => {
  it('brings back to an empty directory each write that was acknowledged before it began, with the same commit, and nothing by half', async () => {
    const directory = join(room.sandbox.directory, 'backups');
    const { before, output } = await backUpWhileWriting(directory);
    expect(output).toMatchObject({ code: 0 });
    const restored = await restoredFrom(directory);
    expect([...before].filter(([work, oid]) => restored.get(work) !== oid)).toEqual([]);
    // What came during the backup is there, with its own commit, or is not.
    expect([...restored].filter(([work, oid]) => acknowledged.get(work) !== oid)).toEqual([]);
    expect(restored.size).toBeLessThan(acknowledged.size);
  }, 120_000);
});

/** Writes until some time after the backup; answers what was acknowledged when it began. */
async function backUpWhileWriting(directory: string): Promise<{ readonly before: ReadonlyMap<string, string>; readonly output: unknown }> {
  const writing = new AbortController();
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, client) => writeOn(client, writing.signal)));
  // Awaited in the end, whatever else fails.
  clients.catch(() => undefined);
  try {
    await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThanOrEqual(BEFORE);
    const before = new Map(acknowledged);
    const output = await room.run('backup', directory);
    const during = acknowledged.size;
    expect(during).toBeGreaterThan(before.size);
    await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThanOrEqual(during + AFTER);
    return { before, output };
  } finally {
    writing.abort();
    await clients;
  }
}

function branchesOf(repo: string): string[] {
  return Array.from({ length: CLIENTS }, (_, client) => client).filter((client) => repoOf(client) === repo).map((client) => `session/${client}`);
}

function repoOf(client: number): string {
  return REPOS[client % REPOS.length] ?? '';
}

/** One client that leaves checkpoints on its branch, by turns through the gateways, until it is told to stop. */
async function writeOn(client: number, stop: AbortSignal): Promise<void> {
  for (let turn = 0; !stop.aborted; turn++) {
    const message = `Work ${client}.${turn}`;
    const input = { repo: repoOf(client), branch: `session/${client}`, message, changes: [{ write: { path: `work/${client}.txt`, text: `${turn}\n` } }] };
    const answer = await gateways[turn % gateways.length]?.ask(CREATE, { input });
    expect(answer?.createCheckpoint.__typename).toBe('CreateCheckpointSuccess');
    acknowledged.set(message, answer?.createCheckpoint.checkpoint.oid);
  }
}

/** Restores, lets the doctor and git look at everything, and answers the commit of each piece of work that is there. */
async function restoredFrom(directory: string): Promise<ReadonlyMap<string, string>> {
  const config = loadConfig({ WEIR_DATA: join(room.sandbox.directory, 'restored'), WEIR_SYSTEM_DIR: room.sandbox.system, WEIR_LOG_LEVEL: 'silent' });
  expect((await restoreBackup(config, directory, undefined)).broken).toEqual([]);
  const app = await openApp(config, { log: SILENT });
  try {
    const findings: string[] = [];
    await app.examine(({ message }) => findings.push(message));
    expect(findings).toEqual([]);
    const works = new Map<string, string>();
    for (const name of REPOS) {
      const reader = app.storage.reader();
      const repo = await reader.repoByName(name);
      if (repo === null) throw new TypeError(`${name} is missing`);
      const bare = join(room.sandbox.directory, `${name}.git`);
      await app.exportRepo(repo, bare);
      fsck(bare);
      for (const head of branchesOf(name)) {
        const branch = await reader.branchByName(repo.id, head);
        const checkpoints = await everyRow((page) => reader.checkpoints(branch?.id ?? 0, page));
        expect(checkpoints.at(-1)?.oid).toBe(branch?.head);
        expect(checkpoints.map(({ number }) => number)).toEqual(checkpoints.map((_, index) => index + 1));
        for (const { message, oid } of checkpoints) works.set(message, oid);
      }
    }
    expect(readdirSync(config.dataDir)).not.toContain('restore.unfinished');
    return works;
  } finally {
    await app.close();
  }
}

function fsck(bare: string): void {
  const { status, stdout, stderr } = spawnSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
  expect([status, `${stdout}${stderr}`.replaceAll(/^notice:.*\n/gmu, '')]).toEqual([0, '']);
}
