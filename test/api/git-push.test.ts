import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { commitOf, making, treeEntry } from '../support/hostile/hostile-push.js';
import { entryOf, idOf, packOf, pushBody } from '../support/raw-push.js';
import { pktLine } from '../support/raw-push.js';
import { seedBranch, seedCheckpoint, seedProposal, seedRepo } from './support/seed.js';

let gateway: TestGateway;
let client: GitClient;
let repos = 0;
let repo: string;
let work: string;

beforeAll(async () => {
  gateway = await startGateway();
  client = gitClient();
});
afterAll(async () => {
  client.remove();
  await gateway.close();
});
/** A repository with two files, and a clone of it. */
beforeEach(async () => {
  repo = `push/r${++repos}`;
  await seedRepo(gateway, repo, [{ path: 'README.md', text: '# Project\n' }, { path: 'src/a.txt', text: 'a\n' }]);
  work = join(client.directory, `work-${repos}`);
  await client.git('clone', '-q', await cloneUrl(gateway, repo), work);
});

async function commit(path: string, text: string, message = `Write ${path}`): Promise<string> {
  execFileSync('mkdir', ['-p', join(work, path, '..')]);
  writeFileSync(join(work, path), text);
  await client.git('-C', work, 'add', '-A');
  await client.git('-C', work, 'commit', '-q', '-m', message);
  return client.git('-C', work, 'rev-parse', 'HEAD');
}

const push = (...args: readonly string[]): ReturnType<GitClient['run']> => client.run(['-C', work, 'push', ...args]);

async function branchOf(name: string): Promise<Json> {
  const { repo: found } = await gateway.data('query ($repo: String!, $name: String!) { repo(name: $repo) { branch(name: $name) { headOid version sessionId runId checkpoints(first: 10) { nodes { number origin message oid createdBy } } } } }', { repo, name });
  return found.branch;
}

/** Has the clone speak for another key. */
async function as(key: Record<string, unknown>): Promise<void> {
  await client.git('-C', work, 'remote', 'set-url', 'origin', await cloneUrl(gateway, repo, await gateway.createKey(key)));
}

async function packRows(): Promise<number> {
  const { repo: found } = await gateway.data('query ($repo: String!) { repo(name: $repo) { usage { packs } } }', { repo });
  return found.usage.packs;
}

describe('a push', () => {
  it('of a new branch makes it, with one checkpoint that can be undone, and GraphQL reads what was pushed', async () => {
    await client.git('-C', work, 'switch', '-q', '-c', 'session/42');
    const fork = await client.git('-C', work, 'rev-parse', 'HEAD');
    await commit('src/b.txt', 'b\n', 'One');
    const head = await commit('src/c.txt', 'c\n', 'Two\n\nWeir-Run: forged');
    expect(await push('-q', 'origin', 'session/42')).toMatchObject({ status: 0 });
    expect(await branchOf('session/42')).toMatchObject({ headOid: head, sessionId: '42', checkpoints: { nodes: [{ number: 1, origin: 'PUSH', message: 'Two', oid: head }] } });
    const { repo: read } = await gateway.data('query ($repo: String!) { repo(name: $repo) { file(rev: "session/42", path: "src/c.txt") { blob { text } } commits(rev: "session/42", filter: { trailer: { key: "Weir-Run", value: "forged" } }) { nodes { oid } } } }', { repo });
    expect(read).toEqual({ file: { blob: { text: 'c\n' } }, commits: { nodes: [] } });
    const { undo } = await gateway.data('mutation ($repo: String!) { undo(input: { repo: $repo, branch: "session/42" }) { ... on UndoSuccess { branch { headOid } } ... on Problem { message } } }', { repo });
    expect(undo).toEqual({ branch: { headOid: fork } });
  });

  it('moves a branch by one checkpoint a push, revises its proposals and is on the log', async () => {
    await seedBranch(gateway, repo, 'session/1');
    await seedCheckpoint(gateway, repo, 'session/1', { path: 'x.txt', text: 'x\n' });
    await seedProposal(gateway, repo, 'session/1');
    await client.git('-C', work, 'fetch', '-q');
    await client.git('-C', work, 'switch', '-q', 'session/1');
    await commit('y.txt', 'y\n');
    const head = await commit('z.txt', 'z\n');
    expect(await push('origin', 'session/1')).toMatchObject({ status: 0 });
    expect(await branchOf('session/1')).toMatchObject({ headOid: head, checkpoints: { nodes: [{ number: 1, origin: 'API' }, { number: 2, origin: 'PUSH', oid: head }] } });
    const { repo: read } = await gateway.data('query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { head { oid } revisions { nodes { number } } } operations(filter: { kinds: [PUSH] }) { nodes { kind refs { branchName after } } } } }', { repo });
    expect(read).toEqual({ proposal: { head: { oid: head }, revisions: { nodes: [{ number: 1 }, { number: 2 }] } }, operations: { nodes: [{ kind: 'PUSH', refs: [{ branchName: 'session/1', after: head }] }] } });
  });

  it('of what is cloned again is the same to the byte', async () => {
    await commit('big.bin', 'x'.repeat(300_000));
    const head = await commit('ünï.txt', 'ü\n');
    expect(await push('-q', 'origin', 'main')).toMatchObject({ status: 0 });
    const again = join(client.directory, `again-${repos}`);
    await client.git('clone', '-q', await cloneUrl(gateway, repo), again);
    expect(await client.git('-C', again, 'rev-parse', 'HEAD')).toBe(head);
    expect(await client.git('-C', again, 'fsck', '--full', '--strict')).toBe('');
  });

  it('deletes a branch, whose timeline stays, and not the default one', async () => {
    await seedBranch(gateway, repo, 'session/old');
    await client.git('-C', work, 'fetch', '-q');
    expect(await push('-q', 'origin', ':session/old')).toMatchObject({ status: 0 });
    expect(await branchOf('session/old')).toBeNull();
    const refused = await push('origin', ':main');
    expect(refused.stderr).toMatch(/default branch/u);
    expect(await branchOf('main')).not.toBeNull();
  });

  it('makes tags, light and annotated, and moves none', async () => {
    await client.git('-C', work, 'tag', 'light');
    await client.git('-C', work, 'tag', '-a', 'v1', '-m', 'first');
    expect(await push('-q', 'origin', '--tags')).toMatchObject({ status: 0 });
    const { repo: read } = await gateway.data('query ($repo: String!) { repo(name: $repo) { tags { nodes { name message } } } }', { repo });
    expect(read.tags.nodes).toEqual([{ name: 'light', message: null }, { name: 'v1', message: 'first\n' }]);
    await commit('more.txt', 'more\n');
    await client.git('-C', work, 'tag', '-f', 'light');
    expect((await push('-f', 'origin', 'light')).stderr).toMatch(/tags are neither moved nor deleted/u);
  });
});

describe('what is refused, in a sentence, and leaves nothing behind', () => {
  it('is a branch that has moved meanwhile, and one that would lose commits', async () => {
    await seedCheckpoint(gateway, repo, 'main', { path: 'theirs.txt', text: 'theirs\n' });
    const before = await branchOf('main');
    await commit('mine.txt', 'mine\n');
    expect(await push('origin', 'main')).toMatchObject({ status: 1, stderr: expect.stringMatching(/rejected/u) });
    await client.git('-C', work, 'fetch', '-q');
    const forced = await push('-f', 'origin', 'main');
    expect(forced).toMatchObject({ status: 1, stderr: expect.stringContaining('has commits that this push would take from it') });
    expect(await branchOf('main')).toEqual(before);
  });

  it('is history that a shallow clone of another repository lacks, as this one does', async () => {
    const other = join(client.directory, `other-${repos}`);
    await client.git('clone', '-q', work, other);
    for (const text of ['1', '2']) {
      writeFileSync(join(other, 'x.txt'), text);
      await client.git('-C', other, 'add', '-A');
      await client.git('-C', other, 'commit', '-q', '-m', text);
    }
    const shallow = join(client.directory, `shallow-${repos}`);
    await client.git('clone', '-q', '--depth=1', `file://${other}`, shallow);
    const { status, stderr } = await client.run(['-C', shallow, 'push', await cloneUrl(gateway, repo), 'HEAD:session/lacking']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/did not receive expected object [^]*shallow clone, which cannot push what it lacks: run "git fetch --unshallow"/u)]);
    expect(await branchOf('session/lacking')).toBeNull();
  });

  it('is a protected branch', async () => {
    await gateway.data('mutation ($repo: String!) { updateRepo(input: { repo: $repo, settings: { review: { rules: [{ targets: ["main"], approvals: 1, protected: true }] } } }) { __typename } }', { repo });
    const before = await branchOf('main');
    await commit('mine.txt', 'mine\n');
    expect(await push('origin', 'main')).toMatchObject({ status: 1, stderr: expect.stringMatching(/only through proposals/u) });
    expect(await branchOf('main')).toEqual(before);
  });

  it('is a branch, a path or a verb outside of the key', async () => {
    await as({ scopes: ['READ', 'WRITE'], repos: ['**'], branches: ['session/**'], paths: ['docs/**'] });
    await client.git('-C', work, 'switch', '-q', '-c', 'session/7');
    await commit('src/outside.txt', 'no\n');
    expect(await push('origin', 'session/7')).toMatchObject({ status: 1, stderr: expect.stringMatching(/paths/u) });
    await client.git('-C', work, 'reset', '-q', '--hard', 'origin/main');
    await commit('docs/inside.txt', 'yes\n');
    expect(await push('origin', 'session/7:other/7')).toMatchObject({ status: 1, stderr: expect.stringMatching(/branches/u) });
    expect(await push('-q', 'origin', 'session/7')).toMatchObject({ status: 0 });
    await as({ scopes: ['READ'], repos: ['**'], branches: ['**'] });
    expect(await push('origin', 'HEAD:session/8')).toMatchObject({ status: 1, stderr: expect.stringMatching(/WRITE/u) });
  });

  it('is a branch, a deletion or a tag outside of the branches of a key that may write every path', async () => {
    await seedBranch(gateway, repo, 'other/kept');
    await client.git('-C', work, 'fetch', '-q');
    await commit('mine.txt', 'mine\n');
    await as({ scopes: ['READ', 'WRITE'], repos: ['**'], branches: ['session/**'] });
    for (const ref of ['HEAD:other/8', 'HEAD:main', ':other/kept', 'HEAD:refs/tags/v9']) expect(await push('origin', ref)).toMatchObject({ status: 1, stderr: expect.stringMatching(/branches/u) });
    expect(await branchOf('other/kept')).not.toBeNull();
  });

  it('is a name that no branch may have, and a reference that is no branch', async () => {
    expect((await push('origin', 'HEAD:refs/heads/a..b')).status).not.toBe(0);
    expect((await push('origin', 'HEAD:refs/heads/-x')).status).not.toBe(0);
    expect((await push('origin', 'HEAD:refs/proposals/1/head')).stderr).toMatch(/neither/u);
    expect((await push('origin', 'HEAD:refs/heads/Main')).stderr).toMatch(/taken/u);
  });

  it('is everything of an atomic push of which one reference is refused; of another one the rest passes', async () => {
    await commit('a.txt', 'a\n');
    const refs = ['HEAD:session/a', 'HEAD:refs/other/b'];
    expect((await push('--atomic', 'origin', ...refs)).status).toBe(1);
    expect(await branchOf('session/a')).toBeNull();
    expect(await packRows()).toBe(1);
    expect((await push('origin', ...refs)).status).toBe(1);
    expect(await branchOf('session/a')).toMatchObject({ version: 2 });
  });

  it('is a commit with a fault that fsck names', async () => {
    const tree = await client.git('-C', work, 'rev-parse', 'HEAD^{tree}');
    const bad = await client.run(['-C', work, 'hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], `tree ${tree}\nauthor A <a> b@c 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n`);
    const { stderr, status } = await push('origin', `${bad.stdout.trim()}:refs/heads/bad`);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/badEmail|missingSpaceBeforeDate|missingEmail|badDate/u)]);
    expect(await branchOf('bad')).toBeNull();
    expect(await packRows()).toBe(1);
  });
});

describe('two pushes at once', () => {
  it('of one tag, or of one new branch, at different commits: one is taken, and the other is told that it is there', async () => {
    for (const [name, words] of [['refs/tags/raced', /exists, and tags are neither moved nor deleted/u], ['refs/heads/session/raced', /is taken|already/u]] as const) {
      const heads: string[] = [];
      for (const text of ['one', 'two']) {
        await client.git('-C', work, 'checkout', '-q', '--detach', 'origin/main');
        heads.push(await commit('raced.txt', `${name} ${text}\n`));
      }
      const ends = await Promise.all(heads.map((oid) => push('origin', `${oid}:${name}`)));
      expect(ends.map(({ status }) => status).sort()).toEqual([0, 1]);
      expect(ends.find(({ status }) => status === 1)?.stderr).toMatch(words);
      const listed = await client.git('-C', work, 'ls-remote', 'origin', name);
      expect(listed.slice(0, 40)).toBe(heads[ends.findIndex(({ status }) => status === 0)]);
    }
  });
});

describe('commits that come by a tag alone', () => {
  it('are history like any other: listed, and fetched', async () => {
    const head = await commit('tagged.txt', 'tagged\n', 'Only tagged');
    await client.git('-C', work, 'tag', '-a', 'v2', '-m', 'second');
    expect(await push('-q', 'origin', 'v2')).toMatchObject({ status: 0 });
    const { repo: read } = await gateway.data('query ($repo: String!) { repo(name: $repo) { commits(rev: "tag:v2", first: 2) { nodes { oid headline } } } }', { repo });
    expect(read.commits.nodes[0]).toEqual({ oid: head, headline: 'Only tagged' });
  });

  it('are within the paths of the key, as those of a branch', async () => {
    await as({ scopes: ['READ', 'WRITE'], repos: ['**'], branches: ['**'], paths: ['docs/**'] });
    await commit('src/outside.txt', 'no\n');
    for (const args of [['tag', 'light-outside'], ['tag', '-a', 'outside', '-m', 'x']]) await client.git('-C', work, ...args);
    expect((await push('origin', 'light-outside', 'outside')).stderr.match(/paths/gu)?.length).toBeGreaterThanOrEqual(2);
    await client.git('-C', work, 'reset', '-q', '--hard', 'origin/main');
    await client.git('-C', work, 'tag', 'there-already');
    await commit('docs/inside.txt', 'yes\n');
    await client.git('-C', work, 'tag', 'inside');
    expect(await push('-q', 'origin', 'inside', 'there-already')).toMatchObject({ status: 0 });
  });
});

describe('a key from which branches are hidden', () => {
  it('cannot point a branch at what it may not read, though the repository has it', async () => {
    await seedBranch(gateway, repo, 'secret/1');
    await seedCheckpoint(gateway, repo, 'secret/1', { path: 'secret.txt', text: 'top secret\n' });
    const secret = (await branchOf('secret/1')).headOid;
    // Somebody told it the commit; it has the objects from elsewhere, but the gateway is sent none of them.
    await client.git('-C', work, 'fetch', '-q', 'origin', 'secret/1');
    await as({ scopes: ['READ', 'WRITE'], repos: ['**'], branches: ['**'], readBranches: ['main', 'session/**'] });
    const { url } = await gateway.listen();
    const key = /:(weir_[^@]+)@/u.exec(await client.git('-C', work, 'remote', 'get-url', 'origin'))?.[1] ?? '';
    const line = `${'0'.repeat(40)} ${secret} refs/heads/session/theft\0report-status`;
    const empty = execFileSync('git', ['-C', work, 'pack-objects', '--stdout', '-q'], { input: '' });
    // Nor when it says that its own history ends there.
    for (const before of ['', pktLine(`shallow ${secret}`)]) {
      const body = Buffer.concat([Buffer.from(`${before}${pktLine(line)}0000`), empty]);
      const response = await fetch(`${url}/git/${repo}.git/git-receive-pack`, { method: 'POST', body, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-git-receive-pack-request' } });
      expect(await response.text()).toMatch(/ng refs\/heads\/session\/theft The push builds on objects/u);
    }
    expect(await branchOf('session/theft')).toBeNull();
  });

  it('reads no hidden file by a tree that names it under a mode which git takes for another repository’s', async () => {
    await seedBranch(gateway, repo, 'secret/1');
    await seedCheckpoint(gateway, repo, 'secret/1', { path: 'secret.txt', text: 'top secret\n' });
    const blob = idOf({ type: 'blob', content: Buffer.from('top secret\n') });
    const key = await gateway.createKey({ scopes: ['READ', 'WRITE'], repos: ['**'], branches: ['**'], readBranches: ['main', 'session/**'] });
    for (const [at, mode] of ['0', '644', '140000', '77777777'].entries()) {
      const tree = { type: 'tree', content: treeEntry(mode, 'stolen.txt', blob) } as const;
      const commit = commitOf(idOf(tree));
      const body = pushBody([making(`session/theft-${at}`, idOf(commit))], packOf([commit, tree].map(entryOf)));
      await gateway.fetch(`/git/${repo}.git/git-receive-pack`, { method: 'POST', body: new Uint8Array(body), key, headers: { 'content-type': 'application/x-git-receive-pack-request' } });
      const answer = await gateway.gql('query ($repo: String!, $rev: String!) { repo(name: $repo) { file(rev: $rev, path: "stolen.txt") { blob { text } } commit(rev: $rev) { diff { files(first: 9) { nodes { patch } } } } } }', { repo, rev: `session/theft-${at}` }, key);
      expect([mode, answer.status]).toEqual([mode, 200]);
      expect(JSON.stringify(answer.data)).not.toContain('top secret');
      const raw = await gateway.fetch(`/raw/${repo}/-/${idOf(commit)}/stolen.txt`, { key });
      expect([mode, await raw.text()]).not.toEqual([mode, expect.stringContaining('top secret')]);
    }
  });

  it('pushes its own work as any other does', async () => {
    await seedBranch(gateway, repo, 'secret/1');
    await as({ scopes: ['READ', 'WRITE'], repos: ['**'], branches: ['session/**'], readBranches: ['main', 'session/**'] });
    await client.git('-C', work, 'switch', '-q', '-c', 'session/9');
    const head = await commit('src/a.txt', 'a\nmore\n');
    expect(await push('-q', 'origin', 'session/9')).toMatchObject({ status: 0 });
    expect(await branchOf('session/9')).toMatchObject({ headOid: head });
  });
});
