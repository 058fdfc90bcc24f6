import { expect, it } from 'vitest';
import type { PageRoom } from '../page-room.js';

/** The playground, as somebody uses it who has only a key. */
export function playground(room: () => PageRoom): void {
  it('has the key of its tab and the operations of each story, and shows the events of a subscription as they happen', { timeout: 120_000 }, async () => {
    // The repository that the operations are about.
    const repo = await room().agent.createRepo({ name: 'demo/site' });
    const page = await room().blank();
    await page.addInitScript(`sessionStorage.setItem('weir.key', ${JSON.stringify(room().ada)})`);
    await page.goto(`${room().url}/graphiql`);
    const chosen = async (): Promise<string | null> => {
      for (const name of ['Undo', 'Inbox']) await page.getByRole('tab', { name, exact: true }).click();
      return page.locator('.graphiql-query-editor .view-lines').textContent();
    };
    // Until its editor is ready GraphiQL keeps the text of the first tab, whichever is chosen.
    await expect.poll(chosen, { timeout: 60_000, interval: 500 }).toContain('proposalOpened');
    await page.getByRole('button', { name: /execute/iu }).click();
    await page.getByRole('button', { name: /stop/iu }).waitFor();
    const { title } = await room().proposed('played', repo);
    await page.locator('.result-window').getByText(title).waitFor();
    expect(await page.locator('.result-window').textContent()).toContain('proposalOpened');
  });
}
