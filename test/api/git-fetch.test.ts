import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, importInto, type GitClient } from '../support/git-client.js';
import { seedBranch, seedCheckpoint, seedProposal, seedRepo } from './support/seed.js';

let gateway: TestGateway;
let client: GitClient;
/** Reads `main` and `open/**` only. */
let limited: string;
let hidden: string;
let shown: string;

beforeAll(async () => {
  gateway = await startGateway();
  client = gitClient();
  await seedRepo(gateway, 'group/project', [{ path: 'README.md', text: '# Project\n' }, { path: 'src/a.txt', text: 'a\n' }]);
  for (const text of ['one\n', 'two\n', 'three\n']) await seedCheckpoint(gateway, 'group/project', 'main', { path: 'n.txt', text });
  await seedBranch(gateway, 'group/project', 'open/a');
  shown = await seedCheckpoint(gateway, 'group/project', 'open/a', { path: 'open.txt', text: 'open\n' });
  await seedBranch(gateway, 'group/project', 'secret/a');
  hidden = await seedCheckpoint(gateway, 'group/project', 'secret/a', { path: 'secret.txt', text: 'top secret\n' });
  await seedProposal(gateway, 'group/project', 'open/a');
  await seedProposal(gateway, 'group/project', 'secret/a');
  limited = await gateway.createKey({ readBranches: ['main', 'open/**'] });

  const work = join(client.directory, 'work');
  await client.git('init', '-q', '-b', 'trunk', work);
  for (const [at, text] of ['1', '2', '3', '4'].entries()) {
    writeFileSync(join(work, 'file.txt'), `${text}\n`);
    await client.git('-C', work, 'add', '.');
    await client.git('-C', work, 'commit', '-q', '-m', text, '--date', `2024-01-0${at + 1}T00:00:00Z`);
    if (at === 1) await client.git('-C', work, 'tag', '-a', 'v1', '-m', 'first');
  }
  await client.git('-C', work, 'tag', 'light');
  await client.git('-C', work, 'tag', '-a', 'of-tree', '-m', 'a tree', 'HEAD^{tree}');
  await importInto(gateway, work, 'imported');
});
afterAll(async () => {
  client.remove();
  await gateway.close();
});

let clones = 0;
function place(): string {
  return `clone-${++clones}`;
}

async function headOf(branch: string): Promise<string> {
  const { repo } = await gateway.data('query ($branch: String!) { repo(name: "group/project") { branch(name: $branch) { headOid } } }', { branch });
  return repo.branch.headOid;
}

describe.each([['2'], ['0'], ['1']])('a client that speaks version %s of the protocol', (version) => {
  const speaking = ['-c', `protocol.version=${version}`];

  it('clones what GraphQL wrote, whole and clean', async () => {
    const into = place();
    await client.git(...speaking, 'clone', '-q', await cloneUrl(gateway, 'group/project'), into);
    expect(await client.git('-C', into, 'rev-parse', 'HEAD')).toBe(await headOf('main'));
    expect(await client.git('-C', into, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    const branches = (await client.git('-C', into, 'for-each-ref', '--format=%(refname)', 'refs/remotes/origin')).split('\n');
    expect(branches).toEqual(expect.arrayContaining(['main', 'open/a', 'secret/a'].map((name) => `refs/remotes/origin/${name}`)));
    expect(await client.git('-C', into, 'show', 'HEAD:n.txt')).toBe('three');
    await client.git('-C', into, 'fsck', '--full', '--strict');
  });

  it('clones tags, light and annotated, also of a tree', async () => {
    const into = place();
    await client.git(...speaking, 'clone', '-q', await cloneUrl(gateway, 'imported'), into);
    for (const name of ['v1', 'light', 'of-tree']) {
      expect(await client.git('-C', into, 'rev-parse', name)).toBe(await client.git('-C', 'work', 'rev-parse', name));
    }
    const work = (await client.git('-C', 'work', 'show-ref', '--tags', '-d')).split('\n').map((line) => line.replace(' ', '\t'));
    const remote = await client.git(...speaking, 'ls-remote', '--tags', await cloneUrl(gateway, 'imported'));
    expect(remote.split('\n')).toEqual(work);
  });

  it('fetches what is new and no more', async () => {
    const into = place();
    const branch = `open/grown-${version}`;
    await seedBranch(gateway, 'group/project', branch);
    await client.git(...speaking, 'clone', '-q', await cloneUrl(gateway, 'group/project'), into);
    const head = await seedCheckpoint(gateway, 'group/project', branch, { path: 'grown.txt', text: `${version}\n` });
    const { stderr } = await client.run([...speaking, '-C', into, 'fetch', '--progress']);
    expect(await client.git('-C', into, 'rev-parse', `origin/${branch}`)).toBe(head);
    expect(stderr).toMatch(/remote: Total 3 /u);
  });

  it('clones to a depth, deepens, and fetches the rest', async () => {
    const into = place();
    await client.git(...speaking, 'clone', '-q', '--depth=1', await cloneUrl(gateway, 'imported'), into);
    expect(await client.git('-C', into, 'rev-list', '--count', 'HEAD')).toBe('1');
    await client.git(...speaking, '-C', into, 'fetch', '-q', '--deepen=1');
    expect(await client.git('-C', into, 'rev-list', '--count', 'HEAD')).toBe('2');
    await client.git(...speaking, '-C', into, 'fetch', '-q', '--unshallow');
    expect(await client.git('-C', into, 'rev-list', '--count', 'HEAD')).toBe('4');
  });

  it('leaves history out by a time and by a reference', async () => {
    const [since, not] = [place(), place()];
    await client.git(...speaking, 'clone', '-q', '--shallow-exclude=v1', await cloneUrl(gateway, 'imported'), not);
    expect(await client.git('-C', not, 'rev-list', '--count', 'HEAD')).toBe('2');
    await client.git(...speaking, 'clone', '-q', '--shallow-since=2000-01-01', await cloneUrl(gateway, 'imported'), since);
    expect(await client.git('-C', since, 'rev-list', '--count', 'HEAD')).toBe('4');
    const unknown = await client.run([...speaking, 'clone', '--shallow-exclude=nothing', await cloneUrl(gateway, 'imported'), place()]);
    expect(unknown.stderr).toContain('there is no reference "nothing" to leave out');
  });

  it('clones without files and fetches each when it is needed', async () => {
    const into = place();
    await client.git(...speaking, 'clone', '-q', '--filter=blob:none', '--no-checkout', await cloneUrl(gateway, 'imported'), into);
    const missing = (await client.git('-C', into, 'rev-list', '--objects', '--all', '--missing=print')).split('\n').filter((line) => line.startsWith('?'));
    expect(missing.length).toBeGreaterThanOrEqual(4);
    await client.git(...speaking, '-C', into, 'checkout', '-q', 'HEAD~1');
    expect(await client.git('-C', into, 'show', 'HEAD:file.txt')).toBe('3');
  });

  it('fetches a commit by its id, and the head of a proposal by its name', async () => {
    const into = place();
    await client.git('init', '-q', into);
    const url = await cloneUrl(gateway, 'group/project');
    await client.git(...speaking, '-C', into, 'fetch', '-q', url, shown);
    expect(await client.git('-C', into, 'rev-parse', 'FETCH_HEAD')).toBe(shown);
    await client.git(...speaking, '-C', into, 'fetch', '-q', url, 'refs/proposals/1/head');
    expect(await client.git('-C', into, 'rev-parse', 'FETCH_HEAD')).toBe(shown);
  });

  it('is told of absent objects as of hidden ones', async () => {
    const into = place();
    await client.git('init', '-q', into);
    const url = await cloneUrl(gateway, 'group/project', limited);
    const blob = await client.git('hash-object', '--stdin');
    for (const oid of [hidden, 'f'.repeat(40), blob]) {
      const { status, stderr } = await client.run([...speaking, '-C', into, 'fetch', url, oid]);
      expect(status).not.toBe(0);
      expect(stderr).toContain(`upload-pack: not our ref ${oid}`);
    }
  });

  it('sees with a limited key only what that key reads, and gets no more', async () => {
    const into = place();
    const url = await cloneUrl(gateway, 'group/project', limited);
    const names = (await client.git(...speaking, 'ls-remote', url)).split('\n').map((line) => line.split('\t')[1]);
    expect(names).toContain('refs/proposals/1/head');
    expect(names.filter((name) => name?.includes('secret') === true || name === 'refs/proposals/2/head')).toEqual([]);
    await client.git(...speaking, 'clone', '-q', '--mirror', url, into);
    expect((await client.run(['-C', into, 'cat-file', '-e', hidden])).status).not.toBe(0);
    expect(await client.git('-C', into, 'cat-file', '--batch-all-objects', '--batch')).not.toContain('top secret');
  });

  it('makes no partial clone with a limited key', async () => {
    const url = await cloneUrl(gateway, 'group/project', limited);
    const into = place();
    await client.run([...speaking, 'clone', '-q', '--filter=blob:none', '--no-checkout', url, into]);
    // git falls back to a whole clone where filters are not offered.
    expect(await client.git('-C', into, 'rev-list', '--objects', '--all', '--missing=print')).not.toContain('?');
  });
});

const packet = (line: string): string => (line.length + 4).toString(16).padStart(4, '0') + line;

async function listed(repo: string, prefixes: readonly string[]): Promise<string[]> {
  const body = `${packet('command=ls-refs')}0001${prefixes.map((prefix) => packet(`ref-prefix ${prefix}`)).join('')}0000`;
  const headers = { 'content-type': 'application/x-git-upload-pack-request', 'git-protocol': 'version=2' };
  const answer = await (await gateway.fetch(`/git/${repo}.git/git-upload-pack`, { method: 'POST', headers, body })).text();
  return [...answer.matchAll(/[0-9a-f]{40} ([^\n]+)\n/gu)].map(([, name = '']) => name);
}

describe('a listing of references', () => {
  it.each([['refs/heads/'], ['refs/tags/v'], ['refs/'], ['refs/proposals/1'], ['HEAD'], ['H'], ['refs/t'], ['refs/heads/main', 'refs/tags/light'], ['nothing']])('by %s and so on names all of these and no others', async (...prefixes) => {
    for (const repo of ['group/project', 'imported']) {
      const all = await listed(repo, []);
      expect(all.length).toBeGreaterThan(3);
      expect(await listed(repo, prefixes)).toEqual(all.filter((name) => prefixes.some((prefix) => name.startsWith(prefix))));
    }
  });
});

describe('a key at the door of git', () => {
  it('is asked for, as a password', async () => {
    const response = await gateway.fetch('/git/group/project.git/info/refs?service=git-upload-pack', { key: null });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/u);
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  it('is taken as a bearer as well', async () => {
    const { url } = await gateway.listen();
    const listed = await client.git('-c', `http.extraHeader=Authorization: Bearer ${gateway.adminKey}`, 'ls-remote', '--heads', `${url}/git/group/project.git`);
    expect(listed).toContain('refs/heads/main');
  });

  it('that is wrong gets nowhere', async () => {
    const url = await cloneUrl(gateway, 'group/project', `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`);
    const { status, stderr } = await client.run(['ls-remote', url]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/Authentication failed/u);
  });

  it('that does not reach a repository hears of it what it hears of none', async () => {
    const foreign = await gateway.createKey({ repos: ['other/**'] });
    const answers = await Promise.all(['group/project', 'group/nothing'].map(async (repo) => {
      const response = await gateway.fetch(`/git/${repo}.git/info/refs?service=git-upload-pack`, { key: foreign });
      return [response.status, await response.text()];
    }));
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(404);
  });
});
