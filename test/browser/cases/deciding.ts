import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Weir } from '../../../src/client/index.js';
import { accessible, type PageRoom } from '../page-room.js';

/** Leaves a mark on the page that goes when it is loaded anew. */
async function mark(page: Page): Promise<void> {
  await page.evaluate('globalThis.stayed = true');
}

async function isMarked(page: Page): Promise<boolean> {
  return page.evaluate('globalThis.stayed === true');
}

async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.locator('.state.approved').waitFor();
}

/** From a proposal to what became of it, on an imported history. */
export function deciding(room: () => PageRoom): void {
  it('shows a proposal the moment it is opened, what is said of it as it is said, and what it became, all without a reload', async () => {
    const { history } = room();
    const page = await room().page();
    await page.getByText('live', { exact: true }).waitFor();
    await mark(page);
    const { number, title, story, extra } = await room().proposed('flow');
    await page.getByRole('link', { name: title }).click();
    await page.getByText('line three').first().waitFor();
    expect(await page.locator('tr.added mark').first().textContent()).toBe('three');
    await page.locator(`[data-path="${story}"]`).getByRole('button', { name: 'Comment on line 4, after' }).click();
    await page.getByLabel('Comment', { exact: true }).fill('Better so?');
    await page.getByRole('button', { name: 'Say it' }).click();
    await page.locator('tr.below').getByText('Better so?').waitFor();
    await history.proposal.comment({ number, body: 'Much better', path: story, side: 'NEW', line: 4 });
    await page.locator('tr.below').getByText('Much better').waitFor();
    await approve(page);
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.locator('.state.merged').waitFor();
    expect(await room().landed(extra)).toBe('more\n');
    expect(await isMarked(page)).toBe(true);
  });

  it('accepts one hunk, seen before it is merged, and declines the rest with the reason', async () => {
    const { history } = room();
    const { number, story, extra } = await room().proposed('part');
    const page = await room().page(room().at('proposal', number));
    await approve(page);
    await page.getByRole('checkbox', { name: `Accept the hunk at line 48 of ${story}` }).check();
    await page.getByRole('button', { name: 'Preview' }).click();
    const preview = page.getByRole('dialog', { name: 'What the target would get' });
    await preview.getByText('line fifty').first().waitFor();
    expect([await preview.getByText('line three').count(), await preview.getByText(extra).count()]).toEqual([0, 0]);
    await accessible(page);
    await preview.getByRole('button', { name: 'Close' }).click();
    await preview.waitFor({ state: 'detached' });
    await page.getByLabel('Reason or remark').fill('just the end');
    await page.getByRole('button', { name: 'Merge 1 chosen, decline the rest' }).click();
    await page.locator('.state.merged').waitFor();
    const text = await room().landed(story);
    expect([text.includes('line fifty'), text.includes('line three')]).toEqual([true, false]);
    expect((await history.proposal.get(number)).declined).toContainEqual(expect.objectContaining({ path: extra, reason: 'just the end' }));
  });

  it('settles a conflict by taking a side of each hunk, seen before it is done, which somebody else has to approve', async () => {
    const { history } = room();
    const { number, story } = await room().proposed('conflict');
    await history.checkpoint.create({ branch: history.facts.defaultBranchName, message: 'Another way', changes: [{ edit: { path: story, replace: [{ find: 'line 3\n', with: 'line III\n' }] } }] });
    const page = await room().page(room().at('proposal', number));
    await approve(page);
    await page.getByRole('button', { name: 'The proposal has' }).click();
    await page.getByRole('button', { name: 'Preview' }).click();
    const preview = page.getByRole('dialog', { name: 'What the target would get' });
    await preview.locator('tr.deleted').getByText('line III').waitFor();
    await page.keyboard.press('Escape');
    await preview.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Merge with 1 resolution' }).click();
    await page.getByText('became a new revision').waitFor();
    await page.getByText('approval of an earlier revision no longer counts').waitFor();
    const ben = await new Weir({ url: room().url, key: await room().gateway.createKey({ name: 'ben', actor: 'ben' }) }).repo(history.id);
    await ben.proposal.review({ number, verdict: 'APPROVE', head: (await ben.proposal.get(number)).head?.oid ?? '' });
    await page.locator('.state.approved').waitFor();
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.locator('.state.merged').waitFor();
    expect(await room().landed(story)).toContain('line three\n');
  });

  it('undoes and redoes on the timeline, each shown before it is done', async () => {
    const { history } = room();
    const { branch } = await room().proposed('timeline');
    await history.checkpoint.create({ branch, message: 'One more', changes: [{ write: { path: 'late.txt', text: 'late\n' } }] });
    const page = await room().page(room().at('timeline', branch));
    await page.getByRole('button', { name: 'Undo…' }).click();
    await page.getByRole('dialog').getByText('late.txt').first().waitFor();
    await accessible(page);
    await page.getByRole('button', { name: 'Undo the last checkpoint' }).click();
    await page.locator('.timeline .undone').first().waitFor();
    await expect(history.file({ rev: branch, path: 'late.txt' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await page.getByRole('button', { name: 'Redo…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redo' }).click();
    await page.locator('.timeline li.undone').first().waitFor({ state: 'detached' });
    expect((await history.file({ rev: branch, path: 'late.txt' })).blob?.text).toBe('late\n');
    await page.locator('.timeline li').filter({ hasText: 'Tell it better' }).getByRole('button', { name: 'Restore…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Restore checkpoint/u }).click();
    await page.locator('.timeline li.current').filter({ hasText: /restore/iu }).waitFor();
    await expect(history.file({ rev: branch, path: 'late.txt' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('misses nothing of what happens while the gateway is restarted', async () => {
    const inbox = await room().page();
    const { number, title, story } = await room().proposed('before');
    await inbox.getByRole('link', { name: title }).waitFor();
    const proposal = await room().page(room().at('proposal', number));
    const pages = [inbox, proposal];
    for (const page of pages) {
      await page.getByText('live', { exact: true }).waitFor();
      await mark(page);
    }
    const { beside, listen } = await room().restarting();
    for (const page of pages) await page.getByText('connecting…', { exact: true }).waitFor();
    const agent = new Weir({ url: 'http://gateway.test', key: room().agentKey, fetch: (input, init) => beside.fetch(new URL(String(input)).pathname, init) });
    const repo = await agent.repo(room().history.id);
    const later = await room().proposed('meanwhile', repo);
    await repo.proposal.comment({ number, body: 'Said in between', path: story, side: 'NEW', line: 4 });
    await listen();
    await inbox.getByRole('link', { name: later.title }).waitFor();
    await proposal.locator('tr.below').getByText('Said in between').waitFor();
    for (const page of pages) {
      await page.getByText('live', { exact: true }).waitFor();
      expect(await isMarked(page)).toBe(true);
    }
    // What is asked for while nobody answers is no fault of the page.
    room().faults = room().faults.filter((said) => !said.includes('ERR_CONNECTION_REFUSED') && !said.includes('ERR_INCOMPLETE_CHUNKED_ENCODING'));
  });
}
