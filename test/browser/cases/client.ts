import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { beforeAll, expect, it } from 'vitest';
import { CLIENT_CASES } from '../../client/cases/index.js';
import type { PageRoom } from '../page-room.js';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** A page that is not the gateway's own: of plain http, where a browser keeps some of its functions from scripts. */
export interface OtherOrigin {
  readonly origin: string;
  close(): void;
}

/** Serves an empty page under a name of its own. */
export async function serveElsewhere(): Promise<OtherOrigin> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>An app</title>'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server on a port has an address');
  return { origin: `http://app.test:${address.port}`, close: () => void server.close() };
}

/** The client and its cases as an app ships them: one script for browsers. */
async function bundled(): Promise<string> {
  const built = await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    resolve: { alias: { vitest: `${ROOT}test/client/matchers.ts` } },
    build: { write: false, minify: false, target: 'es2022', rollupOptions: { input: `${ROOT}test/client/in-page.ts`, external: ['graphql'], output: { format: 'iife' } } },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (output === undefined || !('output' in output)) throw new TypeError('vite answers what it built');
  return output.output[0].code;
}

/** The cases of the client that run in Node, in a page of another origin. */
export function client(room: () => PageRoom, elsewhere: () => OtherOrigin): void {
  let page: Page;

  beforeAll(async () => {
    const script = await bundled();
    page = await room().browser.context.newPage();
    await page.goto(elsewhere().origin);
    await page.evaluate(script);
  });

  it('is on a page of plain http and of another origin', async () => {
    expect(await page.evaluate('[isSecureContext, location.origin]')).toEqual([false, elsewhere().origin]);
  });

  for (const { name } of CLIENT_CASES) {
    it(`${name}`, async () => {
      const site = { url: room().url, adminKey: room().gateway.adminKey, room: 'page' };
      expect(await page.evaluate(`runClientCase(${JSON.stringify(name)}, ${JSON.stringify(site)})`)).toBe(name);
    });
  }
}
