import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser with a profile of its own, which asks nobody but the pages it is sent to. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Opens Chromium, for which every name that ends in `.test` is this machine. Throws where there is none: its tests are not skipped. */
export async function openBrowser(): Promise<TestBrowser> {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) throw new TypeError('the browser tests need Chromium: apt-get install chromium');
  const profile = await mkdtemp(join(tmpdir(), 'weir-browser-'));
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1'];
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args, viewport: { width: 1280, height: 900 } });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
