import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ImportRounds } from '../../src/operations/import/import-rounds.js';
import { dyingProcess, type DyingProcess } from '../support/dying-process.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { serveHttpBackend, type HttpBackend } from '../support/http-backend.js';

let backend: HttpBackend;
let client: GitClient;
let gateway: TestGateway;
let dying: DyingProcess;

/** The last one before the repository is there; with WEIR_TEST_RUNS also the one behind the fetch, and those at which its pack is taken over. */
const POINTS = process.env['WEIR_TEST_RUNS'] === undefined ? ['operation.before-commit'] : ['import.fetched', 'pack.written', 'operation.objects-durable', 'operation.applied', 'operation.before-commit'];

/** Works on imports until it is killed; its lease ends soon after. */
const WORK = `
const { ImportRounds } = await import('./operations/import/import-rounds.js');
new ImportRounds(app.gateway, { atOnce: 1, lookMs: 20, leaseMs: 200 }).start();
setTimeout(() => process.exit(1), 20_000);
await new Promise(() => undefined);
`;

beforeAll(async () => {
  client = gitClient();
  await client.git('init', '-q', '-b', 'trunk', 'work');
  for (const text of ['1', '2']) await client.git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', text);
  await client.git('-C', 'work', 'branch', 'side', 'HEAD~1');
  await client.git('clone', '-q', '--bare', 'work', 'theirs.git');
  backend = await serveHttpBackend(client.directory);
  const settings = { WEIR_IMPORT_HTTP: 'on', WEIR_IMPORT_NETWORKS: '127.0.0.0/8', WEIR_IMPORT_HOSTS: new URL(backend.url).host };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  gateway = await startGateway({ settings });
  dying = dyingProcess({ gateway: () => gateway.app }, WORK);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await dying.close();
  await gateway.close();
  await backend.close();
  client.remove();
});

const SEEN = 'query ($id: ID!, $name: String!) { node(id: $id) { ... on ImportJob { state repo { name } problem { message } } } repo(name: $name) { name } repos(first: 100) { nodes { name } } }';

describe('an import whose gateway is killed', () => {
  it.each(POINTS.map((point) => [point]))('at %s leaves nothing to be seen and the name free, and another gateway brings it to its end', async (point) => {
    const [name, taken] = [`killed/${point}`, `killed/${point}-taken`];
    const ask = async (wanted: string): Promise<string> => (await gateway.data('mutation ($input: ImportRepoInput!) { importRepo(input: $input) { ... on ImportRepoSuccess { job { id } } } }', { input: { name: wanted, url: `${backend.url}/theirs.git` } })).importRepo.job.id;
    const id = await ask(name);
    const seen = (): Promise<Json> => gateway.data(SEEN, { id, name });
    const before = (await seen()).repos.nodes;
    expect(await dying.run(point, 1)).toBe('SIGKILL');
    expect(await seen()).toEqual({ node: { state: 'RUNNING', repo: null, problem: null }, repo: null, repos: { nodes: before } });

    // Somebody takes a name meanwhile: that import fails with a sentence, and the other ends as if nothing had been.
    const late = await ask(taken);
    expect((await gateway.data('mutation ($name: String!) { createRepo(input: { name: $name }) { __typename } }', { name: taken })).createRepo.__typename).toBe('CreateRepoSuccess');
    const rounds = new ImportRounds(gateway.app.gateway, { atOnce: 2, lookMs: 20 });
    rounds.start();
    await expect.poll(async () => (await seen()).node.state, { timeout: 20_000, interval: 20 }).not.toBe('RUNNING');
    const lateJob = async (): Promise<Json> => (await gateway.data(SEEN, { id: late, name: taken })).node;
    await expect.poll(async () => (await lateJob()).state, { timeout: 20_000, interval: 20 }).not.toBe('RUNNING');
    await rounds.close();
    expect(await seen()).toMatchObject({ node: { state: 'DONE', repo: { name }, problem: null }, repo: { name } });
    expect(await lateJob()).toMatchObject({ state: 'FAILED', repo: null, problem: { message: expect.stringContaining(taken) } });

    const back = `back-${point}.git`;
    await client.git('clone', '-q', '--mirror', await cloneUrl(gateway, name), back);
    expect(await client.git('-C', back, 'show-ref')).toBe(await client.git('-C', join(client.directory, 'theirs.git'), 'show-ref'));
    await client.git('-C', back, 'fsck', '--full', '--strict');
  });
});
