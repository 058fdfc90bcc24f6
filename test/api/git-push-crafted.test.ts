import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { hostilePushes } from '../support/hostile/index.js';
import type { HostilePush } from '../support/hostile/hostile-push.js';
import { seedRepo } from './support/seed.js';

/** All of them where the soak asks; else every sixteenth. */
const EVERY = process.env['WEIR_TEST_RUNS'] === undefined ? 16 : 1;
const REPO = 'push/crafted';
const AT_ONCE = 4;
/** A program that was killed has ended long before. */
const PATIENCE_MS = 10_000;

let gateway: TestGateway;
let client: GitClient;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'weir-crafted-'));
  gateway = await startGateway({ settings: { WEIR_DATA: data, WEIR_MAX_PUSH: '4MiB' } });
  client = gitClient();
  await seedRepo(gateway, REPO);
});
afterAll(async () => {
  client.remove();
  await gateway.close();
  rmSync(data, { recursive: true, force: true });
});

interface Sent {
  readonly push: HostilePush;
  readonly branch: string;
  readonly status: number;
  readonly text: string;
}

const isTaken = ({ text }: Sent): boolean => /^.{4}ok refs\//mu.test(text);

async function send(push: HostilePush, branch: string): Promise<Sent> {
  const response = await gateway.fetch(`/git/${REPO}.git/git-receive-pack`, { method: 'POST', body: new Uint8Array(push.body(branch)), headers: { 'content-type': 'application/x-git-receive-pack-request' } });
  return { push, branch, status: response.status, text: await response.text() };
}

async function state(): Promise<{ readonly packs: number; readonly references: string[] }> {
  const { repo } = await gateway.data('query ($repo: String!) { repo(name: $repo) { usage { packs } } }', { repo: REPO });
  const listed = await client.git('ls-remote', '--refs', await cloneUrl(gateway, REPO));
  return { packs: repo.usage.packs, references: listed.split('\n').map((line) => line.slice(41)).sort() };
}

/** Of what was taken, what GraphQL cannot show: a fault of the server, where a refusal would do. */
async function unreadable(taken: readonly Sent[]): Promise<unknown[]> {
  const document = 'query ($repo: String!, $rev: String!) { repo(name: $repo) { commit(rev: $rev) { message trailers { key } author { name email at } committer { name at } tree { entries(first: 50) { nodes { name path mode size } } } diff { files(first: 50) { nodes { path } } } } commits(rev: $rev, first: 5) { nodes { headline } } } }';
  const faults: unknown[] = [];
  for (const { push, branch } of taken) {
    const { errors } = await gateway.gql(document, { repo: REPO, rev: push.name.startsWith('tag: ') ? `tag:${branch}` : branch });
    if (errors !== undefined) faults.push([push.name, errors]);
  }
  return faults;
}

it('knows more than five hundred crafted pushes, no two of them the same', () => {
  const pushes = hostilePushes();
  expect(pushes.length).toBeGreaterThan(500);
  expect(new Set(pushes.map(({ name }) => name)).size).toBe(pushes.length);
  expect(new Set(pushes.map((push) => push.body('session/same').toString('latin1'))).size).toBe(pushes.length);
});

it('refuses each crafted push that has a fault, and what it takes is without one', async () => {
  const waiting = hostilePushes().filter((_, at) => at % EVERY === 0).entries();
  const before = await state();
  const sent: Sent[] = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [at, push] of waiting) sent.push(await send(push, `session/crafted-${at}`));
  }));
  // What a client is told: the fault, never how the server is made.
  expect(sent.filter(({ status, text }) => status >= 500 || /weir-crafted|internal/iu.test(text)).map(({ push, text }) => [push.name, text])).toEqual([]);
  expect(sent.filter((one) => !one.push.harmless && isTaken(one)).map(({ push }) => push.name)).toEqual([]);
  expect(sent.filter((one) => one.push.harmless && !isTaken(one)).map(({ push, text }) => [push.name, text])).toEqual([]);
  const taken = sent.filter(isTaken);
  const made = taken.map(({ push, branch }) => `refs/${push.name.startsWith('tag: ') ? 'tags' : 'heads'}/${branch}`);
  expect(await state()).toEqual({ packs: before.packs + taken.length, references: [...before.references, ...made].sort() });
  expect(await unreadable(taken)).toEqual([]);
  await vi.waitUntil(() => readdirSync(join(data, 'runs')).length === 0, { timeout: PATIENCE_MS });
  const mirror = join(client.directory, 'mirror.git');
  await client.git('clone', '-q', '--mirror', await cloneUrl(gateway, REPO), mirror);
  const { allowedFaults } = gateway.app.config;
  expect(await client.git('-C', mirror, ...allowedFaults.flatMap((fault) => ['-c', `fsck.${fault}=ignore`]), 'fsck', '--full', '--strict', '--no-progress', '--no-dangling')).toBe('');
}, 300_000);
