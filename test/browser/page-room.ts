import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Listening } from '../../src/cli/listen.js';
import { Weir, type Repo } from '../../src/client/index.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { startGateway, type GatewayBeside, type GatewayOptions, type TestGateway } from '../support/gateway.js';
import { historyBundle } from '../support/history-bundle.js';
import { receiptOf, requestBy } from '../support/operations.js';
import { openBrowser, type TestBrowser } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A step waits for what it names, at most this long, in milliseconds: a machine with two busy cores is slow. */
const WAIT = 20_000;

/** A proposal in the imported repository. */
interface Proposed {
  readonly number: number;
  readonly title: string;
  readonly branch: string;
  /** The file that is changed on lines 4 and 51 of 60, and the one that is new. */
  readonly story: string;
  readonly extra: string;
}

/** A browser, a gateway with an imported history, an agent who proposes and a reviewer who looks at pages. */
export class PageRoom {
  readonly gateway: TestGateway;
  readonly browser: TestBrowser;
  readonly url: string;
  readonly agentKey: string;
  readonly agent: Weir;
  /** The key of the reviewer. */
  readonly ada: string;
  /** The imported repository, as the agent has it. */
  readonly history: Repo;
  /** What pages said on their consoles or threw since the last test. */
  faults: string[] = [];
  readonly #besides: GatewayBeside[] = [];
  readonly #pages: Page[] = [];
  #listening: Promise<Listening>;

  private constructor(parts: Pick<PageRoom, 'gateway' | 'browser' | 'url' | 'agentKey' | 'agent' | 'ada' | 'history'>) {
    ({ gateway: this.gateway, browser: this.browser, url: this.url, agentKey: this.agentKey, agent: this.agent, ada: this.ada, history: this.history } = parts);
    this.#listening = this.gateway.listen();
  }

  static async open(options: GatewayOptions = {}): Promise<PageRoom> {
    const [gateway, browser] = await Promise.all([startGateway(options), openBrowser()]);
    const { url } = await gateway.listen();
    const source = await gateway.app.openImport(historyBundle('flask'));
    receiptOf(await importRepo(requestBy(gateway.app, 'operator', { scopes: ['ADMIN'] }), { name: 'history/flask', source }));
    const agentKey = await gateway.createKey({ name: 'agent', actor: 'agent' });
    const agent = new Weir({ url, key: agentKey });
    const ada = await gateway.createKey({ name: 'ada', actor: 'ada', scopes: ['READ', 'WRITE', 'REVIEW', 'MERGE', 'PROPOSE', 'AUDIT'] });
    return new PageRoom({ gateway, browser, url, agentKey, agent, ada, history: await agent.repo('history/flask') });
  }

  /** A page with the reviewer's key, as a tab has it that was signed in before. */
  async page(hash = '#/inbox'): Promise<Page> {
    const page = await this.blank();
    await page.addInitScript(`sessionStorage.setItem('weir.key', ${JSON.stringify(this.ada)})`);
    await page.goto(`${this.url}/${hash}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  /** A page that has been nowhere yet. */
  async blank(): Promise<Page> {
    const page = await this.browser.context.newPage();
    this.#pages.push(page);
    page.setDefaultTimeout(WAIT);
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.faults.push(message.text()));
    return page;
  }

  /** Closes the pages of a test, which must have said nothing wrong. */
  async closePages(): Promise<void> {
    const pages = this.#pages.splice(0);
    await Promise.all(pages.map((page) => page.close()));
    const faults = this.faults.splice(0);
    if (faults.length > 0) throw new TypeError(`a page complained: ${faults.join('; ')}`);
  }

  /** The address of a view of the imported repository. */
  at(view: 'proposal' | 'timeline' | 'branches' | 'activity', rest?: string | number): string {
    return `#/${view}/${encodeURIComponent(this.history.name)}${rest === undefined ? '' : `/${encodeURIComponent(rest)}`}`;
  }

  /** A proposal of the agent, by `name`: one file changed in two places, one added. */
  async proposed(name: string, repo = this.history): Promise<Proposed> {
    const [story, extra, branch, title] = [`stories/${name}.txt`, `stories/${name}-extra.txt`, `session/${name}`, `Words for digits: ${name}`];
    const lines = Array.from({ length: 60 }, (_, line) => `line ${line}\n`);
    await repo.checkpoint.create({ branch: repo.facts.defaultBranchName, message: 'Begin a story', changes: [{ write: { path: story, text: lines.join('') } }] });
    await repo.branch.create({ name: branch });
    const text = lines.with(3, 'line three\n').with(50, 'line fifty\n').join('');
    await repo.checkpoint.create({ branch, message: 'Tell it better', prompt: 'words, not digits', changes: [{ write: { path: story, text } }, { write: { path: extra, text: 'more\n' } }] });
    return { number: (await repo.proposal.open({ source: branch, title })).number, title, branch, story, extra };
  }

  /** What a file says where work arrives. */
  async landed(path: string): Promise<string> {
    return (await this.history.file({ path })).blob?.text ?? '';
  }

  /** Stops the gateway; answers another over the same data that listens nowhere yet, and what makes it listen where the first did. */
  async restarting(): Promise<{ readonly beside: GatewayBeside; listen(): Promise<void> }> {
    const beside = await this.gateway.beside();
    this.#besides.push(beside);
    await (await this.#listening).drain(2_000);
    return {
      beside,
      listen: async () => {
        this.#listening = beside.listen(Number(new URL(this.url).port));
        await this.#listening;
      },
    };
  }

  async close(): Promise<void> {
    await this.browser.close();
    for (const beside of this.#besides) await beside.close();
    await this.gateway.close();
  }
}

/** The rules of WCAG A and AA that axe knows, on the page as it stands. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(`window.axe ?? (() => { ${AXE} })()`);
  const violations: unknown = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))');
  expect(violations).toEqual([]);
}
