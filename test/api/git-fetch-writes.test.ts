import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

/** Rounds of listing and fetching; more with WEIR_TEST_RUNS. */
const ROUNDS = Number(process.env['WEIR_TEST_RUNS'] ?? 2);
const REPO = 'busy/project';
const SESSIONS = ['session/1', 'session/2', 'session/3'];

let gateway: TestGateway;
let client: GitClient;
let url: string;

beforeAll(async () => {
  gateway = await startGateway();
  client = gitClient();
  await seedRepo(gateway, REPO, [{ path: 'README.md', text: '# Busy\n' }]);
  for (const name of SESSIONS) await seedBranch(gateway, REPO, name);
  url = await cloneUrl(gateway, REPO);
  await client.git('init', '-q', '--bare', 'seen.git');
  await client.git('clone', '-q', url, 'pushing');
});
afterAll(async () => {
  client.remove();
  await gateway.close();
});

/** Runs a verb on a branch, which must succeed. */
async function moved(verb: 'undo' | 'redo' | 'deleteBranch', branch: string): Promise<void> {
  const { done } = await gateway.data(`mutation ($repo: String!, $branch: String!) { done: ${verb}(input: { repo: $repo, ${verb === 'deleteBranch' ? 'name' : 'branch'}: $branch }) { __typename ... on Problem { message } } }`, { repo: REPO, branch });
  expect(done.message).toBeUndefined();
}

/** Writes until told to stop, each in its own way; answers how often. */
type Writer = (count: number) => Promise<unknown>;

async function until(stopped: () => boolean, write: Writer): Promise<number> {
  let count = 0;
  while (!stopped()) await write(count++);
  return count;
}

/** Checkpoints with an undo and a redo among them, so that branches go back as well. */
const working = (branch: string): Writer => async (count) => {
  if (count % 5 === 3) await moved('undo', branch);
  else if (count % 5 === 4) await moved('redo', branch);
  else await seedCheckpoint(gateway, REPO, branch, { path: `${branch}/${count}.txt`, text: `${count}\n`.repeat(50) });
};

/** Branches that come, are written to, merged, and go. */
const coming: Writer = async (count) => {
  const branch = `topic/${count}`;
  await seedBranch(gateway, REPO, branch);
  await seedCheckpoint(gateway, REPO, branch, { path: `topics/${count}.txt`, text: `${count}\n` });
  const { mergeBranch } = await gateway.data('mutation ($input: MergeBranchInput!) { mergeBranch(input: $input) { __typename } }', { input: { repo: REPO, from: branch, into: 'main' } });
  expect(mergeBranch.__typename).toBe('MergeBranchSuccess');
  if (count % 2 === 0) await moved('deleteBranch', branch);
};

const pushing: Writer = async (count) => {
  writeFileSync(join(client.directory, 'pushing', 'pushed.txt'), `${count}\n`.repeat(100));
  await client.git('-C', 'pushing', 'add', '-A');
  await client.git('-C', 'pushing', 'commit', '-q', '-m', `Push ${count}`);
  await client.git('-C', 'pushing', 'push', '-q', 'origin', 'HEAD:pushed/head', `HEAD:refs/tags/push-${count}`);
};

async function told(): Promise<Map<string, string>> {
  const lines = (await client.git('ls-remote', url)).split('\n').map((line) => line.split('\t'));
  return new Map(lines.map(([oid = '', name = '']) => [name, oid]));
}

describe('while GraphQL and git write', () => {
  it('every reference that is told can be fetched as it was told, with all that it reaches', async () => {
    let stopped = false;
    const writers = [...SESSIONS.slice(0, 2).map(working), coming, pushing].map((write) => until(() => stopped, write));
    // Heard from the start: a writer that fails ends the test by its own error.
    const written = Promise.all(writers);
    written.catch(() => undefined);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        // What is told now may have moved a moment later; branches that stay reach or have reached it.
        const refs = await told();
        const staying = ['HEAD', 'refs/heads/main', ...SESSIONS.map((name) => `refs/heads/${name}`)].map((name) => refs.get(name) ?? name);
        await client.git('-C', 'seen.git', 'fetch', '-q', '--no-tags', url, ...staying);
        await client.git('-C', 'seen.git', 'fetch', '-q', '--prune', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*');
        await client.git('-C', 'seen.git', 'rev-list', '--objects', '--quiet', '--all', ...staying);
      }
    } finally {
      stopped = true;
    }
    for (const count of await written) expect(count).toBeGreaterThan(0);

    await client.git('clone', '-q', '--mirror', url, 'after.git');
    expect(await client.git('-C', 'after.git', 'fsck', '--full', '--strict')).toBe('');
    const { repo } = await gateway.data('query ($repo: String!) { repo(name: $repo) { branches(first: 100) { nodes { name headOid } } tags(first: 100) { nodes { name } } } }', { repo: REPO });
    const refs = await told();
    const heads = [...refs].filter(([name]) => name.startsWith('refs/heads/')).map(([name, oid]) => [name.slice('refs/heads/'.length), oid]).toSorted();
    expect(repo.branches.nodes.map(({ name, headOid }: { readonly name: string; readonly headOid: string }) => [name, headOid]).toSorted()).toEqual(heads);
    expect(repo.tags.nodes.length).toBe([...refs.keys()].filter((name) => name.startsWith('refs/tags/')).length);
    const cloned = (await client.git('-C', 'after.git', 'for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads')).split('\n').map((line) => line.split(' ')).toSorted();
    expect(cloned).toEqual(heads);
  });
});
