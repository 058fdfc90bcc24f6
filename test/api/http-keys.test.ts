import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

const VIEWER = '{ viewer { actor onBehalfOf key { name } } }';
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

async function refusal(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { errors }: Json = await response.json();
  return { status: response.status, code: errors[0].extensions.code, message: errors[0].message };
}

describe('the door', () => {
  it('turns a request without a key away with 401 in the form of a GraphQL error', async () => {
    const response = await gateway.fetch('/graphql', { method: 'POST', key: null, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: VIEWER }) });
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refusal(response)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('answers in the media type that the client asked for', async () => {
    const response = await gateway.fetch('/graphql', { method: 'POST', key: null, headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json' }, body: '{}' });
    expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  });

  it('does not tell unknown, malformed and wrong keys apart', async () => {
    const [id = ''] = /(?<=weir_)[A-Za-z0-9]{12}/u.exec(gateway.adminKey) ?? [];
    const wrong = ['nonsense', `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`, `weir_${id}_${'b'.repeat(43)}`, `${gateway.adminKey}x`];
    const answers = await Promise.all(wrong.map(async (key) => refusal(await gateway.fetch('/graphql?query={__typename}', { key }))));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it.each(['Basic', 'Token', 'Bearer: ', ''])('does not take a key behind the scheme %j', async (scheme) => {
    const response = await gateway.fetch('/graphql?query={__typename}', { headers: { authorization: `${scheme} ${gateway.adminKey}`.trim() } });
    expect(response.status).toBe(401);
  });

  it('takes the scheme in any case', async () => {
    const response = await gateway.fetch('/graphql?query={__typename}', { headers: { authorization: `bEaReR ${gateway.adminKey}` } });
    expect(response.status).toBe(200);
  });

  it.each([['/raw/a/-/b/c', 'GET'], ['/raw/a/-/b..c.patch', 'GET'], ['/blobs/a', 'POST'], ['/graphql', 'GET']])('needs a key for %s', async (path, method) => {
    const response = await gateway.fetch(path, { method, key: null });
    expect(await refusal(response)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it.each(['/', '/graphiql', '/health/live', '/health/ready'])('needs none for %s', async (path) => {
    expect((await gateway.fetch(path, { key: null })).status).toBe(200);
  });

  it('lets a key act for a person within its globs, by a name in any script', async () => {
    const key = await gateway.createKey({ scopes: ['READ', 'ACT_AS'], actAs: ['person/*'] });
    const actor = 'person/Żofia';
    const headers = { 'content-type': 'application/json', 'weir-actor': Buffer.from(actor).toString('latin1') };
    const response = await gateway.fetch('/graphql', { method: 'POST', key, headers, body: JSON.stringify({ query: VIEWER }) });
    expect(await response.json()).toMatchObject({ data: { viewer: { actor, onBehalfOf: actor } } });
  });

  it('refuses to answer as the key itself where it may not act for the person', async () => {
    const key = await gateway.createKey();
    const response = await gateway.fetch('/graphql?query={__typename}', { key, headers: { 'weir-actor': 'someone' } });
    expect(await refusal(response)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });

  it('no longer takes a revoked key', async () => {
    const key = await gateway.createKey({ name: 'short-lived' });
    const { viewer } = await gateway.data('{ viewer { key { id } } }', {}, key);
    await gateway.data('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }', { id: viewer.key.id });
    expect((await gateway.gql(VIEWER, {}, key)).status).toBe(401);
  });
});

describe('rate limits', () => {
  let limited: TestGateway;
  beforeAll(async () => {
    limited = await startGateway({ settings: { WEIR_RATE_LIMIT: '5', WEIR_FAILED_KEY_LIMIT: '3' } });
  });
  afterAll(() => limited.close());
  const ask = (key: string): Promise<Response> => limited.fetch('/graphql?query={__typename}', { key });

  it('gives each key its own allowance and says when to come back', async () => {
    const statuses = [];
    for (let count = 0; count < 6; count++) statuses.push((await ask(limited.adminKey)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const response = await ask(limited.adminKey);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refusal(response)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  });

  it('stops looking at wrong keys of an address that sent too many, and goes on looking at good ones', async () => {
    const statuses = [];
    for (let count = 0; count < 4; count++) statuses.push((await ask(`weir_${'c'.repeat(12)}_${'d'.repeat(43)}`)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    // The admin's key was good before; it is still looked at, and has used up its own allowance.
    expect(await refusal(await ask(limited.adminKey))).toMatchObject({ message: expect.stringContaining('This key') });
  });
});
