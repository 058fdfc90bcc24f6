import type { Page } from 'playwright-core';
import { listen } from '../../../src/cli/listen.js';
import { createBranch } from '../../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../../src/operations/repo/create-repo.js';
import { openProposal } from '../../../src/operations/proposal/open-proposal.js';
import { createServer } from '../../../src/server/index.js';
import { openBrowser, type TestBrowser } from '../../browser/browser.js';
import { frameTimes, longestTask, scrolledFrames } from '../frames.js';
import { median, within, type Comparison } from '../measure.js';
import { BenchRefused, received, type Workplace } from '../workplace.js';

/** The most that the design accepts. */
const LIMITS = { loadKb: 200, interactiveMs: 1_500, frameMs: 50 } as const;
/** Proposals in the inbox: as many as it shows. */
const WAITING = 50;
/** Lines that are added, and hunks of changed lines beside them with so many lines each: together the 20,000. */
const ADDED = 10_000;
const HUNKS = 500;
const HUNK_LINES = 20;
/** Pixels that a frame scrolls: 19 lines, 1,140 in a second, which is a page every 40 ms held down. */
const STEP = 400;
/** The longest that one step may take, in milliseconds. */
const WAIT = 60_000;
const ROUNDS = 3;

const REPO = 'screen';
const SHORT = 'screen-inbox';

/** The review page in Chromium: what its first load weighs, when it answers a key, and its frames while 20,000 lines are scrolled, beside an empty page. */
export async function screen(place: Workplace, rounds: number): Promise<Comparison[]> {
  const number = await furnish(place);
  const server = createServer({ gateway: place.app.gateway, settings: place.app.config, ready: () => Promise.resolve(true) });
  const listening = await listen(server, { host: '127.0.0.1', port: 0 });
  const browser = await opened();
  try {
    const at: Site = { url: listening.url, key: await place.adminKey(), browser, rounds: Math.min(rounds, ROUNDS) };
    return [...(await loading(at)), ...(await scrolling(at, number))];
  } finally {
    await browser.close();
    await listening.drain(0);
  }
}

interface Site {
  readonly url: string;
  readonly key: string;
  readonly browser: TestBrowser;
  readonly rounds: number;
}

async function opened(): Promise<TestBrowser> {
  try {
    return await openBrowser();
  } catch (error) {
    throw new BenchRefused(`The screen is measured in a browser: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the inbox weighs and when it answers, each time in a tab that has nothing of it yet. */
async function loading(site: Site): Promise<Comparison[]> {
  const weights: number[] = [];
  const moments: number[] = [];
  for (let round = 0; round <= site.rounds; round++) {
    const page = await tab(site, ANSWERING);
    await page.goto(site.url);
    const answeredAt: number = await page.evaluate('answered');
    // The first round compresses what is kept compressed from then on, as the first visitor of a gateway does.
    if (round > 0) moments.push(answeredAt);
    weights.push(await page.evaluate('performance.getEntries().reduce((sum, { transferSize = 0 }) => sum + transferSize, 0) / 1000'));
    await page.close();
  }
  const on = `${WAITING} proposals`;
  return [
    within('first load of the inbox, compressed', on, 'the review page', { figure: Math.max(...weights), limit: LIMITS.loadKb, unit: 'kB', rounds: site.rounds + 1 }),
    within('the inbox, until a key moves its focus', on, 'the review page', { figure: median(moments), limit: LIMITS.interactiveMs, unit: 'ms', rounds: site.rounds }),
  ];
}

/** The page presses `j` by itself, over and over, until that moved the focus: then it is there and listens. */
const ANSWERING = `globalThis.answered = new Promise((resolve) => requestAnimationFrame(function press() {
  dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
  if (document.activeElement?.matches('.proposals a.title')) resolve(performance.now());
  else requestAnimationFrame(press);
}));`;

/** A tab that is signed in and has nothing in its cache; `script` runs in it before any other. */
async function tab({ browser, key }: Site, script = ''): Promise<Page> {
  const page = await browser.context.newPage();
  page.setDefaultTimeout(WAIT);
  const session = await page.context().newCDPSession(page);
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.addInitScript(`sessionStorage.setItem('weir.key', ${JSON.stringify(key)}); ${script}`);
  return page;
}

/** Frames of the diff beside those of a page that has nothing but its height. */
async function scrolling(site: Site, number: number): Promise<Comparison[]> {
  const empty = await site.browser.context.newPage();
  await empty.setContent(`<body style="height: ${(ADDED + HUNKS * HUNK_LINES) * 21}px"></body>`);
  // Each time in a tab of its own, which has read nothing of the diff yet.
  const shown = async <T>(look: (page: Page) => Promise<T>): Promise<T> => {
    const page = await tab(site);
    await page.goto(`${site.url}/#/proposal/${REPO}/${number}`);
    await page.locator('tr.added').first().waitFor();
    const seen = await look(page);
    await page.close();
    return seen;
  };
  const ours: number[][] = [];
  const idle: number[][] = [];
  for (let round = 0; round < site.rounds; round++) {
    ours.push(await shown((page) => scrolledFrames(page, STEP)));
    await empty.bringToFront();
    idle.push(await scrolledFrames(empty, STEP));
  }
  const longest = await shown((page) => longestTask(page, () => scrolledFrames(page, STEP)));
  await empty.close();
  const { rounds } = site;
  const on = `${(ADDED + HUNKS * HUNK_LINES) / 1_000}k lines`;
  const beside = (job: string, of: (frames: readonly number[]) => number): Comparison => {
    const [figure, other] = [ours, idle].map((each) => median(each.map(of)));
    return { ...within(job, on, 'the review page', { figure: figure ?? Number.NaN, limit: other ?? Number.NaN, unit: 'ms', rounds }), other: 'an empty page', goal: null };
  };
  const limited = (job: string, figure: number): Comparison => within(job, on, 'the review page', { figure, limit: LIMITS.frameMs, unit: 'ms', rounds });
  return [
    beside('frames while scrolling, half within', (frames) => frameTimes(frames).p50),
    beside('frames while scrolling, 95 % within', (frames) => frameTimes(frames).p95),
    beside('frames while scrolling, the longest', (frames) => frameTimes(frames).longest),
    limited('frames while scrolling, the longest of a middling round', median(ours.map((frames) => frameTimes(frames).longest))),
    limited('work for one frame, the most (processor time)', longest),
  ];
}

/** Fills the inbox and proposes the large diff; answers its number. */
async function furnish(place: Workplace): Promise<number> {
  received(await createRepo(place.request(), { name: SHORT, files: [{ path: 'README.md', text: 'short\n' }] }));
  for (let index = 0; index < WAITING; index++) {
    const change = [{ write: { path: 'README.md', text: `${index}\n` } }];
    await propose(place, SHORT, { source: `work-${index}`, changes: change });
  }
  const before = Array.from({ length: HUNKS * 50 }, (_, line) => code(line, 0)).join('');
  received(await createRepo(place.request(), { name: REPO, files: [{ path: 'parts.ts', text: before }] }));
  // Seven lines changed of every fifty: with three lines around them on either side a hunk has twenty.
  const after = Array.from({ length: HUNKS * 50 }, (_, line) => code(line, line % 50 < 7 ? 1 : 0)).join('');
  const added = Array.from({ length: ADDED }, (_, line) => code(line, 2)).join('');
  return propose(place, REPO, { source: 'large', changes: [{ write: { path: 'parts.ts', text: after } }, { write: { path: 'whole.ts', text: added } }] });
}

function code(line: number, times: number): string {
  return `export function compute${line}(input: string, times = ${times}): number { return input.length * times; } // line ${line}\n`;
}

interface Proposed {
  readonly source: string;
  readonly changes: readonly { readonly write: { readonly path: string; readonly text: string } }[];
}

async function propose(place: Workplace, repo: string, { source, changes }: Proposed): Promise<number> {
  received(await createBranch(place.request(), { repo, name: source }));
  received(await createCheckpoint(place.request(), { repo, branch: source, message: 'Work', changes }));
  const { proposalId } = received(await openProposal(place.request(), { repo, source, title: source }));
  const proposal = await place.app.storage.reader().proposal(proposalId);
  if (proposal === null) throw new BenchRefused('A proposal that was just opened is not there.');
  return proposal.number;
}
