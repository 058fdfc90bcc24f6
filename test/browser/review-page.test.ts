import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Weir, type Repo } from '../../src/client/index.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { openBrowser, type TestBrowser } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A step waits for what it names, at most this long, in milliseconds: a machine with two busy cores is slow. */
const WAIT = 20_000;

let gateway: TestGateway;
let browser: TestBrowser;
let url: string;
let ada: string;
let agent: Weir;
let page: Page;
let faults: string[];

beforeAll(async () => {
  gateway = await startGateway();
  ({ url } = await gateway.listen());
  agent = new Weir({ url, key: await gateway.createKey({ name: 'agent', actor: 'agent' }) });
  ada = await gateway.createKey({ name: 'ada', actor: 'ada' });
  browser = await openBrowser();
});
afterEach(() => page.close());
afterAll(async () => {
  await browser.close();
  await gateway.close();
});

/** A repository with a proposal: one file changed in two places, one added. */
async function proposed(name: string): Promise<{ repo: Repo; number: number }> {
  const text = Array.from({ length: 60 }, (_, line) => `line ${line}\n`);
  const repo = await agent.createRepo({ name, files: [{ path: 'story.txt', text: text.join('') }] });
  await repo.branch.create({ name: 'session/1' });
  const changed = text.with(3, 'line three\n').with(50, 'line fifty\n').join('');
  await repo.checkpoint.create({ branch: 'session/1', message: 'Tell it better', prompt: 'words, not digits', changes: [{ write: { path: 'story.txt', text: changed } }, { write: { path: 'extra.txt', text: 'more\n' } }] });
  return { repo, number: (await repo.proposal.open({ source: 'session/1', title: 'Words for digits' })).number };
}

async function signedIn(): Promise<void> {
  faults = [];
  page = await browser.context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(url);
  await page.getByLabel('API key').fill(ada);
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
}

/** Opens the newest proposal of the inbox. */
async function openNewest(): Promise<void> {
  await page.getByRole('link', { name: 'Words for digits' }).first().click();
  await page.getByText('line three').first().waitFor();
}

async function accessible(): Promise<void> {
  await page.evaluate(AXE);
  const violations: unknown = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))');
  expect(violations).toEqual([]);
}

describe('the review page', () => {
  it('refuses a wrong key in the words of the API, and keeps a good one for the tab', async () => {
    await signedIn();
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await page.getByLabel('API key').fill('weir_wrong');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('alert').waitFor();
    await accessible();
  });

  it('shows a proposal the moment it is opened, its diff, a comment on a line, an approval and the merge', async () => {
    await signedIn();
    await page.getByText('live', { exact: true }).waitFor();
    const { repo } = await proposed('page/flow');
    await openNewest();
    expect(await page.locator('tr.added mark').first().textContent()).toBe('three');
    await accessible();
    await page.getByRole('button', { name: 'Comment on line 4, after' }).click();
    await page.getByLabel('Comment', { exact: true }).fill('Better so');
    await page.getByRole('button', { name: 'Say it' }).click();
    await page.locator('tr.below').getByText('Better so').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.locator('.state.approved').waitFor();
    await page.keyboard.press('m');
    await page.locator('.state.merged').waitFor();
    expect((await repo.file({ path: 'extra.txt' })).blob?.text).toBe('more\n');
    expect(faults).toEqual([]);
  });

  it('accepts one hunk and declines the rest with the reason', async () => {
    const { repo, number } = await proposed('page/part');
    await signedIn();
    await openNewest();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.locator('.state.approved').waitFor();
    await page.getByRole('checkbox', { name: /hunk at line .* of story.txt/u }).last().check();
    await page.getByLabel('Reason or remark').fill('just the end');
    await page.getByRole('button', { name: 'Merge 1 chosen, decline the rest' }).click();
    await page.locator('.state.merged').waitFor();
    const text = (await repo.file({ path: 'story.txt' })).blob?.text ?? '';
    expect([text.includes('line fifty'), text.includes('line three')]).toEqual([true, false]);
    expect((await repo.proposal.get(number)).declined).toContainEqual(expect.objectContaining({ path: 'extra.txt', reason: 'just the end' }));
    expect(faults).toEqual([]);
  });

  it('settles a conflict by taking a side of each hunk, which somebody else has to approve', async () => {
    const { repo, number } = await proposed('page/conflict');
    await repo.checkpoint.create({ branch: 'main', message: 'Another way', changes: [{ edit: { path: 'story.txt', replace: [{ find: 'line 3\n', with: 'line III\n' }] } }] });
    await signedIn();
    await openNewest();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.locator('.state.approved').waitFor();
    await page.getByRole('button', { name: 'The proposal has' }).click();
    await page.getByRole('button', { name: 'Merge with 1 resolution' }).click();
    await page.getByText('became a new revision').waitFor();
    await page.getByText('approval of an earlier revision no longer counts').waitFor();
    const ben = await new Weir({ url, key: await gateway.createKey({ name: 'ben', actor: 'ben' }) }).repo(repo.id);
    const head = (await ben.proposal.get(number)).head?.oid ?? '';
    await ben.proposal.review({ number, verdict: 'APPROVE', head });
    await page.locator('.state.approved').waitFor();
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.locator('.state.merged').waitFor();
    expect((await repo.file({ path: 'story.txt' })).blob?.text).toContain('line three\n');
  });

  it('colours a diff beside its own thread, readably in light, dark and narrow', async () => {
    const repo = await agent.createRepo({ name: 'page/colours', files: [{ path: 'greet.ts', text: '// says hello\nexport function greet(name: string): string {\n  return `Hello ${name}`;\n}\n' }] });
    await repo.branch.create({ name: 'session/1' });
    await repo.checkpoint.create({ branch: 'session/1', message: 'Be kind', changes: [{ write: { path: 'greet.ts', text: '// says more\nexport function greet(name: string, times = 2): string {\n  return `Dear ${name}, ${times}`;\n}\nclass Greeter extends Map<string, number> {}\n' } }] });
    await repo.proposal.open({ source: 'session/1', title: 'Colours' });
    await signedIn();
    await page.getByRole('link', { name: 'Colours' }).click();
    await page.locator('tr.added .ink-keyword').first().waitFor();
    expect(await page.locator('tr.deleted .ink-comment').first().textContent()).toBe('// says ');
    for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['dark', 390]] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await accessible();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    expect(faults).toEqual([]);
  });

  it('holds few of the rows of 5,000 files and 20,000 lines at once, and comes to each of them', async () => {
    const repo = await agent.createRepo({ name: 'page/large', files: [{ path: 'README.md', text: 'large\n' }] });
    await repo.branch.create({ name: 'session/1' });
    const many = Array.from({ length: 5_000 }, (_, index) => ({ write: { path: `many/${String(index).padStart(4, '0')}.txt`, text: `file ${index}\n` } }));
    const long = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    for (let at = 0; at < many.length; at += 1_000) await repo.checkpoint.create({ branch: 'session/1', message: 'Many', changes: many.slice(at, at + 1_000) });
    await repo.checkpoint.create({ branch: 'session/1', message: 'Long', changes: [{ write: { path: 'long.txt', text: long } }] });
    await repo.proposal.open({ source: 'session/1', title: 'Large' });
    await signedIn();
    await page.getByRole('link', { name: 'Large' }).click();
    await page.getByText('+line 0', { exact: true }).waitFor();
    await page.getByText('5001 files, 0 viewed').waitFor();
    const nodes = (): Promise<number> => page.evaluate('document.querySelectorAll("*").length');
    await page.evaluate("(() => { const file = document.querySelector('[data-path=\"long.txt\"]'); scrollTo(0, file.offsetTop + 15000 * 21); })()");
    await page.getByText(/^\+line 1[45]\d\d\d$/u).first().waitFor();
    expect(await nodes()).toBeLessThan(9_000);
    await page.locator('.tree').evaluate((tree) => { tree.scrollTop = tree.scrollHeight; });
    await page.getByRole('button', { name: 'many/4999.txt' }).first().click();
    await page.getByText('+file 4999', { exact: true }).waitFor();
    expect(await nodes()).toBeLessThan(9_000);
    await page.locator('[data-path="many/4999.txt"] .fold').focus();
    await page.keyboard.press('k');
    await page.locator('[data-path="many/4998.txt"] .fold:focus').waitFor();
    expect(faults).toEqual([]);
  });

  it('undoes and redoes on the timeline, each shown before it is done', async () => {
    const { repo } = await proposed('page/timeline');
    await repo.checkpoint.create({ branch: 'session/1', message: 'One more', changes: [{ write: { path: 'late.txt', text: 'late\n' } }] });
    await signedIn();
    await page.getByRole('link', { name: 'Repositories' }).click();
    await page.getByRole('link', { name: 'page/timeline' }).click();
    await page.getByRole('link', { name: 'session/1' }).click();
    await page.getByRole('button', { name: 'Undo…' }).click();
    await page.getByRole('dialog').getByText('late.txt').first().waitFor();
    await page.getByRole('button', { name: 'Undo the last checkpoint' }).click();
    await page.locator('.timeline .undone').first().waitFor();
    await accessible();
    await page.getByRole('button', { name: 'Redo…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redo' }).click();
    await page.locator('.timeline li.undone').first().waitFor({ state: 'detached' });
    expect((await repo.file({ rev: 'session/1', path: 'late.txt' })).blob?.text).toBe('late\n');
    expect(faults).toEqual([]);
  });

  it('is used by the keyboard alone', async () => {
    const { repo, number } = await proposed('page/keys');
    await signedIn();
    await page.getByRole('link', { name: 'Words for digits' }).first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByText('line three').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await page.locator('table.split').first().waitFor();
    await page.keyboard.press('r');
    await page.keyboard.type('say more');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.state.changes_requested').waitFor();
    expect((await repo.proposal.get(number)).state).toBe('CHANGES_REQUESTED');
  });
});
