import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../src/operations/gateway.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

interface Line {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function remembering(lines: Line[]): Log {
  const keep = (fields: Readonly<Record<string, unknown>>, message: string): void => void lines.push({ fields, message });
  return { info: keep, warn: keep, error: keep };
}

const lines: Line[] = [];
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ log: remembering(lines), settings: { WEIR_METRICS_REPOS: '1' } });
  await seedRepo(gateway, 'quartz');
  await seedRepo(gateway, 'idle');
  await seedBranch(gateway, 'quartz', 'basalt');
  await seedCheckpoint(gateway, 'quartz', 'basalt', { path: 'a.txt', text: 'a\n' });
});
afterAll(() => gateway.close());

const LATENCY = 'query ($repo: String!, $kind: OperationKind, $window: Duration) { repo(name: $repo) { latency(kind: $kind, window: $window) { kind count p50 p95 p99 max } } }';
const DIFF = '{ repo(name: "quartz") { diff(from: "main", to: "basalt") { files(first: 5) { edges { node { path } } } } } }';

async function latency(variables: object): Promise<Json[]> {
  return (await gateway.data(LATENCY, { repo: 'quartz', ...variables })).repo.latency;
}

async function metrics(): Promise<string> {
  return (await gateway.fetch('/metrics')).text();
}

async function failures(reason: string): Promise<number> {
  return Number(new RegExp(`weir_authentication_failures_total\\{reason="${reason}"\\} (\\d+)`, 'u').exec(await metrics())?.[1] ?? 0);
}

function requests(): Line[] {
  return lines.filter(({ message }) => message === 'request');
}

async function countedDiffs(): Promise<number> {
  return (await latency({ kind: 'DIFF' }))[0].count;
}

describe('latency', () => {
  it('is told of every kind that occurred, diffs among them, within a second or two', async () => {
    await gateway.data(DIFF);
    await expect.poll(async () => (await latency({})).map(({ kind }) => kind), { timeout: 10_000 }).toEqual(['CREATE_BRANCH', 'CREATE_CHECKPOINT', 'CREATE_REPO', 'DIFF']);
    const all = await latency({ window: 'PT1H' });
    for (const { count, p50, p95, p99, max } of all) {
      expect(count).toBe(1);
      expect(p50).toBeGreaterThan(0);
      expect([p50 <= p95, p95 <= p99, p99 <= max]).toEqual([true, true, true]);
      expect(p50).toBeGreaterThan(max * 0.99);
    }
  });

  it('of a kind that is asked for and did not occur is a row of zeros', async () => {
    expect(await latency({ kind: 'PURGE' })).toEqual([{ kind: 'PURGE', count: 0, p50: 0, p95: 0, p99: 0, max: 0 }]);
  });

  it('counts a request that reads a diff once, also when nothing had to be compared again', async () => {
    const before = await countedDiffs();
    await gateway.data(`{ repo(name: "quartz") { a: diff(from: "main", to: "basalt") { stats { files } } b: diff(from: "basalt", to: "main", options: { comparison: DIRECT }) { stats { files } } } }`);
    await gateway.data(DIFF);
    await expect.poll(countedDiffs, { timeout: 10_000 }).toBe(before + 2);
  });
});

describe('metrics', () => {
  it('are histograms of every kind and how it ended, refusals too', async () => {
    await gateway.data('mutation { undo(input: { repo: "quartz", branch: "basalt", steps: 99 }) { __typename } }');
    const text = await metrics();
    expect(text).toMatch(/weir_operation_duration_seconds_bucket\{le="\+Inf",kind="CREATE_CHECKPOINT",outcome="done"\} 1/u);
    expect(text).toMatch(/weir_operation_duration_seconds_count\{kind="UNDO",outcome="refused"\} 1/u);
    expect(text).toMatch(/weir_operation_duration_seconds_count\{kind="DIFF",outcome="done"\} \d+/u);
  });

  it('name as many repositories as they were told to, the busiest, and none of the rest', async () => {
    const repos = (await metrics()).split('\n').filter((line) => line.startsWith('weir_repo_operations_total{'));
    const { repo } = await gateway.data('{ repo(name: "quartz") { id } }');
    expect(repos).toHaveLength(1);
    expect(repos[0]).toContain(`repo="${repo.id.split(':')[1]}"`);
  });

  it('count failed authentications by why, and the log names the address and the key of those that showed one', async () => {
    const before = [await failures('INVALID'), await failures('MISSING'), await failures('ACTOR_REFUSED')];
    const noted = lines.length;
    await gateway.fetch('/raw/quartz/-/main/a.txt', { key: `weir_${'a'.repeat(12)}_${'b'.repeat(43)}` });
    await gateway.fetch('/git/quartz.git/info/refs?service=git-upload-pack', { headers: { authorization: `Basic ${Buffer.from('agent:nonsense').toString('base64')}` } });
    await gateway.fetch('/graphql?query={__typename}', { key: null });
    await gateway.fetch('/graphql?query={__typename}', { key: await gateway.createKey(), headers: { 'weir-actor': 'someone' } });
    expect([await failures('INVALID'), await failures('MISSING'), await failures('ACTOR_REFUSED')]).toEqual([(before[0] ?? 0) + 2, (before[1] ?? 0) + 1, (before[2] ?? 0) + 1]);
    const refused = lines.slice(noted).filter(({ message }) => message === 'a key was refused').map(({ fields }) => fields);
    expect(refused).toEqual([
      { reason: 'INVALID', address: expect.any(String), keyId: 'a'.repeat(12) }, { reason: 'INVALID', address: expect.any(String), keyId: null }, { reason: 'ACTOR_REFUSED', address: expect.any(String), keyId: expect.stringMatching(/^\w{12}$/u) },
    ]);
  });

  it('hold no name that a client chose', async () => {
    const text = await metrics();
    for (const name of ['quartz', 'idle', 'basalt', 'a.txt']) expect(text).not.toContain(name);
  });
});

describe('the log of requests', () => {
  it('has one line a request: its id, its key, what it asked for, how it ended and how long it took', async () => {
    const before = requests().length;
    const response = await gateway.fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', 'x-request-id': 'trace-me-1' }, body: JSON.stringify({ query: '{ viewer { actor } repo(name: "quartz") { id } }' }) });
    expect(response.headers.get('x-request-id')).toBe('trace-me-1');
    const [line, ...others] = requests().slice(before);
    expect(others).toEqual([]);
    expect(line?.fields).toEqual({ requestId: 'trace-me-1', method: 'POST', route: '/graphql', status: 200, ms: expect.any(Number), bytes: null, keyId: gateway.adminKey.split('_')[1], operations: ['query viewer repo'] });
  });

  it('has a line for those that were turned away, without a key', async () => {
    const before = requests().length;
    await gateway.fetch('/graphql', { method: 'POST', key: `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`, body: '{}' });
    await gateway.fetch('/nowhere/secret-name');
    expect(requests().slice(before).map(({ fields }) => [fields['route'], fields['status'], fields['keyId']])).toEqual([['/graphql', 401, null], ['none', 404, null]]);
  });

  it('counts the bytes that went out over a socket, and has the operations of a WebSocket', async () => {
    const { url } = await gateway.listen();
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json', 'x-request-id': 'over-a-socket' }, body: '{"query":"{ viewer { actor } }"}' });
    const { length } = await response.text();
    await expect.poll(() => requests().find(({ fields }) => fields['requestId'] === 'over-a-socket')?.fields['bytes']).toBe(length);
  });

  it('never has a secret, a variable, a prompt, a message or a content', async () => {
    const secret = 'canary-7f3a91';
    await gateway.gql('mutation Named($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename } }', {
      input: { repo: 'quartz', branch: 'basalt', message: secret, prompt: secret, metadata: [{ key: 'Note', value: secret }], changes: [{ write: { path: `${secret}.txt`, text: secret } }], runId: secret },
    });
    await gateway.gql(`{ repo(name: "${secret}") { id } ${secret.replaceAll('-', '_')}: viewer { actor } }`);
    await gateway.gql(`{ ${secret.replace('-', '_')} }`);
    await gateway.fetch(`/raw/${secret}/-/main/${secret}?token=${secret}`);
    await gateway.fetch(`/graphql?query=${secret}`, { method: 'PATCH', headers: { authorization: `Bearer ${secret}` } });
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/canary[-_]7f3a91/u);
    expect(text).not.toContain(gateway.adminKey.split('_')[2]);
    expect(requests().length).toBeGreaterThan(5);
  });

  it('is empty when it is switched off', async () => {
    const none: Line[] = [];
    const silent = await startGateway({ log: remembering(none), settings: { WEIR_ACCESS_LOG: 'off' } });
    await silent.data('{ viewer { actor } }');
    const text = await (await silent.fetch('/metrics')).text();
    await silent.close();
    expect(none.filter(({ message }) => message === 'request')).toEqual([]);
    expect(text).not.toContain('weir_repo_operations_total');
  });
});
