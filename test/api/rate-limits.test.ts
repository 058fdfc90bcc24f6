import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MUTATION_LIMIT: '3', WEIR_GIT_RATE_LIMIT: '2', WEIR_FAILED_KEY_LIMIT: '2', WEIR_ADDRESS_RATE_LIMIT: '40', WEIR_TRUSTED_PROXIES: '10.0.0.0/8' } });
  await gateway.data('mutation { createRepo(input: { name: "r" }) { __typename } }');
});
afterAll(() => gateway.close());

/** Asks as if a connection from this peer had brought the request. */
async function from(peer: string, forwardedFor: string, key: string): Promise<{ readonly status: number; readonly retryAfter: string | null; readonly code: string | null }> {
  const request = new Request('http://gateway.test/graphql?query={__typename}', { headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': forwardedFor } });
  const response = await gateway.server.fetch(request, { address: peer, gone: new AbortController().signal });
  const { errors }: Json = await response.json();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), code: errors?.[0].extensions.code ?? null };
}

describe('limits of requests by kind', () => {
  it('refuses the mutations that are too many with 429 and when to come back, and goes on to answer queries', async () => {
    const key = await gateway.createKey();
    const mutate = (): ReturnType<TestGateway['gql']> => gateway.gql('mutation { deleteBranch(input: { repo: "r", name: "none" }) { __typename } }', {}, key);
    const answers = [await mutate(), await mutate(), await mutate(), await mutate()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[3]?.errors?.[0]?.extensions.code).toBe('RATE_LIMITED');
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await gateway.gql('{ viewer { actor } }', {}, key)).status).toBe(200);
  });

  it('counts what git asks for by itself', async () => {
    const key = await gateway.createKey({ scopes: ['READ'] });
    const ask = (): Promise<Response> => gateway.fetch('/git/r.git/info/refs?service=git-upload-pack', { key });
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await gateway.gql('{ viewer { actor } }', {}, key)).status).toBe(200);
  });

  it('counts wrong keys of the clients behind a trusted proxy apart, and believes nobody else about who they are', async () => {
    const wrong = `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`;
    const codes = async (peer: string, clients: readonly string[]): Promise<(string | null)[]> => {
      const answers: (string | null)[] = [];
      for (const client of clients) answers.push((await from(peer, client, wrong)).code);
      return answers;
    };
    expect(await codes('10.0.0.1', ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2'])).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED', 'UNAUTHENTICATED']);
    expect(await codes('203.0.113.9', ['198.51.100.3', '198.51.100.4', '198.51.100.5'])).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED']);
  });

  it('counts all requests of one address, whatever their keys', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 41; count++) statuses.push((await from('192.0.2.8', '', gateway.adminKey)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(40);
    expect(await from('192.0.2.8', '', gateway.adminKey)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect((await from('192.0.2.9', '', gateway.adminKey)).status).toBe(200);
  });
});
