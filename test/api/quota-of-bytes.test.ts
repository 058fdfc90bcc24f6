import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { historyBundle } from '../support/history-bundle.js';
import { openOperations, problemOf, type OperationsFixture } from '../support/operations.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let names = 0;

const KIB = 1024;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MAX_REPO_SIZE: `${64 * KIB}` } });
});
afterAll(() => gateway.close());

const PROBLEM = '__typename ... on Problem { message hint } ... on LimitExceeded { limit maximum requested } ... on InvalidInput { field rule }';

async function call(verb: string, input: Readonly<Record<string, unknown>>): Promise<Json> {
  const name = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  return (await gateway.data(`mutation ($input: ${name}Input!) { ${verb}(input: $input) { ${PROBLEM} } }`, { input }))[verb];
}

/** A file that no compression makes smaller. */
function dense(path: string, bytes: number) {
  return { path, base64: randomBytes(bytes).toString('base64') };
}

async function made(repoBytes?: number): Promise<string> {
  const name = `bytes-${names++}`;
  const settings = repoBytes === undefined ? {} : { settings: { limits: { repoBytes } } };
  expect(await call('createRepo', { name, files: [{ path: 'a.txt', text: 'a\n' }], ...settings })).toMatchObject({ __typename: 'CreateRepoSuccess' });
  return name;
}

/** What the repository takes, and the files of its packs. */
async function held(repo: string): Promise<{ readonly packBytes: number; readonly used: number; readonly maximum: number; readonly files: readonly string[] }> {
  const data = await gateway.data('query ($repo: String!) { repo(name: $repo) { usage { packBytes quotas { limit used maximum } } } }', { repo });
  const { packBytes, quotas } = data.repo.usage;
  const { used, maximum } = quotas.find(({ limit }: Json) => limit === 'repoBytes');
  const record = await gateway.app.storage.reader().repoByName(repo);
  const { directory } = await gateway.app.storage.packsOf(record?.id ?? 0);
  return { packBytes, used, maximum, files: (await readdir(directory)).sort() };
}

const checkpoint = (repo: string, write: Readonly<Record<string, unknown>>, branch = 'main') => call('createCheckpoint', { repo, branch, message: 'Work', changes: [{ write }] });

function upload(repo: string, bytes: number): Promise<Response> {
  return gateway.fetch(`/blobs/${repo}`, { method: 'POST', body: randomBytes(bytes) });
}

async function sizes(directory: string, packs: readonly string[]): Promise<readonly number[]> {
  return Promise.all(packs.map(async (name) => (await stat(join(directory, `${name}.pack`))).size));
}

describe('repoBytes', () => {
  it('is told by the server and shown beside what the packs take, the narrower of the server’s and the repository’s', async () => {
    const { server } = await gateway.data('{ server { limits { name value } } }');
    expect(server.limits).toContainEqual({ name: 'repoBytes', value: 64 * KIB });
    const wide = await held(await made());
    expect(wide).toMatchObject({ used: wide.packBytes, maximum: 64 * KIB });
    expect(await held(await made(9 * KIB))).toMatchObject({ maximum: 9 * KIB });
    expect(await call('createRepo', { name: 'never', settings: { limits: { repoBytes: 64 * KIB + 1 } } })).toMatchObject({ __typename: 'InvalidInput', field: 'settings.limits.repoBytes', rule: 'limits/wider' });
  });

  it('refuses a checkpoint, a merge, a restore and an upload that do not fit, with the numbers, before a byte is written', async () => {
    const repo = await made(20 * KIB);
    await checkpoint(repo, dense('b', 4 * KIB));
    await call('createBranch', { repo, name: 'side' });
    await checkpoint(repo, { path: 'c', text: 'c' }, 'side');
    await checkpoint(repo, { path: 'd', text: 'd' });
    const full = await held(repo);
    const limits = { limits: { repoBytes: full.packBytes + 64 } };
    expect(await call('updateRepo', { repo, settings: limits })).toMatchObject({ __typename: 'UpdateRepoSuccess' });
    const refusals = [
      await checkpoint(repo, dense('e', 4 * KIB)),
      await call('mergeBranch', { repo, from: 'side', into: 'main' }),
      await call('restore', { repo, branch: 'main', to: 'checkpoint:1@main', message: 'Back' }),
    ];
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ __typename: 'LimitExceeded', limit: 'repoBytes', maximum: full.packBytes + 64, hint: expect.stringMatching(/Take away what is not needed/u) });
      expect(refusal.requested).toBeGreaterThan(full.packBytes + 64);
    }
    const response = await upload(repo, 4 * KIB);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ message: expect.stringContaining('"repoBytes"'), extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(await held(repo)).toEqual({ ...full, maximum: full.packBytes + 64 });
  });

  it('lets what writes nothing through a repository that is over its limit', async () => {
    const repo = await made();
    await checkpoint(repo, dense('b', 8 * KIB));
    await call('updateRepo', { repo, settings: { limits: { repoBytes: 1 } } });
    expect(await call('undo', { repo, branch: 'main' })).toMatchObject({ __typename: 'UndoSuccess' });
    expect(await call('redo', { repo, branch: 'main' })).toMatchObject({ __typename: 'RedoSuccess' });
    expect(await call('createBranch', { repo, name: 'more' })).toMatchObject({ __typename: 'CreateBranchSuccess' });
  });

  it('counts those of a new repository’s first files', async () => {
    expect(await call('createRepo', { name: 'never', files: [dense('a', 2 * KIB)], settings: { limits: { repoBytes: KIB } } })).toMatchObject({ __typename: 'LimitExceeded', limit: 'repoBytes', maximum: KIB });
  });

  it('is kept by writers at once: the packs that are live never pass it, and are what is counted', async () => {
    const repo = await made(30 * KIB);
    for (const name of ['p', 'q', 'r', 's', 't', 'u']) await call('createBranch', { repo, name });
    const outcomes = await Promise.all(['p', 'q', 'r', 's', 't', 'u'].flatMap((name) => [checkpoint(repo, dense(name, 8 * KIB), name), upload(repo, 8 * KIB)]));
    const passed = outcomes.filter((outcome) => (outcome instanceof Response ? outcome.ok : outcome.__typename === 'CreateCheckpointSuccess'));
    expect(passed).toHaveLength(3);
    const { used, maximum } = await held(repo);
    expect(used).toBeLessThanOrEqual(maximum);
    const record = await gateway.app.storage.reader().repoByName(repo);
    const { directory, names: live } = await gateway.app.storage.packsOf(record?.id ?? 0);
    expect(used).toBe((await sizes(directory, live)).reduce((sum, size) => sum + size, 0));
  });
});

describe('an import', () => {
  let fixture: OperationsFixture;
  beforeAll(async () => {
    fixture = await openOperations({ settings: { WEIR_MAX_REPO_SIZE: `${64 * KIB}` } });
  });
  afterAll(() => fixture.close());

  it('of a history that is larger than repoBytes is refused, and takes no name', async () => {
    const outcome = await importRepo(fixture.as('operator', { scopes: ['ADMIN'] }), { name: 'large', source: await fixture.app.openImport(historyBundle('express')) });
    expect(problemOf(outcome)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'repoBytes', maximum: 64 * KIB });
    expect(await fixture.app.storage.reader().repoByName('large')).toBeNull();
  });
});
