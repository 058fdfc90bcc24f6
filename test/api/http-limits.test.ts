import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MAX_REQUEST: '100000', WEIR_MAX_QUERY_DEPTH: '16' } });
});
afterAll(() => gateway.close());

function post(body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers }, duplex: 'half' };
  return gateway.fetch('/graphql', init);
}

async function code(response: Response): Promise<string> {
  const { errors }: Json = await response.json();
  return errors[0].extensions.code;
}

function nested(depth: number): string {
  const hops = Math.floor((depth - 2) / 2);
  return `query ($id: String!) { repo(name: $id) { ${'defaultBranch { repo { '.repeat(hops)}id${' } }'.repeat(hops)} } }`;
}

function pages(size: number): string {
  return `{ repos(first: ${size}) { edges { node { branches(first: ${size}) { edges { node { checkpoints(first: ${size}) { edges { node { id } } } } } } } } } }`;
}

describe('what a document may hold', () => {
  it.each([
    ['aliases', `{ ${Array.from({ length: 10_000 }, (_, at) => `a${at}: __typename`).join(' ').slice(0, 8_000)} }`],
    ['aliases spread by fragments', `{ ...A } ${['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((name, at, all) => `fragment ${name} on Query { ${at === all.length - 1 ? 'x: __typename y: __typename' : `...${all[at + 1]} ...${all[at + 1]}`} }`).join(' ')}`],
    ['directives', `{ __typename ${'@include(if: true) '.repeat(201)} }`],
    ['root fields', `{ ${'viewer { actor } '.repeat(101)} }`],
    ['tokens', `{ ${'viewer { actor } '.repeat(1_000)} }`],
    ['levels', nested(18)],
    ['brackets', `{ repos(filter: ${'['.repeat(3_900)}`],
    ['selections within selections', `${'{ a '.repeat(1_300)}${'}'.repeat(1_300)}`],
    ['repetitions', `query ($id: String!) { repo(name: $id) { ${'defaultBranch { repo { id } } '.repeat(480)} } }`],
  ])('refuses too many %s before it looks at the schema', async (_what, query) => {
    const answer = await gateway.gql(query, { id: 'a' });
    expect(answer.errors?.[0]?.extensions.code).toBe('BUDGET_EXCEEDED');
    expect(answer.data).toBeUndefined();
  });

  it('answers fifteen levels', async () => {
    expect((await gateway.gql(nested(15), { id: 'absent' })).errors).toBeUndefined();
  });

  it('refuses fragments that spread themselves, by validation', async () => {
    const answer = await gateway.gql('{ ...A } fragment A on Query { ...B viewer { actor } } fragment B on Query { ...A }');
    expect(answer.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('refuses pages within pages within pages, and takes small ones', async () => {
    expect((await gateway.gql(pages(100))).errors?.[0]?.extensions.code).toBe('BUDGET_EXCEEDED');
    expect((await gateway.gql(pages(2))).errors).toBeUndefined();
  });

  it('answers a whole introspection, as clients ask for it', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const { data } = await gateway.gql(getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true }));
    expect(data.__schema.types.length).toBeGreaterThan(100);
  });
});

describe('what a request may be', () => {
  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'application/graphql', 'application/json+x', ''])('refuses the content type %j', async (type) => {
    const response = await post(JSON.stringify({ query: 'mutation { __typename }' }), { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await code(response)).toBe('INVALID_ARGUMENT');
  });

  it.each([['no JSON', '{'], ['an array', '[{"query":"{__typename}"}]'], ['a text', '"{__typename}"'], ['null', 'null'], ['no query', '{}'], ['a number for a query', '{"query":1}'], ['a text for variables', '{"query":"{__typename}","variables":"{}"}'], ['an object for a name', '{"query":"{__typename}","operationName":{}}'], ['nothing', '']])('refuses %s as the body', async (_what, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await code(response)).toBe('INVALID_ARGUMENT');
  });

  it('runs no mutation by GET', async () => {
    const response = await gateway.fetch(`/graphql?query=${encodeURIComponent('mutation { revokeApiKey(input: { id: "x" }) { __typename } }')}`);
    expect(response.status).toBe(405);
    expect(await code(response)).toBe('INVALID_ARGUMENT');
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await gateway.fetch('/graphql', { method })).status).toBe(405);
  });

  it('refuses a body that announces more than the limit, and one that has more', async () => {
    const large = JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(100_000) } });
    const streamed = new ReadableStream({ start(controller) { for (let at = 0; at < large.length; at += 10_000) controller.enqueue(Buffer.from(large.slice(at, at + 10_000))); controller.close(); } });
    for (const response of [await post(large), await post(streamed), await post('{}', { 'content-length': '999999999' })]) {
      expect(response.status).toBe(413);
      expect(await code(response)).toBe('BUDGET_EXCEEDED');
    }
  });

  it('names an operation that is not there, and a document with several and no name', async () => {
    for (const body of [{ query: 'query A { __typename }', operationName: 'B' }, { query: 'query A { __typename } query B { __typename }' }]) {
      const response = await post(JSON.stringify(body));
      expect(await code(response)).toBe('GRAPHQL_VALIDATION_FAILED');
    }
  });

  it('gives every answer an id: the client’s, when it is plain', async () => {
    expect((await gateway.fetch('/graphql?query={__typename}', { headers: { 'x-request-id': 'trace-1' } })).headers.get('x-request-id')).toBe('trace-1');
    expect((await gateway.fetch('/nowhere', { headers: { 'x-request-id': 'not plain!' } })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it('answers an unknown address with 404', async () => {
    const response = await gateway.fetch('/nowhere');
    expect(response.status).toBe(404);
    expect(await code(response)).toBe('NOT_FOUND');
  });
});

describe('errors', () => {
  it('say what is wrong with a document, with a place', async () => {
    const { errors, status } = await gateway.gql('{ viewer { actr } }');
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ message: expect.stringContaining('Did you mean "actor"'), locations: [{ line: 1 }], extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    expect(Object.keys(errors?.[0]?.extensions ?? {})).toEqual(['code']);
  });

  it('say what is wrong with variables', async () => {
    const { errors } = await gateway.gql('query ($first: Int) { repos(first: $first) { edges { cursor } } }', { first: 'many' });
    expect(errors?.[0]?.extensions.code).toBe('INVALID_ARGUMENT');
  });

  it('hide what went wrong on this side, and log it under the id that they show', async () => {
    const lines: { fields: Readonly<Record<string, unknown>> }[] = [];
    const log = { info: () => undefined, warn: () => undefined, error: (fields: Readonly<Record<string, unknown>>) => { lines.push({ fields }); } };
    const broken = await startGateway({ log });
    try {
      const { storage } = broken.app.gateway;
      const reader = storage.reader.bind(storage);
      storage.reader = () => Object.assign(reader(), { repoByName: () => Promise.reject(new TypeError('the secret of the house')) });
      const { data, errors } = await broken.gql('{ repo(name: "a") { description } }');
      expect(data).toEqual({ repo: null });
      expect(errors?.[0]?.extensions.code).toBe('INTERNAL');
      expect(JSON.stringify(errors)).not.toContain('secret');
      expect(lines.map(({ fields }) => [fields['errorId'], String(fields['error']).includes('the secret of the house')])).toEqual([[errors?.[0]?.extensions.errorId, true]]);
    } finally {
      await broken.close();
    }
  });
});

describe('without introspection', () => {
  let closed: TestGateway;
  beforeAll(async () => {
    closed = await startGateway({ settings: { WEIR_INTROSPECTION: 'off', WEIR_GRAPHIQL: 'off' } });
  });
  afterAll(() => closed.close());

  it('tells neither types nor names that are close', async () => {
    expect((await closed.gql('{ __schema { types { name } } }')).errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    for (const query of ['{ viewr { actor } }', '{ viewer { actr } }', '{ repos(frst: 1) { edges { cursor } } }', '{ repos(filter: { nmeContains: "a" }) { edges { cursor } } }']) {
      const { errors } = await closed.gql(query);
      expect(errors?.[0]?.message).not.toContain('Did you mean');
    }
    const { errors } = await closed.gql('query ($filter: RepoFilter) { repos(filter: $filter) { edges { cursor } } }', { filter: { nameContain: 'a' } });
    expect(errors?.[0]?.message).not.toContain('Did you mean');
  });

  it('serves no playground', async () => {
    expect((await closed.fetch('/graphiql')).status).toBe(404);
  });
});

describe('time limits', () => {
  it('end a query that takes too long, tell what it was doing to stop, and say so', async () => {
    const slow = await startGateway({ settings: { WEIR_QUERY_TIMEOUT: '50ms' } });
    try {
      const { storage } = slow.app.gateway;
      const reader = storage.reader.bind(storage);
      storage.reader = () => Object.assign(reader(), { repoByName: () => new Promise(() => undefined) });
      const { status, data, errors } = await slow.gql('{ repo(name: "a") { description } }');
      expect(status).toBe(200);
      expect(data).toBeUndefined();
      expect(errors).toMatchObject([{ message: expect.stringContaining('0.05 s'), extensions: { code: 'TIMEOUT' } }]);
    } finally {
      await slow.close();
    }
  });
});

const origin = 'https://app.example.com';

function preflight(asked: TestGateway, from: string): Promise<Response> {
  return asked.fetch('/graphql', { method: 'OPTIONS', key: null, headers: { origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } });
}

describe('CORS', () => {
  it('is off unless origins are listed', async () => {
    expect([...(await preflight(gateway, origin)).headers.keys()].filter((name) => name.startsWith('access-control-allow-origin'))).toEqual([]);
    expect((await gateway.fetch('/graphql?query={__typename}', { headers: { origin } })).headers.has('access-control-allow-origin')).toBe(false);
  });

  it('lets listed origins in, by name and without credentials', async () => {
    const listed = await startGateway({ settings: { WEIR_CORS_ORIGINS: origin } });
    try {
      const allowed = await preflight(listed, origin);
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
      expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
      expect(allowed.headers.get('access-control-allow-headers')).toContain('last-event-id');
      expect(allowed.headers.has('access-control-allow-credentials')).toBe(false);
      expect((await preflight(listed, 'https://evil.example.com')).headers.has('access-control-allow-origin')).toBe(false);
      const answer = await listed.fetch('/graphql?query={__typename}', { headers: { origin } });
      expect([answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([origin, expect.stringContaining('origin')]);
    } finally {
      await listed.close();
    }
  });
});
