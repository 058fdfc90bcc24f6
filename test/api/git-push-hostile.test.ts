import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { collectGarbage } from '../support/collect-garbage.js';
import { drawsOfTheRun } from '../support/draws.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { watchMainThread } from '../support/main-thread.js';
import { commitOfFile, entryHeader, entryOf, idOf, NO_OBJECT, packOf, pktLine, pushBody, sealed } from '../support/raw-push.js';
import { seedRepo } from './support/seed.js';

/** Mutated packs; the soak sends thousands. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 15);
const MAX_PUSH = 1 << 20;
const REPO = 'push/hostile';
const TYPE = 'application/x-git-receive-pack-request';
/** What is measured says something from so many runs on. */
const SOAK = 500;
const AT_ONCE = 4;
/** How often the main thread is looked at. */
const LOOK_MS = 10;
/** A program that was killed has ended long before. */
const PATIENCE_MS = 10_000;

let gateway: TestGateway;
let client: GitClient;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'weir-hostile-'));
  gateway = await startGateway({ settings: { WEIR_DATA: data, WEIR_MAX_PUSH: `${MAX_PUSH}`, WEIR_GIT_PROCESSES: '2' } });
  client = gitClient();
  await seedRepo(gateway, REPO);
});
afterAll(async () => {
  client.remove();
  await gateway.close();
  rmSync(data, { recursive: true, force: true });
});
/** Whatever came in: no run has left anything. */
afterEach(() => vi.waitUntil(() => readdirSync(join(data, 'runs')).length === 0, { timeout: PATIENCE_MS }));

async function state(): Promise<{ readonly branches: readonly string[]; readonly packs: number; readonly head: string }> {
  const { repo } = await gateway.data('query ($repo: String!) { repo(name: $repo) { usage { packs } defaultBranch { headOid } branches(first: 100) { nodes { name } } } }', { repo: REPO });
  return { packs: repo.usage.packs, head: repo.defaultBranch.headOid, branches: repo.branches.nodes.map(({ name }: { name: string }) => name).sort() };
}

/** Of branches however many. */
async function namesAndPacks(): Promise<{ readonly branches: readonly string[]; readonly packs: number }> {
  const listed = await client.git('ls-remote', '--heads', await cloneUrl(gateway, REPO));
  return { packs: (await state()).packs, branches: listed.split('\n').map((line) => line.slice(41 + 'refs/heads/'.length)).sort() };
}

/** The memory of this process, the gateway's and the test's, once what is no longer used is given back. */
async function settledMegabytes(): Promise<number> {
  await collectGarbage();
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}

async function send(body: Buffer, headers: Record<string, string> = {}): Promise<{ readonly status: number; readonly text: string }> {
  const response = await gateway.fetch(`/git/${REPO}.git/git-receive-pack`, { method: 'POST', body: new Uint8Array(body), headers: { 'content-type': TYPE, ...headers } });
  return { status: response.status, text: await response.text() };
}

let made = 0;
/** What a push of one new commit has: a branch of its own, the commit, and the entries of its pack. */
function work(text = 'x\n'): { readonly branch: string; readonly command: string; readonly entries: Buffer[]; readonly blob: string } {
  const branch = `session/h${++made}`;
  const objects = commitOfFile(`file-${made}.txt`, text);
  return { branch, command: `${NO_OBJECT} ${idOf(objects[0])} refs/heads/${branch}`, entries: objects.map(entryOf), blob: idOf(objects[2]) };
}

describe('a pack that is not what it says', () => {
  it.each<[string, (pack: Buffer, entries: readonly Buffer[], blob: string) => Buffer]>([
    ['is no pack', () => Buffer.from('not a pack at all, and longer than a header')],
    ['ends within its header', (pack) => pack.subarray(0, 7)],
    ['ends within an object', (pack) => pack.subarray(0, 40)],
    ['ends before its checksum', (pack) => pack.subarray(0, -20)],
    ['has another checksum', (pack) => Buffer.concat([pack.subarray(0, -1), Buffer.from([(pack.at(-1) ?? 0) ^ 1])])],
    ['counts more objects than it has', (_, entries) => packOf(entries, 4)],
    ['counts four milliards of them', (_, entries) => packOf(entries, 0xff_ff_ff_ff)],
    ['counts fewer', (_, entries) => packOf(entries, 2)],
    ['is of another version', (pack) => sealed(Buffer.concat([pack.subarray(0, 7), Buffer.from([9]), pack.subarray(8, -20)]))],
    ['says an object is larger than it is', (_, entries) => packOf([...entries, Buffer.concat([entryHeader(3, 9), deflateSync('short')])])],
    ['says an object is smaller than it is', (_, entries) => packOf([...entries, Buffer.concat([entryHeader(3, 2), deflateSync('much longer')])])],
    ['says an object is larger than memory', (_, entries) => packOf([...entries, Buffer.concat([entryHeader(3, 2 ** 45), deflateSync('short')])])],
    ['has an object of no type', (_, entries) => packOf([...entries, Buffer.concat([entryHeader(5, 1), deflateSync('x')])])],
    ['has a delta against nothing', (_, entries) => packOf([...entries, Buffer.concat([entryHeader(7, 4), Buffer.alloc(20, 7), deflateSync(Buffer.from([1, 1, 1, 65]))])])],
    ['has a delta that lies before the pack', (_, entries) => packOf([...entries, Buffer.concat([entryHeader(6, 4), Buffer.from([0x8f, 0x7f]), deflateSync(Buffer.from([1, 1, 1, 65]))])])],
    ['has a delta that copies beyond its base', (_, entries, blob) => packOf([...entries, Buffer.concat([entryHeader(7, 5), Buffer.from(blob, 'hex'), deflateSync(Buffer.from([2, 100, 0x90, 100]))])])],
    ['has a tree that leads out of the repository', (_, entries, blob) => packOf([...entries, entryOf({ type: 'tree', content: Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(blob, 'hex')]) })])],
    ['has a tree with a .git in it', (_, entries, blob) => packOf([...entries, entryOf({ type: 'tree', content: Buffer.concat([Buffer.from('100644 .GIT\0'), Buffer.from(blob, 'hex')]) })])],
    ['is without the file of its commit', (_, entries) => packOf(entries.slice(0, 2))],
    ['is without the commit itself', (_, entries) => packOf(entries.slice(1))],
    ['is empty', () => packOf([])],
    ['is absent', () => Buffer.alloc(0)],
  ])('%s: it is refused and nothing of it is seen', async (_, change) => {
    const { branch, command, entries, blob } = work();
    const before = await state();
    const { status, text } = await send(pushBody([command], change(packOf(entries), entries, blob)));
    expect([status, text]).toEqual([200, expect.stringContaining(`ng refs/heads/${branch} `)]);
    expect(text).not.toMatch(/weir-hostile|internal/iu);
    expect(await state()).toEqual(before);
  });

  it(`is refused or taken whole in each of ${RUNS} mutations`, async () => {
    const draw = drawsOfTheRun();
    const before = await namesAndPacks();
    const taken: string[] = [];
    const watch = watchMainThread(LOOK_MS);
    const rss: number[] = [];
    let run = 0;
    const one = async (): Promise<void> => {
      run++;
      const { branch, command, entries } = work(`${run}\n`.repeat(50));
      const bytes = packOf(entries).subarray(0, -20);
      for (let change = draw(3); change >= 0; change--) bytes[draw(bytes.length)] = draw(256);
      const [from, cut] = [12 + draw(bytes.length - 12), draw(4) === 0 ? draw(9) : 0];
      // With a right checksum: a wrong one would be all that is looked at.
      const { status, text } = await send(pushBody([command], sealed(Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + cut)]))));
      expect([branch, status]).toEqual([branch, 200]);
      expect([branch, text]).toEqual([branch, expect.stringMatching(new RegExp(`(?:ok refs/heads/${branch}\n|ng refs/heads/${branch} )`, 'u'))]);
      if (text.includes(`ok refs/heads/${branch}\n`)) taken.push(branch);
    };
    // The first fifth warms everything up that stays: code, caches, connections.
    const warm = Math.ceil(RUNS / 5);
    for (const count of [warm, RUNS - warm]) {
      const left = Array.from({ length: count }).keys();
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (const _ of left) await one();
      }));
      rss.push(await settledMegabytes());
    }
    const { longestMs } = watch.stop();
    const after = await namesAndPacks();
    expect(after).toEqual({ packs: before.packs + taken.length, branches: [...before.branches, ...taken].sort() });
    expect(taken.length).toBeLessThan(RUNS);
    if (RUNS < SOAK) return;
    const [settled = 0, end = 0] = rss;
    process.stdout.write(`${RUNS} mutated packs, ${taken.length} of them whole and taken: from ${settled} MB to ${end} MB, and no turn of the main thread above ${longestMs.toFixed(0)} ms\n`);
    expect(end - settled).toBeLessThanOrEqual(64);
    expect(longestMs).toBeLessThanOrEqual(100 + LOOK_MS);
  }, 60_000 + RUNS * 1000);
});

describe('a push that is malformed', () => {
  it.each([
    ['has no command', `0000`, 200],
    ['ends in the middle of a packet', '00ff1234', 400],
    ['has a packet without a length', 'zzzz', 400],
    ['has a line that is none', `${pktLine('hello')}0000`, 400],
    ['names options of git', `${pktLine(`${NO_OBJECT} ${'1'.repeat(40)} --upload-pack=touch\0report-status`)}0000`, 400],
    ['has ids that are none', `${pktLine(`${'x'.repeat(40)} ${'-'.repeat(40)} refs/heads/a\0report-status`)}0000`, 400],
    ['has a newline in a name', `${pktLine(`${NO_OBJECT} ${'1'.repeat(40)} refs/heads/a\nng\0report-status`)}0000`, 400],
    ['has a delimiter for an end', `${pktLine(`${NO_OBJECT} ${'1'.repeat(40)} refs/heads/a\0report-status`)}0001`, 400],
    ['never ends its commands', pktLine(`${NO_OBJECT} ${'1'.repeat(40)} refs/heads/a\0report-status`).repeat(25_000), 413],
  ])('because it %s is answered, and does nothing', async (_, body, expected) => {
    const before = await state();
    expect((await send(Buffer.from(body))).status).toBe(expected);
    expect(await state()).toEqual(before);
  });

  it.each([['refs/heads/../../etc'], ['refs/heads/-rf'], ['refs/heads/a.lock'], ['refs/heads/a b~1'], ['refs/../heads/a'], ['refs/proposals/1/head'], ['refs/heads/'], ['refs/tags/-v']])('names %s, and does nothing', async (name) => {
    const { command, entries } = work();
    const before = await state();
    const { status, text } = await send(pushBody([command.replace(/refs\/.*$/u, name)], packOf(entries)));
    expect(status === 400 || text.includes(`ng ${name} `)).toBe(true);
    expect(await state()).toEqual(before);
  });

  it('moves nothing where it names a branch twice and asks for all or none', async () => {
    const { branch, command, entries } = work();
    const before = await state();
    const { text } = await send(pushBody([command, command], packOf(entries), 'report-status atomic'));
    expect(text).toMatch(new RegExp(`ng refs/heads/${branch} `, 'u'));
    expect(await state()).toEqual(before);
  });
});

describe('a body', () => {
  it('that is compressed is taken, by two references at a time', async () => {
    const { branch, command, entries } = work();
    const body = gzipSync(pushBody([command, command.replace(branch, `${branch}-too`)], packOf(entries)));
    const { text } = await send(body, { 'content-encoding': 'gzip' });
    expect(text).toContain(`ok refs/heads/${branch}\n`);
    expect(text).toContain(`ok refs/heads/${branch}-too\n`);
  });

  it.each([['is compressed by something else', 'br'], ['says it is compressed and is not', 'gzip']])('that %s is refused', async (_, encoding) => {
    const { command, entries } = work();
    const before = await state();
    const { status } = await send(pushBody([command], packOf(entries)), { 'content-encoding': encoding });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await state()).toEqual(before);
  });

  it('that is a bomb goes off for nobody', async () => {
    const { command, entries } = work();
    const bomb = gzipSync(pushBody([command], Buffer.concat([packOf(entries, 4).subarray(0, -20), Buffer.alloc(64 << 20)])), { level: 9 });
    const before = await state();
    expect((await send(bomb, { 'content-encoding': 'gzip' })).text).toMatch(/ng refs/u);
    expect(await state()).toEqual(before);
  });
});

describe('a client', () => {
  it('that sends more than it may is told so by its own git', async () => {
    const directory = join(client.directory, 'large');
    await client.git('clone', '-q', await cloneUrl(gateway, REPO), directory);
    const draw = drawsOfTheRun();
    writeFileSync(join(directory, 'large.bin'), Buffer.from(Array.from({ length: 3 * MAX_PUSH }, () => draw(256))));
    await client.git('-C', directory, 'add', '-A');
    await client.git('-C', directory, 'commit', '-q', '-m', 'Large');
    const before = await state();
    const { status, stderr } = await client.run(['-C', directory, 'push', 'origin', 'HEAD:session/large']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/maximum allowed size/u)]);
    expect(await state()).toEqual(before);
  });

  it('that goes away in the middle of its pack leaves nothing, and the next one is served', async () => {
    const { url } = await gateway.listen();
    const before = await state();
    for (let attempt = 0; attempt < 3; attempt++) {
      const { command, entries } = work();
      const body = pushBody([command], packOf(entries));
      const leaving = request(`${url}/git/${REPO}.git/git-receive-pack`, { method: 'POST', headers: { 'content-type': TYPE, 'transfer-encoding': 'chunked', authorization: `Bearer ${gateway.adminKey}` } });
      leaving.on('error', () => undefined);
      leaving.write(body.subarray(0, body.length - 30));
      await expect.poll(() => readdirSync(join(data, 'runs')).length, { timeout: PATIENCE_MS }).toBe(1);
      leaving.destroy();
      await expect.poll(() => readdirSync(join(data, 'runs')), { timeout: PATIENCE_MS }).toEqual([]);
    }
    expect(await state()).toEqual(before);
    const { command, entries } = work();
    expect((await send(pushBody([command], packOf(entries)))).text).toContain('ok refs/heads/');
  });
});
