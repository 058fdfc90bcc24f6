import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MirrorRounds } from '../../src/operations/mirror/mirror-rounds.js';
import { dyingProcess, type DyingProcess } from '../support/dying-process.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { gitClient, type GitClient } from '../support/git-client.js';
import { serveHttpBackend, type HttpBackend } from '../support/http-backend.js';

let backend: HttpBackend;
let client: GitClient;
let gateway: TestGateway;
let dying: DyingProcess;

/** Pushes mirrors until it is killed; its lease ends soon after. */
const WORK = `
const { MirrorRounds } = await import('./operations/mirror/mirror-rounds.js');
new MirrorRounds(app.gateway, { atOnce: 1, timeMs: 20_000, lookMs: 20, leaseMs: 500 }).start();
setTimeout(() => process.exit(1), 20_000);
await new Promise(() => undefined);
`;

beforeAll(async () => {
  client = gitClient();
  backend = await serveHttpBackend(client.directory);
  const settings = { WEIR_MIRROR_HTTP: 'on', WEIR_MIRROR_NETWORKS: '127.0.0.0/8', WEIR_MIRROR_HOSTS: new URL(backend.url).host };
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

interface Mirrored {
  readonly repo: string;
  /** The references there, each with its commit. */
  refs(): Promise<string[]>;
  git(...args: string[]): Promise<string>;
}

const done = async (document: string, variables: Record<string, unknown>): Promise<Json> => (await gateway.data(document, variables)).done;

/** A repository whose mirror is empty as yet. */
async function mirrored(name: string): Promise<Mirrored> {
  const [repo, theirs] = [`killed/${name}`, `${name}.git`];
  await client.git('init', '-q', '--bare', theirs);
  await client.git('-C', theirs, 'config', 'http.receivepack', 'true');
  await done('mutation ($name: String!) { done: createRepo(input: { name: $name, files: [{ path: "a", text: "a" }] }) { __typename } }', { name: repo });
  expect(await done('mutation ($repo: String!, $url: String!) { done: setMirror(input: { repo: $repo, url: $url }) { __typename ... on Problem { message } } }', { repo, url: `${backend.url}/${theirs}` })).toEqual({ __typename: 'SetMirrorSuccess' });
  const git = (...args: string[]): Promise<string> => client.git('-C', theirs, ...args);
  return { repo, git, refs: async () => (await git('for-each-ref', '--format=%(refname) %(objectname)')).split('\n') };
}

/** Lets another gateway push until the mirror has everything. */
async function pushed({ repo }: Mirrored): Promise<void> {
  const rounds = new MirrorRounds(gateway.app.gateway, { atOnce: 1, timeMs: 20_000, lookMs: 20 });
  rounds.start();
  const mirror = async (): Promise<Json> => (await gateway.data('query ($repo: String!) { repo(name: $repo) { mirror { state attempts error } } }', { repo })).repo.mirror;
  await expect.poll(mirror, { timeout: 20_000, interval: 20 }).toEqual({ state: 'UP_TO_DATE', attempts: 0, error: null });
  await rounds.close();
}

describe('a push to a mirror whose gateway is killed', () => {
  it.each([['mirror.before-push'], ['mirror.pushed']])('at %s comes to its end by another gateway, with what came meanwhile', async (point) => {
    const made = await mirrored(point);
    expect(await dying.run(point, 1)).toBe('SIGKILL');
    const { branch } = await done('mutation ($repo: String!) { done: createBranch(input: { repo: $repo, name: "session/1" }) { ... on CreateBranchSuccess { branch { headOid } } } }', { repo: made.repo });
    await pushed(made);
    expect(await made.refs()).toEqual([`refs/heads/main ${branch.headOid}`, `refs/heads/session/1 ${branch.headOid}`]);
    await made.git('fsck', '--full', '--strict');
  });

  it('is done again where the repository is by then as it was at the push before', async () => {
    const made = await mirrored('back');
    await pushed(made);
    const before = await made.refs();
    await done('mutation ($repo: String!) { done: createCheckpoint(input: { repo: $repo, branch: "main", message: "m", changes: [{ write: { path: "a", text: "b" } }] }) { __typename } }', { repo: made.repo });
    expect(await dying.run('mirror.pushed', 1)).toBe('SIGKILL');
    expect(await made.refs()).not.toEqual(before);
    await done('mutation ($repo: String!) { done: undo(input: { repo: $repo, branch: "main" }) { __typename } }', { repo: made.repo });
    await pushed(made);
    expect(await made.refs()).toEqual(before);
  });
});
