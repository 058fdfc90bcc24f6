import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../src/operations/gateway.js';
import { startGateway, type Answer, type Json, type TestGateway } from '../support/gateway.js';
import { startCollector, type CollectedSpan, type Collector } from '../support/otlp-collector.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const UNSAMPLED = '5bf92f3577b34da6a3ce929d0e0e4736';
const REFUSED = '6bf92f3577b34da6a3ce929d0e0e4736';
const BROKEN = '7bf92f3577b34da6a3ce929d0e0e4736';
const CANARY = 'canary-7f3a91';

const CHECKPOINT = 'mutation Canary_7f3a91($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename ... on Problem { code } } }';
const BRANCH = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { __typename ... on Problem { code } } }';

interface Line {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function remembering(lines: Line[]): Log {
  const keep = (fields: Readonly<Record<string, unknown>>, message: string): void => void lines.push({ fields, message });
  return { info: keep, warn: keep, error: keep };
}

async function asked(gateway: TestGateway, query: string, variables: object, headers: Record<string, string>): Promise<{ readonly answer: Json; readonly headers: Headers }> {
  const response = await gateway.fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }) });
  return { answer: await response.json(), headers: response.headers };
}

/** The only span of that name. */
function named(name: string, among: readonly CollectedSpan[]): CollectedSpan {
  const [found, ...others] = among.filter((span) => span.name === name);
  if (found === undefined || others.length > 0) throw new TypeError(`${others.length + (found === undefined ? 0 : 1)} spans are called ${name}`);
  return found;
}

describe('traces', () => {
  const lines: Line[] = [];
  let collector: Collector;
  let adminKey: string;
  let created: Awaited<ReturnType<typeof asked>>;
  let refused: Awaited<ReturnType<typeof asked>>;
  let late: Answer;
  let spans: readonly CollectedSpan[];

  const ofTrace = (traceId: string): CollectedSpan[] => spans.filter((span) => span.traceId === traceId);

  beforeAll(async () => {
    collector = await startCollector();
    const gateway = await startGateway({
      log: remembering(lines),
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collect', OTEL_SERVICE_NAME: 'weir-here', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=tests' },
    });
    ({ adminKey } = gateway);
    await seedRepo(gateway, 'traced');
    await seedBranch(gateway, 'traced', 'work');
    const input = { repo: 'traced', branch: 'work', message: CANARY, prompt: CANARY, runId: CANARY, metadata: [{ key: 'Note', value: CANARY }], changes: [{ write: { path: `${CANARY}.txt`, text: CANARY } }] };
    created = await asked(gateway, CHECKPOINT, { input }, { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'vendor=1', 'x-request-id': 'traced-1' });
    await asked(gateway, '{ viewer { actor } }', {}, { traceparent: `00-${UNSAMPLED}-${CALLER}-00` });
    refused = await asked(gateway, BRANCH, { input: { repo: 'traced', name: 'work' } }, { traceparent: `00-${REFUSED}-${CALLER}-01` });
    await asked(gateway, `{ repo(name: "${CANARY}") { id } ${CANARY.replaceAll('-', '_')}: viewer { actor } }`, {}, { traceparent: `00-${BROKEN}-${CALLER}-01` });
    await gateway.fetch(`/raw/${CANARY}/-/main/${CANARY}?token=${CANARY}`);
    await gateway.fetch(`/${CANARY}`, { method: 'CANARY' });
    await gateway.fetch('/health/live');
    await gateway.fetch('/metrics');
    late = await gateway.gql('{ server { version } }');
    await gateway.close();
    spans = collector.spans();
  });
  afterAll(() => collector.close());

  it('hold a mutation as a tree: request, operation, verb, objects and transaction, below whoever asked', () => {
    expect(created.answer).toEqual({ data: { createCheckpoint: { __typename: 'CreateCheckpointSuccess' } } });
    const tree = ofTrace(TRACE);
    const request = named('POST /graphql', tree);
    const operation = named('mutation createCheckpoint', tree);
    const verb = named('verb CREATE_CHECKPOINT', tree);
    expect([request.parentSpanId, operation.parentSpanId, verb.parentSpanId]).toEqual([CALLER, request.spanId, operation.spanId]);
    expect([named('objects write', tree).parentSpanId, named('transaction', tree).parentSpanId]).toEqual([verb.spanId, verb.spanId]);
    expect(tree).toHaveLength(5);
    expect(tree.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
  });

  it('say of each part what it was, in ids, names of the schema and counts', () => {
    const tree = ofTrace(TRACE);
    const id = expect.any(Number);
    expect(named('POST /graphql', tree)).toMatchObject({ kind: 2, traceState: 'vendor=1' });
    expect(named('POST /graphql', tree).attributes).toEqual({ 'http.request.method': 'POST', 'http.route': '/graphql', 'http.response.status_code': 200, 'weir.request.id': 'traced-1', 'weir.key.id': adminKey.split('_')[1] });
    expect(named('mutation createCheckpoint', tree).attributes).toEqual({ 'graphql.operation.type': 'mutation', 'weir.graphql.fields': 'createCheckpoint' });
    expect(named('verb CREATE_CHECKPOINT', tree).attributes).toEqual({ 'weir.operation.kind': 'CREATE_CHECKPOINT', 'weir.operation.outcome': 'done', 'weir.repo.id': id, 'weir.operation.seq': 3 });
    // A blob, a tree and a commit.
    expect(named('objects write', tree).attributes).toEqual({ 'weir.objects.staged': 3, 'weir.objects.written': 3, 'weir.objects.bytes': id });
    expect(named('transaction', tree).attributes).toEqual({ 'db.system.name': 'postgresql', 'weir.transaction.committed': true });
  });

  it('are named in the answer and in the log of requests', () => {
    const request = named('POST /graphql', ofTrace(TRACE));
    expect(created.headers.get('traceresponse')).toBe(`00-${TRACE}-${request.spanId}-01`);
    expect(lines.find(({ fields }) => fields['requestId'] === 'traced-1')?.fields['traceId']).toBe(TRACE);
    const own = late.headers.get('traceresponse')?.split('-')[1] ?? '';
    expect(named('GET /raw/*', spans)).toMatchObject({ parentSpanId: '', attributes: { 'http.response.status_code': 404 } });
    expect(named('POST /graphql', ofTrace(own)).parentSpanId).toBe('');
    expect(lines.map(({ fields }) => fields['traceId'])).toContain(own);
  });

  it('tell a refusal by its code, and call it no failure', () => {
    const { code } = refused.answer.data.createBranch;
    const tree = ofTrace(REFUSED);
    expect(code).toMatch(/^[A-Z_]+$/u);
    expect(named('verb CREATE_BRANCH', tree)).toMatchObject({ status: 0, attributes: { 'weir.operation.outcome': 'refused', 'weir.problem.code': code } });
    expect(tree.map(({ status }) => status)).not.toContain(2);
  });

  it('that the caller does not keep are not kept', () => {
    expect(ofTrace(UNSAMPLED)).toEqual([]);
  });

  it('leave out what machines ask every few seconds', () => {
    const routes = spans.map(({ attributes }) => attributes['http.route']);
    expect(routes).toContain('/graphql');
    expect(routes.filter((route) => route === '/metrics' || route === '/health/live')).toEqual([]);
  });

  it('never hold a secret, a variable, a prompt, a path, a name that a client chose or an address', () => {
    const text = collector.exports.map(({ body }) => body).join('\n');
    expect(text).not.toMatch(/canary[-_]7f3a91/iu);
    expect(text).not.toContain(adminKey.split('_')[2]);
    expect(ofTrace(BROKEN).map(({ name }) => name)).toContain('query several');
    expect(named('HTTP none', spans).attributes).toMatchObject({ 'http.request.method': '_OTHER', 'http.response.status_code': 404 });
  });

  it('go to the address below the endpoint, with the headers and as the service that were configured', () => {
    for (const { path, headers } of collector.exports) expect([path, headers.authorization, headers['content-type']]).toEqual(['/v1/traces', 'Bearer collect', 'application/json']);
    expect(collector.resource()).toEqual({ 'service.name': 'weir-here', 'service.version': expect.any(String), 'deployment.environment.name': 'tests' });
  });

  it('were sent before the gateway was closed, the last request too', () => {
    expect(spans.map(({ name }) => name)).toContain('query server');
  });
});

describe('a collector that refuses', () => {
  it('disturbs no request and no end, and is complained of in one sentence without what it said', async () => {
    const collector = await startCollector(400);
    const lines: Line[] = [];
    const gateway = await startGateway({ log: remembering(lines), settings: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/elsewhere` } });
    await seedRepo(gateway, 'unseen');
    await seedBranch(gateway, 'unseen', 'work');
    await seedCheckpoint(gateway, 'unseen', 'work', { path: 'a.txt', text: 'a\n' });
    await gateway.close();
    expect(collector.exports.map(({ path }) => path)).toContain('/elsewhere');
    expect(lines.map(({ message }) => message).filter((message) => message !== 'request')).toEqual([expect.stringMatching(/^Traces could not be sent \(\w+\); they are dropped until the collector answers\.$/u)]);
    await collector.close();
  });

  it('or is not there holds a gateway that ends for three seconds at most', async () => {
    const collector = await startCollector();
    await collector.close();
    const gateway = await startGateway({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    await seedRepo(gateway, 'unseen');
    const started = performance.now();
    await gateway.close();
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});

describe('without an endpoint', () => {
  it('the trace of the caller is in the log all the same, and no answer names one', async () => {
    const lines: Line[] = [];
    const gateway = await startGateway({ log: remembering(lines), settings: { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } });
    const { headers } = await asked(gateway, '{ viewer { actor } }', {}, { traceparent: `00-${TRACE}-${CALLER}-01` });
    await asked(gateway, '{ viewer { actor } }', {}, { traceparent: '00-nonsense' });
    await gateway.close();
    expect(headers.has('traceresponse')).toBe(false);
    expect(lines.map(({ fields }) => fields['traceId'])).toEqual([TRACE, undefined]);
  });
});
