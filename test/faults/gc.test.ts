import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { hashObject } from '../../src/git/objects/hash.js';
import { createBranch } from '../../src/operations/create-branch.js';
import { createCheckpoint } from '../../src/operations/create-checkpoint.js';
import { createRepo } from '../../src/operations/create-repo.js';
import type { Request } from '../../src/operations/request.js';
import { runGit } from '../support/git-binary.js';
import { openOperations, receiptOf, SILENT, type OperationsFixture } from '../support/operations.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** Two gateways on one database and one directory, with caches so small that reads reach the disk. */
let database: TestDatabase;
let directory: string;
let gateways: readonly App[];
let requests: OperationsFixture;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), 'weir-gc-'));
  const config = loadConfig({ DATABASE_URL: database.url, WEIR_DATA: join(directory, 'data'), WEIR_LOG_LEVEL: 'silent', WEIR_CACHE: '64KiB' });
  gateways = [await openApp(config, { log: SILENT }), await openApp(config, { log: SILENT })];
  requests = await openOperations();
  sql = clientFor(database.connection, 2);
});

afterAll(async () => {
  for (const gateway of gateways) await gateway.close();
  await requests.close();
  await sql.end({ timeout: 1 });
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

function gatewayOf(turn: number): App {
  const app = gateways[turn % gateways.length];
  if (app === undefined) throw new TypeError('no gateway');
  return app;
}

/** A request of an agent, by turns through one gateway or the other. */
function by(actor: string, turn: number): Request {
  const { gateway, storage } = gatewayOf(turn);
  return { ...requests.as(actor), gateway, reader: storage.reader() };
}

async function makeRepo(name: string): Promise<number> {
  const { repoId } = receiptOf(await createRepo(by('owner', 0), { name, files: [{ path: 'README.md', text: '# Hello\n' }] }));
  return repoId;
}

async function packCount(repoId: number): Promise<number> {
  return (await gatewayOf(0).storage.packsOf(repoId)).names.length;
}

const WHOLE = { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER };
/** Contents that come and go as garbage while writers use the very same. */
const SHARED = Array.from({ length: 6 }, (_, at) => `content that many write, number ${at}\n`.repeat(20));

/** Stores a text that nothing leads to. */
async function litter(repoId: number, text: string, turn: number): Promise<void> {
  const { storage } = gatewayOf(turn);
  const objects = storage.objects.open(repoId);
  const staged = objects.stage();
  const oid = staged.put('blob', Buffer.from(text));
  const repo = await storage.reader().repo(repoId);
  const pack = await objects.persist(staged);
  if (pack !== null) {
    await storage.leaseUpload(repoId, 'litter', oid, pack, repo?.gcEpoch ?? 0).catch(() => undefined);
    objects.adopt(pack);
  }
  await sql`delete from upload_lease where repo_id = ${repoId}`;
}

interface Acknowledged {
  readonly branch: string;
  readonly path: string;
  readonly oid: string;
  readonly text: string;
}

describe('eight writers and eight readers over two gateways', () => {
  it('find every acknowledged object while packs are rolled up, collected and removed under them; git finds the export clean', async () => {
    const name = 'gc/busy';
    const repoId = await makeRepo(name);
    const written: Acknowledged[] = [];
    const done = { collected: 0, rolledUp: 0, removed: 0, reads: 0 };
    const over = new AbortController();

    const writer = async (agent: number): Promise<void> => {
      const branch = `work/${agent}`;
      receiptOf(await createBranch(by(`agent${agent}`, agent), { repo: name, name: branch }));
      for (let at = 0; at < 30; at++) {
        const text = at % 3 === 0 ? (SHARED[(agent + at) % SHARED.length] ?? '') : `agent ${agent} wrote ${at}\n`;
        const path = `dir${at % 4}/file${at}.txt`;
        receiptOf(await createCheckpoint(by(`agent${agent}`, agent + at), { repo: name, branch, message: `Work ${at}`, changes: [{ write: { path, text } }] }));
        written.push({ branch, path, text, oid: hashObject('blob', Buffer.from(text)) });
      }
    };
    const reader = async (turn: number): Promise<void> => {
      while (!over.signal.aborted) {
        const wanted = written[Math.floor(Math.random() * written.length)];
        if (wanted !== undefined) {
          const { content } = await gatewayOf(turn).storage.objects.open(repoId).read(wanted.oid);
          if (content.toString() !== wanted.text) throw new TypeError(`${wanted.oid} was read as something else`);
          done.reads++;
        }
        await new Promise(setImmediate);
      }
    };
    const keeper = async (turn: number): Promise<void> => {
      const { upkeep } = gatewayOf(turn).storage;
      for (let round = 0; !over.signal.aborted; round++) {
        await litter(repoId, SHARED[round % SHARED.length] ?? '', turn);
        done.rolledUp += (await upkeep.consolidate(repoId, round % 2 === 0 ? WHOLE : undefined))?.replaced ?? 0;
        done.collected += (await upkeep.collect(repoId))?.collected ?? 0;
        // No grace at all: readers and writers meet files that are gone, and must ask for the list again.
        done.removed += await upkeep.removeReplaced(repoId, 0);
      }
    };
    const others = [...Array.from({ length: 8 }, (_, at) => reader(at)), keeper(0), keeper(1)];
    try {
      await Promise.all(Array.from({ length: 8 }, (_, agent) => writer(agent)));
    } finally {
      over.abort();
      await Promise.all(others);
    }
    expect(written).toHaveLength(240);
    expect(done.collected).toBeGreaterThan(0);
    expect(done.rolledUp).toBeGreaterThan(100);
    expect(done.removed).toBeGreaterThan(100);
    expect(done.reads).toBeGreaterThan(100);

    await gatewayOf(0).storage.upkeep.consolidate(repoId);
    expect(await packCount(repoId)).toBeLessThan(16 + Math.log2(240 * 4));
    await expectClean(repoId, name, written);
  });
});

/** A gateway that starts now reads everything, the doctor finds nothing, and neither does git in an export. */
async function expectClean(repoId: number, name: string, written: readonly Acknowledged[]): Promise<void> {
  const fresh = await openApp(gatewayOf(0).config, { log: SILENT });
  const exported = join(directory, `${name.replace('/', '-')}.git`);
  try {
    for (const { oid, text } of written) expect((await fresh.storage.objects.open(repoId).read(oid)).content.toString()).toBe(text);
    const findings: string[] = [];
    await fresh.examine(({ message }) => findings.push(message));
    expect(findings).toEqual([]);
    const repo = await fresh.storage.reader().repo(repoId);
    if (repo === null) throw new TypeError('the repository is gone');
    await fresh.exportRepo(repo, exported);
  } finally {
    await fresh.close();
  }
  expect(runGit(exported, ['fsck', '--full', '--strict', '--no-dangling'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  for (const { branch, path, text } of written.slice(-20)) expect(runGit(exported, ['show', `${branch}:${path}`]).stdout).toBe(text);
}
