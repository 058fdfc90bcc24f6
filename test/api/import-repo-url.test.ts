import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseKey } from '../../src/auth/key-format.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { ImportRounds } from '../../src/operations/import/import-rounds.js';
import { RetentionRounds } from '../../src/operations/retention/retention-rounds.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { serveHttpBackend, type HttpBackend } from '../support/http-backend.js';

let backend: HttpBackend;
let client: GitClient;
let gateway: TestGateway;
let rounds: ImportRounds;
/** Requests that are never answered. */
const held: IncomingMessage[] = [];

const SETTINGS = { WEIR_IMPORT_HTTP: 'on', WEIR_IMPORT_NETWORKS: '127.0.0.0/8' } as const;

beforeAll(async () => {
  client = gitClient();
  const work = join(client.directory, 'work');
  await client.git('init', '-q', '-b', 'trunk', work);
  for (const text of ['1', '2', '3']) {
    writeFileSync(join(work, 'file.txt'), `${text}\n`);
    await client.git('-C', work, 'add', '.');
    await client.git('-C', work, 'commit', '-q', '-m', text);
  }
  await client.git('-C', work, 'branch', 'side', 'HEAD~1');
  await client.git('-C', work, 'tag', '-a', 'v1', '-m', 'first');
  await client.git('clone', '-q', '--bare', work, 'theirs.git');
  await client.git('init', '-q', '--bare', 'empty.git');
  backend = await serveHttpBackend(client.directory, {
    instead(request, response) {
      if (request.url?.startsWith('/moved.git') === true) response.writeHead(302, { location: `/theirs.git${request.url.slice('/moved.git'.length)}` }).end();
      else if (request.url?.startsWith('/locked.git') === true) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else if (request.url?.startsWith('/page.git') === true) response.end('<html>hello</html>');
      else if (request.url?.startsWith('/slow.git') === true) held.push(request);
      else return false;
      return true;
    },
  });
  gateway = await startGateway({ settings: { ...SETTINGS, WEIR_IMPORT_HOSTS: new URL(backend.url).host } });
  rounds = new ImportRounds(gateway.app.gateway, { atOnce: 2, lookMs: 20 });
  rounds.start();
});
afterAll(async () => {
  await rounds.close();
  await gateway.close();
  await backend.close();
  client.remove();
});

const JOB = 'id state repoName url receivedBytes createdBy startedAt finishedAt repo { name defaultBranchName } problem { __typename code message hint }';
const IMPORT = `mutation ($input: ImportRepoInput!) { importRepo(input: $input) { __typename ... on ImportRepoSuccess { job { ${JOB} } operation { kind subject { __typename id } } } ... on Problem { code message hint } ... on InvalidInput { field rule } } }`;

async function asked(input: Record<string, unknown>, key?: string): Promise<Json> {
  return (await gateway.data(IMPORT, { input }, key)).importRepo;
}

async function jobOf(id: string): Promise<Json> {
  return (await gateway.data(`query ($id: ID!) { node(id: $id) { ... on ImportJob { ${JOB} } } }`, { id })).node;
}

/** The job once it has come to an end. */
async function ended(id: string): Promise<Json> {
  return expect.poll(async () => { const job = await jobOf(id); return job.state === 'RUNNING' ? null : job; }, { timeout: 20_000, interval: 20 }).not.toBeNull().then(() => jobOf(id));
}

describe('importRepo from an address', () => {
  it('brings every branch and tag, and says how it went', async () => {
    const { __typename, job, operation } = await asked({ name: 'team/theirs', url: `${backend.url}/theirs.git`, description: 'theirs' });
    expect(__typename).toBe('ImportRepoSuccess');
    expect(operation).toEqual({ kind: 'IMPORT_REPO', subject: { __typename: 'ImportJob', id: job.id } });
    expect(job).toMatchObject({ repoName: 'team/theirs', url: `${backend.url}/theirs.git`, createdBy: 'admin' });
    const done = await ended(job.id);
    expect(done).toMatchObject({ state: 'DONE', problem: null, repo: { name: 'team/theirs', defaultBranchName: 'trunk' } });
    expect(done.finishedAt).not.toBeNull();
    await client.git('clone', '-q', '--mirror', await cloneUrl(gateway, 'team/theirs'), 'back.git');
    const refs = await client.git('-C', 'theirs.git', 'show-ref');
    expect(await client.git('-C', 'back.git', 'show-ref')).toBe(refs);
    await client.git('-C', 'back.git', 'fsck', '--strict');
  });

  it.each([
    ['missing.git', /^There is no git repository at .*missing\.git that everybody may read\.$/u],
    ['moved.git', /answers with a redirect, which is not followed/u],
    ['locked.git', /asks for a password: only what everybody may read is imported\.$/u],
    ['page.git', /page\.git has no branch\.$/u],
    ['empty.git', /empty\.git has no branch\.$/u],
  ])('says why %s cannot be imported, and leaves nothing', async (path, sentence) => {
    const name = `failing/${path.replace('.git', '')}`;
    const { job } = await asked({ name, url: `${backend.url}/${path}` });
    const failed = await ended(job.id);
    expect(failed).toMatchObject({ state: 'FAILED', repo: null, problem: { __typename: 'InvalidInput', code: 'INVALID_INPUT' } });
    expect(failed.problem.message).toMatch(sentence);
    expect((await gateway.data('query ($name: String!) { repo(name: $name) { id } }', { name })).repo).toBeNull();
    expect(readdirSync(join(gateway.app.config.dataDir, 'runs')).filter((name) => name.includes('import'))).toEqual([]);
  });

  it('is called off in the middle, with the connection', async () => {
    const { job } = await asked({ name: 'team/slow', url: `${backend.url}/slow.git` });
    await expect.poll(() => held.length, { timeout: 10_000, interval: 20 }).toBe(1);
    const gone = new Promise((resolve) => held[0]?.socket.once('close', resolve));
    const cancel = 'mutation ($input: CancelImportInput!) { cancelImport(input: $input) { ... on CancelImportSuccess { job { state } operation { kind } } ... on InvalidState { code actualState } } }';
    expect((await gateway.data(cancel, { input: { id: job.id } })).cancelImport).toEqual({ job: { state: 'CANCELLED' }, operation: { kind: 'CANCEL_IMPORT' } });
    expect((await gateway.data(cancel, { input: { id: job.id } })).cancelImport).toEqual({ code: 'INVALID_STATE', actualState: 'CANCELLED' });
    await gone;
    expect(await jobOf(job.id)).toMatchObject({ state: 'CANCELLED', repo: null, problem: null });
  });

  it('goes on elsewhere when the gateway that worked on it was killed, and gives up after the third', async () => {
    const { imports } = gateway.app.storage;
    await rounds.close();
    const killed = async (times: number, name: string): Promise<string> => {
      const { job } = await asked({ name, url: `${backend.url}/theirs.git` });
      for (let time = 0; time < times; time++) await expect.poll(() => imports.take(`dead-${time}`, 20, 10), { interval: 10 }).not.toEqual([]);
      return job.id;
    };
    // In this order: each take is of all that wait.
    const [thrice, once] = [await killed(3, 'team/never'), await killed(1, 'team/again')];
    rounds = new ImportRounds(gateway.app.gateway, { atOnce: 2, lookMs: 20 });
    rounds.start();
    expect(await ended(once)).toMatchObject({ state: 'DONE', repo: { name: 'team/again' } });
    expect(await ended(thrice)).toMatchObject({ state: 'FAILED', repo: null, problem: { code: 'UNAVAILABLE', message: 'The import was interrupted 3 times, and is not tried again. Nothing was imported.' } });
  });

  it('makes nothing for a gateway that lost it meanwhile', async () => {
    const { app } = gateway;
    await rounds.close();
    const { job } = await asked({ name: 'team/lost', url: `${backend.url}/theirs.git` });
    await app.storage.imports.take('late', 1, 10);
    const key = await app.storage.liveKey(parseKey(gateway.adminKey)?.id ?? '');
    if (key === null) throw new TypeError('there is no admin key');
    const request = { gateway: app.gateway, viewer: { key, actor: key.actor, onBehalfOf: null }, reader: app.storage.reader(), requestId: 'late', signal: new AbortController().signal };
    const late = async () => importRepo(request, { name: 'team/lost', source: await app.openImport(join(client.directory, 'theirs.git')), job: { id: Number(job.id.split(':')[1]), owner: 'another' } });
    expect(await late()).toMatchObject({ ok: false, problem: { code: 'INVALID_STATE' } });
    expect((await gateway.data('{ repo(name: "team/lost") { id } }')).repo).toBeNull();
    rounds = new ImportRounds(app.gateway, { atOnce: 2, lookMs: 20 });
    rounds.start();
    expect(await ended(job.id)).toMatchObject({ state: 'DONE', repo: { name: 'team/lost' } });
  });

  it('stops with the gateway, and begins anew with the next', async () => {
    const before = held.length;
    const { job } = await asked({ name: 'team/stopped', url: `${backend.url}/slow.git` });
    await expect.poll(() => held.length, { timeout: 10_000, interval: 20 }).toBe(before + 1);
    await rounds.close();
    expect(await jobOf(job.id)).toMatchObject({ state: 'RUNNING' });
    rounds = new ImportRounds(gateway.app.gateway, { atOnce: 2, lookMs: 20 });
    rounds.start();
    await expect.poll(() => held.length, { timeout: 10_000, interval: 20 }).toBe(before + 2);
    await gateway.data('mutation ($input: CancelImportInput!) { cancelImport(input: $input) { __typename } }', { input: { id: job.id } });
  });

  it('ends with the key that asked for it', async () => {
    await rounds.close();
    const key = await gateway.createKey({ scopes: ['ADMIN'] });
    const { job } = await asked({ name: 'team/keyless', url: `${backend.url}/theirs.git` }, key);
    await gateway.data('mutation ($input: ApiKeyInput!) { revokeApiKey(input: $input) { __typename } }', { input: { id: parseKey(key)?.id } });
    rounds = new ImportRounds(gateway.app.gateway, { atOnce: 2, lookMs: 20 });
    rounds.start();
    expect(await ended(job.id)).toMatchObject({ state: 'FAILED', repo: null, problem: { __typename: 'InvalidState' } });
  });

  it.each([
    ['http://elsewhere.example.org/x.git', 'import-url/host'],
    ['https://127.0.0.1/x.git', 'import-url/host'],
    ['http://user:secret@elsewhere.example.org/x.git', 'import-url/credentials'],
    ['https://elsewhere.example.org/x.git?a=b', 'import-url/query'],
    ['ssh://elsewhere.example.org/x.git', 'import-url/malformed'],
    ['file:///etc', 'import-url/malformed'],
    ['/etc', 'import-url/malformed'],
    ['--upload-pack=touch /tmp/x', 'import-url/malformed'],
    ['ext::sh -c id', 'import-url/malformed'],
    ['https://elsewhere.example.org/a b', 'import-url/malformed'],
  ])('refuses %s at once', async (url, rule) => {
    expect(await asked({ name: 'team/refused', url })).toMatchObject({ __typename: 'InvalidInput', field: 'url', rule });
  });

  it('is for administrators, within their repositories, and so is what it says', async () => {
    const url = `${backend.url}/theirs.git`;
    expect(await asked({ name: 'team/mine', url }, await gateway.createKey())).toMatchObject({ code: 'FORBIDDEN' });
    const narrow = await gateway.createKey({ scopes: ['ADMIN'], repos: ['other/**'] });
    expect(await asked({ name: 'team/mine', url }, narrow)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await asked({ name: 'team/theirs', url })).toMatchObject({ code: 'NAME_TAKEN' });
    const { importJobs } = await gateway.data('{ importJobs(first: 100) { nodes { id repoName } } }');
    expect(importJobs.nodes.length).toBeGreaterThan(5);
    expect((await gateway.data('{ importJobs(first: 100) { nodes { id } } }', {}, narrow)).importJobs.nodes).toEqual([]);
    expect((await gateway.data('query ($id: ID!) { node(id: $id) { id } }', { id: importJobs.nodes[0].id }, narrow)).node).toBeNull();
    const cancel = 'mutation ($id: ID!) { cancelImport(input: { id: $id }) { __typename ... on Problem { code } } }';
    const answers = await Promise.all([narrow, await gateway.createKey({ scopes: ['ADMIN'], repos: ['team/**'] })].map((key) => gateway.data(cancel, { id: importJobs.nodes[0].id }, key)));
    expect(answers.map(({ cancelImport }) => cancelImport.code)).toEqual(['NOT_FOUND', 'INVALID_STATE']);
  });

  it('is forgotten when it has ended and its time is over, and not before', async () => {
    const jobs = async (): Promise<Json[]> => (await gateway.data('{ importJobs(first: 100) { nodes { id state repo { name } } } }')).importJobs.nodes;
    const { job } = await asked({ name: 'team/waiting', url: `${backend.url}/slow.git` });
    const before = await jobs();
    const round = (days: number): Promise<void> => new RetentionRounds({ ...gateway.app.gateway, now: () => new Date(Date.now() + days * 86_400_000) }, 3_600_000).round();
    await round(29);
    expect(await jobs()).toEqual(before);
    await round(31);
    expect((await jobs()).map(({ id, state }) => [id, state])).toEqual([[job.id, 'RUNNING']]);
    expect(before.length).toBeGreaterThan(5);
    expect(await jobOf(before.at(-1)?.id)).toBeNull();
    // What it made stays, and so does the row of the log.
    const { repo, operations } = await gateway.data('{ repo(name: "team/theirs") { name } operations(first: 100, filter: { kinds: [IMPORT_REPO] }) { nodes { subject { __typename id } } } }');
    expect(repo).toEqual({ name: 'team/theirs' });
    expect(operations.nodes.length).toBeGreaterThan(5);
    await gateway.data('mutation ($input: CancelImportInput!) { cancelImport(input: $input) { __typename } }', { input: { id: job.id } });
  });
});

describe('importRepo of more than the operator allows', () => {
  it('fails with the numbers, and leaves the name free', async () => {
    writeFileSync(join(client.directory, 'work', 'noise'), Buffer.from(Array.from({ length: 2_000 }, (_, at) => createHash('sha1').update(String(at)).digest('hex')).join('')));
    await client.git('-C', 'work', 'add', '.');
    await client.git('-C', 'work', 'commit', '-q', '-m', 'noise');
    await client.git('clone', '-q', '--bare', '--single-branch', '--no-tags', 'work', 'large.git');
    const small = await startGateway({ settings: { ...SETTINGS, WEIR_IMPORT_HOSTS: new URL(backend.url).host, WEIR_MAX_BRANCHES: '1', WEIR_MAX_REPO_SIZE: '10240' } });
    const working = new ImportRounds(small.app.gateway, { atOnce: 2, lookMs: 20 });
    working.start();
    const failed = async (name: string): Promise<Json> => {
      const { importRepo: { job } } = await small.data(IMPORT, { input: { name, url: `${backend.url}/${name}.git` } });
      const told = 'query ($id: ID!) { node(id: $id) { ... on ImportJob { state problem { message ... on LimitExceeded { limit maximum requested } } } } }';
      await expect.poll(async () => (await small.data(told, { id: job.id })).node.state, { timeout: 20_000, interval: 20 }).not.toBe('RUNNING');
      return (await small.data(told, { id: job.id })).node;
    };
    try {
      expect(await failed('theirs')).toMatchObject({ state: 'FAILED', problem: { limit: 'branchesPerRepo', maximum: 1, requested: 2 } });
      expect(await failed('large')).toMatchObject({ state: 'FAILED', problem: { message: `${backend.url}/large.git has more than 10240 bytes in its pack, which is the most that is imported (WEIR_MAX_PUSH, or WEIR_MAX_REPO_SIZE where that is less).` } });
      const made = await small.data('mutation { a: createRepo(input: { name: "theirs" }) { __typename } b: createRepo(input: { name: "large" }) { __typename } }');
      expect(made).toEqual({ a: { __typename: 'CreateRepoSuccess' }, b: { __typename: 'CreateRepoSuccess' } });
    } finally {
      await working.close();
      await small.close();
    }
  });
});

describe('importRepo where the operator has said nothing', () => {
  it('says that it is off, and how it is turned on', async () => {
    const bare = await startGateway({ settings: { WEIR_MAX_IMPORTS: '1' } });
    try {
      const refused = (await bare.data(IMPORT, { input: { name: 'x', url: 'https://example.org/x.git' } })).importRepo;
      expect(refused).toMatchObject({ code: 'INVALID_INPUT', rule: 'import-url/no-hosts', message: 'Imports from addresses are off: no host is allowed here.' });
    } finally {
      await bare.close();
    }
  });
});
