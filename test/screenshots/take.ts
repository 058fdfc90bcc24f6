import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Weir } from '../../src/client/index.js';
import { openBrowser } from '../browser/browser.js';
import { startGateway } from '../support/gateway.js';

/** Where the README looks for them. */
const FOLDER = join(import.meta.dirname, 'pictures');

/** A step waits for what it names, at most this long, in milliseconds. */
const WAIT = 30_000;

const BEFORE = `import { load } from './load.js';

// The forecast of one place.
export async function forecast(place: string): Promise<string> {
  const report = await load(place);
  return report.summary;
}
`;

const AFTER = `import { load, type Report } from './load.js';

/** What a forecast says, and how sure it is. */
export interface Forecast {
  readonly text: string;
  readonly chance: number;
}

// The forecast of one place, for some days.
export async function forecast(place: string, days = 3): Promise<Forecast> {
  const report: Report = await load(place, days);
  return { text: report.summary, chance: report.chance ?? 0.5 };
}
`;

/** What every screenshot shows: a proposal with code, prompts and a review. */
async function furnish(url: string, keys: { readonly agent: string; readonly reviewer: string }): Promise<void> {
  const repo = await new Weir({ url, key: keys.agent }).createRepo({ name: 'weather/site', description: 'The forecast site', files: [{ path: 'src/forecast.ts', text: BEFORE }, { path: 'README.md', text: '# Weather\n\nForecasts for everyone.\n' }] });
  await repo.branch.create({ name: 'session/widget', runId: 'run-41' });
  await repo.checkpoint.create({ branch: 'session/widget', message: 'Say how sure a forecast is', prompt: 'Show the chance beside each forecast', changes: [{ write: { path: 'src/forecast.ts', text: AFTER } }] });
  await repo.checkpoint.create({ branch: 'session/widget', message: 'Tell of it', prompt: 'And mention it in the readme', changes: [{ write: { path: 'README.md', text: '# Weather\n\nForecasts for everyone, with the chance of each.\n' } }, { write: { path: 'src/chance.css', text: '.chance { color: teal; }\n' } }] });
  const { number } = await repo.proposal.open({ source: 'session/widget', title: 'Show the chance beside each forecast', body: 'Asked for by the editors: readers want to know how sure we are.' });
  const reviewer = await new Weir({ url, key: keys.reviewer }).repo('weather/site');
  await reviewer.proposal.comment({ number, body: 'Is one half a good guess where nothing is known?', path: 'src/forecast.ts', side: 'NEW', line: 12 });
  await repo.branch.create({ name: 'session/icons', runId: 'run-42' });
  await repo.checkpoint.create({ branch: 'session/icons', message: 'Draw a sun', prompt: 'Icons, please', changes: [{ write: { path: 'icons/sun.svg', text: '<svg xmlns="http://www.w3.org/2000/svg"/>\n' } }] });
  await repo.proposal.open({ source: 'session/icons', title: 'Draw icons for the weather' });
}

async function signIn(page: Page, url: string, key: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
}

const VIEWS = [
  { name: 'inbox', hash: '#/inbox', awaits: '.proposals a.title', colorScheme: 'light', width: 1100, height: 420 },
  { name: 'proposal', hash: '#/proposal/weather%2Fsite/1', awaits: '.ink-keyword', colorScheme: 'light', width: 1100, height: 900 },
  { name: 'proposal-dark', hash: '#/proposal/weather%2Fsite/1', awaits: '.ink-keyword', colorScheme: 'dark', width: 1100, height: 900 },
  { name: 'proposal-narrow', hash: '#/proposal/weather%2Fsite/1', awaits: '.ink-keyword', colorScheme: 'light', width: 390, height: 900 },
] as const;

it('takes the pictures of the README', { timeout: 120_000 }, async () => {
  const gateway = await startGateway();
  const browser = await openBrowser();
  try {
    const { url } = await gateway.listen();
    const agent = await gateway.createKey({ name: 'agent', actor: 'agent' });
    const reviewer = await gateway.createKey({ name: 'ada', actor: 'ada', scopes: ['READ', 'REVIEW', 'PROPOSE', 'MERGE', 'AUDIT'] });
    await furnish(url, { agent, reviewer });
    await mkdir(FOLDER, { recursive: true });
    const page = await browser.context.newPage();
    page.setDefaultTimeout(WAIT);
    await signIn(page, url, reviewer);
    for (const { name, hash, awaits, colorScheme, width, height } of VIEWS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.goto(`${url}/${hash}`);
      await page.locator(awaits).first().waitFor();
      await page.getByText('live', { exact: true }).first().waitFor();
      const path = join(FOLDER, `${name}.png`);
      await page.screenshot({ path });
      expect((await stat(path)).size).toBeGreaterThan(5_000);
    }
  } finally {
    await browser.close();
    await gateway.close();
  }
});
