import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.js';
import { READY_OPERATIONS } from '../../src/server/pages/ready-operations.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

/** Attributes of tags that make a browser load something, outside of scripts and styles. */
function loaded(html: string): string[] {
  const markup = html.replaceAll(/<(script|style)>[\s\S]*?<\/\1>/gu, '');
  return [...markup.matchAll(/\s(?:src|href|action|data|poster|srcset)\s*=\s*["']?([^"'\s>]+)/giu)].map(([, target = '']) => target);
}

describe.each(['/', '/graphiql'])('the page %s', (path) => {
  it('loads nothing from anywhere else', async () => {
    const html = await (await gateway.fetch(path, { key: null })).text();
    expect(html).toMatch(/^<!doctype html>/u);
    expect(loaded(html).filter((target) => !target.startsWith('data:') && !/^\/(?!\/)/u.test(target))).toEqual([]);
    expect(html).not.toMatch(/@import|url\(\s*["']?(?:https?:)?\/\//u);
  });

  it('runs the scripts that it carries and no others', async () => {
    const response = await gateway.fetch(path, { key: null });
    const policy = response.headers.get('content-security-policy') ?? '';
    const html = await response.text();
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-/u);
    expect(policy).not.toMatch(/https?:|\*/u);
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/gu)].map(([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(scripts.length).toBeGreaterThan(0);
    expect(/script-src ([^;]*)/u.exec(policy)?.[1]?.split(' ')).toEqual(scripts);
    expect(html.replaceAll(/<script>[\s\S]*?<\/script>/gu, '')).not.toMatch(/<script|\son\w+=|javascript:/iu);
    expect(html.includes('\r') || html.includes('\0')).toBe(false);
  });

  it('is compressed where the browser takes that, and not sent twice', async () => {
    const plain = Buffer.from(await (await gateway.fetch(path)).arrayBuffer());
    const packed = await gateway.fetch(path, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer())).equals(plain)).toBe(true);
    expect((await gateway.fetch(path, { headers: { 'accept-encoding': 'gzip;q=0' } })).headers.has('content-encoding')).toBe(false);
    expect((await gateway.fetch(path, { headers: { 'if-none-match': packed.headers.get('etag') ?? '' } })).status).toBe(304);
  });

  it('is for reading only', async () => {
    expect((await gateway.fetch(path, { method: 'POST' })).status).toBe(405);
    expect(await (await gateway.fetch(path, { method: 'HEAD' })).text()).toBe('');
  });
});

describe('the review page', () => {
  it('comes in at most 200 kB, and what colours its lines only when it is asked for', async () => {
    const packed = await gateway.fetch('/', { key: null, headers: { 'accept-encoding': 'gzip' } });
    expect((await packed.clone().arrayBuffer()).byteLength).toBeLessThan(200_000);
    expect(packed.headers.get('content-security-policy')).toContain("worker-src 'self'");
    const worker = await gateway.fetch('/colours.js', { key: null });
    expect([worker.status, worker.headers.get('content-type'), worker.headers.get('content-security-policy')]).toEqual([200, 'text/javascript; charset=utf-8', "default-src 'none'"]);
    const script = await worker.text();
    expect(script.length).toBeGreaterThan(50_000);
    expect((await (await gateway.fetch('/', { key: null })).text()).includes(script.slice(1_000, 2_000))).toBe(false);
  });
});

/** What needs another server, or ends a proposal in another way than the merge. */
const ELSEWHERE: ReadonlySet<string> = new Set(['Import', 'WatchImport', 'MergePart', 'Reject']);

describe('the operations that the playground opens with', () => {
  it.each(READY_OPERATIONS.map(({ query, variables }) => [/(?:query|mutation|subscription) (\w+)/u.exec(query)?.[1], query, variables] as const))('%s fits the schema', (_name, query) => {
    expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
  });

  it('do what they say, from an empty server to a merge', async () => {
    const reviewer = await gateway.createKey({ actor: 'reviewer' });
    let head = '';
    const answered: string[] = [];
    for (const { query, variables } of READY_OPERATIONS) {
      const [, kind, name] = /(query|mutation|subscription) (\w+)/u.exec(query) ?? [];
      if (kind === 'subscription' || ELSEWHERE.has(name ?? '')) continue;
      const filled = JSON.parse(JSON.stringify(variables).replaceAll(/paste the head’s oid here/gu, head));
      const data = await gateway.data(query, filled, name === 'Approve' ? reviewer : gateway.adminKey);
      const [payload] = Object.values<{ code?: string; message?: string }>(data);
      expect(payload?.code, `${name}: ${payload?.message}`).toBeUndefined();
      expect({ name, absent: Object.values(data).includes(null) }).toEqual({ name, absent: false });
      answered.push(name ?? '');
      if (name === 'ReadDiff') head = data.repo.proposal.head.oid;
    }
    expect(answered).toHaveLength(READY_OPERATIONS.length - ELSEWHERE.size - 1);
    const { repo } = await gateway.data('{ repo(name: "demo/site") { proposal(number: 1) { state } file(rev: "main", path: "index.html") { blob { text } } } }');
    expect(repo).toEqual({ proposal: { state: 'MERGED' }, file: { blob: { text: '<h1>Welcome</h1>\n' } } });
  });
});

describe('health and metrics', () => {
  it('say that the process lives and that it can serve', async () => {
    expect(await (await gateway.fetch('/health/live', { key: null })).json()).toEqual({ status: 'live' });
    expect(await (await gateway.fetch('/health/ready', { key: null })).json()).toEqual({ status: 'ready' });
  });

  it('say that it cannot serve while the database does not answer', async () => {
    const { storage } = gateway.app;
    const ping = storage.ping.bind(storage);
    try {
      for (const broken of [() => Promise.reject(new TypeError('gone')), () => new Promise<void>(() => undefined)]) {
        storage.ping = broken;
        expect((await gateway.fetch('/health/ready')).status).toBe(503);
      }
    } finally {
      storage.ping = ping;
    }
  });

  it('count requests by route and operations by field, without names that clients choose', async () => {
    await gateway.gql('query Secretive { viewer { actor } }');
    await gateway.gql('{ viewer { actor } server { version } }');
    await gateway.fetch('/some/private/name');
    const text = await (await gateway.fetch('/metrics', { key: null })).text();
    expect(text).toMatch(/^weir_graphql_operation_duration_seconds_count\{type="query",field="viewer",outcome="ok"\} [1-9]/mu);
    expect(text).toMatch(/^weir_graphql_operation_duration_seconds_count\{type="query",field="several",outcome="ok"\} [1-9]/mu);
    expect(text).toMatch(/^weir_http_request_duration_seconds_count\{route="none",method="GET",status="404"\} [1-9]/mu);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /mu);
    expect(text).not.toMatch(/Secretive|private/u);
  });

  it('need a key with AUDIT where other machines can ask', async () => {
    const open = await startGateway({ settings: { HOST: '0.0.0.0' } });
    try {
      const [auditor, reader] = [await open.createKey({ scopes: ['AUDIT'] }), await open.createKey()];
      const statuses = await Promise.all([null, reader, auditor].map(async (key) => (await open.fetch('/metrics', { key })).status));
      expect(statuses).toEqual([401, 403, 200]);
    } finally {
      await open.close();
    }
  });
});
