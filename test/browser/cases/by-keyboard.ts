import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { accessible, type PageRoom } from '../page-room.js';

/** Presses Tab until what matches has the focus; a page of more than so many stops on the way would be no page for the keyboard. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed++) {
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  expect.unreachable(`Tab does not lead to ${selector}`);
}

/** Nothing here points, clicks or sets a focus: keys alone. */
export function byKeyboard(room: () => PageRoom): void {
  it('signs in, finds a proposal, reads it, says what should change, approves and merges it', async () => {
    const { history } = room();
    const { number, extra, story } = await room().proposed('keys');
    const page = await room().blank();
    await page.goto(room().url);
    await tabTo(page, 'input[name=key]');
    await page.keyboard.type(room().ada);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Words for digits: keys' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByText('line three').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await accessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('s');
    await page.locator('table.split').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.locator(`[data-path="${story}"] .fold:focus`).waitFor();
    await page.keyboard.press('v');
    await page.getByText('2 files, 1 viewed').waitFor();
    await page.keyboard.press('v');
    await tabTo(page, '.comment');
    await page.keyboard.press('Enter');
    await page.locator('textarea[name=body]:focus').waitFor();
    await page.keyboard.type('Why so?');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('tr.below').getByText('Why so?').waitFor();
    await page.keyboard.press('r');
    await page.keyboard.type('say more');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.state.changes_requested').waitFor();
    expect((await history.proposal.get(number)).state).toBe('CHANGES_REQUESTED');
    await page.keyboard.press('a');
    await page.locator('.state.approved').waitFor();
    await page.keyboard.press('m');
    await page.locator('.state.merged').waitFor();
    expect(await room().landed(extra)).toBe('more\n');
    await page.keyboard.press('i');
    await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  });
}
