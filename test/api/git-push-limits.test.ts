import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request, type ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { deltaBomb } from '../support/hostile/deltas.js';
import { honest, making, pushing } from '../support/hostile/hostile-push.js';
import { entryOf, idOf, packOf, pktLine } from '../support/raw-push.js';
import { seedRepo } from './support/seed.js';

const REPO = 'push/limits';
const TYPE = 'application/x-git-receive-pack-request';
const IDLE_MS = 1_000;
/** A program that was killed has ended long before. */
const PATIENCE_MS = 10_000;

let gateway: TestGateway;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'weir-limits-'));
  gateway = await startGateway({ settings: { WEIR_DATA: data, WEIR_PUSH_MEMORY: '96MiB', WEIR_PUSH_IDLE: `${IDLE_MS}ms` } });
  await seedRepo(gateway, REPO);
});
afterAll(async () => {
  await gateway.close();
  rmSync(data, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

const runs = (): readonly string[] => readdirSync(join(data, 'runs'));

async function send(body: Buffer): Promise<string> {
  const response = await gateway.fetch(`/git/${REPO}.git/git-receive-pack`, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': TYPE } });
  return response.text();
}

/** A push that makes the branch, with objects beside it that nothing leads to. */
function withOthers(branch: string, others: readonly Buffer[]): Buffer {
  const { commit, tree, blob } = honest(branch);
  return pushing(branch, packOf([...[commit, tree, blob].map(entryOf), ...others]));
}

it('refuses a pack of kilobytes that asks for gibibytes, in a sentence, and takes one that asks for less than there may be', async () => {
  const bomb = withOthers('session/bomb', deltaBomb(7));
  expect(bomb.length).toBeLessThan(4096);
  const refused = await send(bomb);
  expect(refused).toMatch(/unpack to check it takes more memory than the 100663296 bytes that a push may have \(WEIR_PUSH_MEMORY\)/u);
  expect(refused).toContain('ng refs/heads/session/bomb ');
  expect(await send(withOthers('session/small-bomb', deltaBomb(3)))).toContain('ok refs/heads/session/small-bomb');
  await vi.waitUntil(() => runs().length === 0, { timeout: PATIENCE_MS });
});

it('refuses a push before its pack is read where the disk has less room than its reserve', async () => {
  vi.spyOn(gateway.app.gateway.disk, 'shortage').mockReturnValue({ freeBytes: 1000, reserveBytes: 2000 });
  const receive = vi.spyOn(gateway.app.gateway.git, 'receive');
  const { commit, tree, blob } = honest('session/full');
  const text = await send(pushing('session/full', packOf([commit, tree, blob].map(entryOf))));
  expect(text).toMatch(/unpack The disk of the server has 1000 bytes left, and nothing is written below 2000\./u);
  expect(text).toContain('ng refs/heads/session/full ');
  expect(receive).not.toHaveBeenCalled();
});

/** A client of the gateway's port that is still to say what it sends. */
async function openPush(headers: Readonly<Record<string, string>> = {}): Promise<{ readonly client: ClientRequest; readonly status: Promise<number> }> {
  const { url } = await gateway.listen();
  const client = request(`${url}/git/${REPO}.git/git-receive-pack`, { method: 'POST', agent: false, headers: { 'content-type': TYPE, 'transfer-encoding': 'chunked', authorization: `Bearer ${gateway.adminKey}`, ...headers } });
  const status = new Promise<number>((resolve, reject) => {
    client.once('response', (response) => resolve(response.resume().statusCode ?? 0)).once('error', reject);
  });
  return { client, status };
}

it('gives up a push that sends half and stops, wherever it stops, and serves others meanwhile', async () => {
  const { commit, tree, blob } = honest('session/hung');
  const whole = pushing('session/hung', packOf([commit, tree, blob].map(entryOf)));
  const command = pktLine(`${making('session/hung', idOf(commit))}\0report-status`).length;
  const halves: readonly (readonly [Buffer, Record<string, string>])[] = [
    [Buffer.alloc(0), {}],
    [whole.subarray(0, command >> 1), {}],
    [whole.subarray(0, command + 4), {}],
    [whole.subarray(0, command + 4 + 12), {}],
    [whole.subarray(0, -10), {}],
    [gzipSync(whole).subarray(0, 100), { 'content-encoding': 'gzip' }],
  ];
  const hung = await Promise.all(halves.map(async ([half, headers]) => {
    const push = await openPush(headers);
    push.client.flushHeaders();
    if (half.length > 0) push.client.write(half);
    return push;
  }));
  await vi.waitUntil(() => runs().length >= 3, { timeout: PATIENCE_MS });
  expect(await send(pushing('session/hung', packOf([commit, tree, blob].map(entryOf))))).toContain('ok refs/heads/session/hung');
  expect(await Promise.all(hung.map(({ status }) => status))).toEqual(halves.map(() => 408));
  await vi.waitUntil(() => runs().length === 0, { timeout: PATIENCE_MS });
});
