import { request } from 'node:http';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

const REQUESTS = 90;
const CHECKPOINT = 'mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { number oid } } ... on Problem { code message } } }';

let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  // One place, and nobody waits for long: whatever the machine is capable of, most are too many.
  gateway = await startGateway({ settings: { WEIR_AT_ONCE: '1', WEIR_MAX_WAIT: '20ms' } });
  ({ url } = await gateway.listen());
  await gateway.data('mutation { createRepo(input: { name: "crowd", files: [{ path: "README.md", text: "x" }] }) { ... on Problem { message } } }');
});

afterAll(() => gateway.close());

interface Answered {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Json;
}

function post(query: string, variables: object, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/graphql`, { method: 'POST', headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json', ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ query, variables }));
  });
}

it('refuses a flood with BUSY and the time to come back; what it acknowledged is there, and nothing of what it refused', async () => {
  const answers = await Promise.all(Array.from({ length: REQUESTS }, async (_, n) => ({ path: `file-${n}.txt`, ...(await post(CHECKPOINT, { input: { repo: 'crowd', branch: 'main', message: `Work ${n}`, changes: [{ write: { path: `file-${n}.txt`, text: `${n}\n` } }] } })) })));
  const refused = answers.filter(({ status }) => status === 503);
  const done = answers.filter(({ status }) => status === 200);
  expect(done.length + refused.length).toBe(REQUESTS);
  expect(Math.min(done.length, refused.length)).toBeGreaterThan(0);
  for (const { headers, body: { data, errors } } of refused) {
    const [{ extensions }] = errors;
    expect([data, errors.length, extensions.code]).toEqual([undefined, 1, 'BUSY']);
    expect(extensions.retryAfterMs).toBeGreaterThan(0);
    expect(headers['retry-after']).toBe(String(Math.ceil(extensions.retryAfterMs / 1000)));
    expect([headers['cache-control'], headers['x-content-type-options'], typeof headers['x-request-id']]).toEqual(['no-store', 'nosniff', 'string']);
  }
  expect(done.every(({ body }) => body.data.createCheckpoint.__typename === 'CreateCheckpointSuccess')).toBe(true);

  // Every acknowledged one has a number of its own without gaps, and only their files are there.
  const numbers = done.map(({ body }) => body.data.createCheckpoint.checkpoint.number).sort((a: number, b: number) => a - b);
  expect(numbers).toEqual(numbers.map((_, at) => numbers[0] + at));
  const { repo } = await gateway.data('{ repo(name: "crowd") { commit(rev: "main") { tree { entries(first: 100) { nodes { name } } } } operations(first: 100) { nodes { kind } } } }');
  const names: string[] = repo.commit.tree.entries.nodes.map(({ name }: Json) => name);
  expect(names.filter((name) => name !== 'README.md').sort()).toEqual(done.map(({ path }) => path).sort().slice(0, 99));
  expect(repo.operations.nodes.filter(({ kind }: Json) => kind === 'CREATE_CHECKPOINT')).toHaveLength(done.length);
});

function counted(text: string): number {
  return Number(/^weir_http_refusals_total\{code="BUSY"\} (\d+)/mu.exec(text)?.[1] ?? 0);
}

it('refuses pages of other origins the same, and counts every refusal', async () => {
  const before = await (await gateway.fetch('/metrics')).text();
  const asked = await Promise.all(Array.from({ length: 60 }, () => post('{ viewer { actor } }', {}, { origin: 'https://elsewhere.example' })));
  const refused = asked.filter(({ status }) => status === 503);
  expect(refused.every(({ body }) => body.errors[0].extensions.code === 'BUSY')).toBe(true);
  expect(counted(await (await gateway.fetch('/metrics')).text()) - counted(before)).toBe(refused.length);
});

it('tells operations over a WebSocket the same, and leaves the socket open', async () => {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${gateway.adminKey}` }, retryAttempts: 0 });
  const ask = (): Promise<Json> => new Promise((resolve, reject) => {
    let result: Json;
    client.subscribe({ query: '{ repos(first: 5) { nodes { name } } }' }, { next: (value) => { result = value; }, error: reject, complete: () => resolve(result) });
  });
  const results: Json[] = await Promise.all(Array.from({ length: 80 }, ask));
  const refused = results.filter(({ errors }) => errors !== undefined);
  expect(refused.length).toBeGreaterThan(0);
  for (const { errors: [{ extensions }] } of refused) {
    expect(extensions.code).toBe('BUSY');
    expect(extensions.retryAfterMs).toBeGreaterThan(0);
  }
  expect((await ask()).data.repos.nodes).toHaveLength(1);
  await client.dispose();
});
