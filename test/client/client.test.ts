import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Weir } from '../../src/client/index.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { CLIENT_CASES } from './cases/index.js';
import { repoOf, type Site } from './cases/site.js';

let gateway: TestGateway;
let site: Site;

beforeAll(async () => {
  gateway = await startGateway();
  site = { url: (await gateway.listen()).url, adminKey: gateway.adminKey, room: 'node' };
});
afterAll(() => gateway.close());

describe('the client, in Node', () => {
  for (const { name, run } of CLIENT_CASES) {
    it(`${name}`, async () => {
      await expect(run(site)).resolves.toBeUndefined();
    });
  }

  it('takes a text, a document that graphql has parsed, and a typed string', async () => {
    const weir = new Weir({ url: site.url, key: site.adminKey });
    class TypedString extends String {
      declare readonly __apiType?: (variables: { name: string }) => { repo: { name: string } | null };
    }
    const text = 'query ($name: String!) { repo(name: $name) { name } }';
    const { name } = await repoOf(site, 'documents');
    expect(await weir.query(text, { name })).toEqual({ repo: { name } });
    expect(await weir.query(parse(text, { noLocation: true }), { name })).toEqual({ repo: { name } });
    expect((await weir.query(new TypedString(text), { name })).repo?.name).toBe(name);
  });
});
