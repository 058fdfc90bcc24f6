import { expect, it } from 'vitest';
import { accessible, type PageRoom } from '../page-room.js';

/** What there is to see: large, coloured, in the dark and on narrow screens. */
export function reading(room: () => PageRoom): void {
  it('refuses a wrong key in the words of the API, and keeps a good one for the tab', async () => {
    const page = await room().blank();
    await page.goto(room().url);
    await accessible(page);
    await page.getByLabel('API key').fill(room().ada);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    expect(room().faults).toEqual([]);
    await page.getByLabel('API key').fill('weir_wrong');
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByRole('alert').waitFor();
    await accessible(page);
    expect(room().faults.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  it('colours a diff beside its own thread', async () => {
    const { history } = room();
    await history.branch.create({ name: 'session/colours' });
    await history.checkpoint.create({ branch: 'session/colours', message: 'Begin', changes: [{ write: { path: 'greet.ts', text: '// says hello\nexport function greet(name: string): string {\n  return `Hello ${name}`;\n}\n' } }] });
    await history.branch.create({ name: 'session/kinder', from: 'session/colours' });
    await history.checkpoint.create({ branch: 'session/kinder', message: 'Be kind', changes: [{ write: { path: 'greet.ts', text: '// says more\nexport function greet(name: string, times = 2): string {\n  return `Dear ${name}, ${times}`;\n}\nclass Greeter extends Map<string, number> {}\n' } }] });
    const { number } = await history.proposal.open({ source: 'session/kinder', target: 'session/colours', title: 'Colours' });
    const page = await room().page(room().at('proposal', number));
    await page.locator('tr.added .ink-keyword').first().waitFor();
    expect(await page.locator('tr.deleted .ink-comment').first().textContent()).toBe('// says ');
  });

  it('is open to everybody (WCAG AA) in every view, in light, in the dark and on a narrow screen', async () => {
    const { history } = room();
    const { number, branch, story } = await room().proposed('views');
    await history.checkpoint.create({ branch: history.facts.defaultBranchName, message: 'Another way', changes: [{ edit: { path: story, replace: [{ find: 'line 3\n', with: 'line III\n' }] } }] });
    await history.proposal.comment({ number, body: 'Is it?', path: story, side: 'NEW', line: 4 });
    const views = [
      ['#/inbox', '.proposals a.title'],
      ['#/repos', '.proposals a.title'],
      [room().at('proposal', number), '.thread'],
      [room().at('timeline', branch), '.timeline .current'],
      [room().at('branches'), 'tbody tr'],
      [room().at('activity'), 'svg.bars'],
    ] as const;
    const page = await room().page();
    for (const [hash, awaited] of views) {
      await page.goto(`${room().url}/${hash}`);
      await page.locator(awaited).first().waitFor();
      for (const [colorScheme, width] of [['light', 1280], ['dark', 390]] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        await accessible(page);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${hash} at ${width}`).toBe(true);
      }
    }
  });

  it('shows what happens in a repository as it happens, and how long callers waited', async () => {
    const { history } = room();
    const page = await room().page(room().at('activity'));
    await page.getByText('live', { exact: true }).waitFor();
    const rows = page.locator('section', { hasText: 'Latest operations' }).locator('tbody tr');
    await history.branch.create({ name: 'session/seen' });
    await rows.filter({ hasText: 'session/seen' }).filter({ hasText: ' ms' }).waitFor();
    expect(await rows.first().textContent()).toMatch(/^\d+ create branchagentsession\/seen[\d.]+ msjust now$/u);
    const chart = page.getByRole('img', { name: /^How long the latest \d+ operations took; the longest [\d.]+ ms$/u });
    expect(await chart.getAttribute('aria-label')).toContain(`the latest ${await chart.locator('rect').count()} operations`);
    const waited = page.locator('section', { hasText: 'What callers waited' }).locator('tbody tr', { hasText: 'create branch' });
    expect(await waited.locator('td').allTextContents()).toEqual(['create branch', expect.stringMatching(/^\d+$/u), ...Array.from({ length: 3 }, () => expect.stringMatching(/^[\d.]+ ms$/u)), '']);
  });

  it('holds few of the rows of 5,000 files and 20,000 lines at once, and comes to each of them', async () => {
    const { history } = room();
    await history.branch.create({ name: 'session/large' });
    const many = Array.from({ length: 5_000 }, (_, index) => ({ write: { path: `many/${String(index).padStart(4, '0')}.txt`, text: `file ${index}\n` } }));
    const long = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join('');
    await history.checkpoint.create({ branch: 'session/large', message: 'Much', changes: [...many, { write: { path: 'long.txt', text: long } }] });
    const { number } = await history.proposal.open({ source: 'session/large', title: 'Large' });
    const page = await room().page(room().at('proposal', number));
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
  });
}
