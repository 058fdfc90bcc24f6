import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

describe('GraphQL over HTTP, as graphql-http audits it', () => {
  const audits = serverAudits({
    url: 'http://gateway.test/graphql',
    fetchFn: (url: string, init: RequestInit = {}) => {
      const { pathname, search } = new URL(url);
      return gateway.fetch(pathname + search, init);
    },
  });

  it('has audits of every kind', () => {
    expect(audits.length).toBeGreaterThan(50);
  });

  it.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn();
    const reason = 'reason' in result ? result.reason : '';
    expect(`${result.status} ${result.status === 'ok' ? '' : reason}`.trim()).toBe('ok');
  });
});
