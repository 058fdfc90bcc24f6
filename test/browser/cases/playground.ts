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
    // GraphiQL takes over the text of a tab only once its editor is ready, and what is to run a moment later: until both are there, once more.
    const subscribed = async (): Promise<boolean> => {
      for (const name of ['Undo', 'Inbox']) await page.getByRole('tab', { name, exact: true }).click();
      const text = await page.locator('.graphiql-query-editor .view-lines').textContent();
      if (!text?.includes('proposalOpened')) return false;
      await page.getByRole('button', { name: /execute/iu }).click();
      return await page.getByRole('button', { name: /stop/iu }).waitFor({ timeout: 5_000 }).then(() => true, () => false);
    };
    await expect.poll(subscribed, { timeout: 80_000, interval: 500 }).toBe(true);
    const { title } = await room().proposed('played', repo);
    await page.locator('.result-window').getByText(title).waitFor();
    expect(await page.locator('.result-window').textContent()).toContain('proposalOpened');
  });
}
