import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { gitClient, importInto, type GitClient } from '../support/git-client.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

let gateway: TestGateway;
let client: GitClient;
let head: string;
let hidden: string;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_PUBLIC_URL: 'https://weir.example.org/' } });
  client = gitClient();
  head = await seedRepo(gateway, 'group/project', [{ path: 'README.md', text: '# Project\n' }, { path: 'src/ümlaut.txt', text: 'Grüße\n' }]);
  await seedBranch(gateway, 'group/project', 'open/a');
  await seedCheckpoint(gateway, 'group/project', 'open/a', { path: 'open.txt', text: 'open\n' });
  await seedBranch(gateway, 'group/project', 'secret/a');
  hidden = await seedCheckpoint(gateway, 'group/project', 'secret/a', { path: 'secret.txt', text: 'secret\n' });
});
afterAll(async () => {
  client.remove();
  await gateway.close();
});

function archive(rev: string, key?: string): Promise<Response> {
  return gateway.fetch(`/archive/group/project/-/${rev}`, key === undefined ? {} : { key });
}

let directories = 0;
/** Unpacks a tar.gz by tar; answers its directory. */
async function unpacked(response: Response): Promise<string> {
  const directory = join(client.directory, `unpacked-${++directories}`);
  mkdirSync(directory);
  const file = `${directory}.tar.gz`;
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  // An alias of git is the shell that the client has.
  await client.git('-c', `alias.unpack=!tar -xzf "${file}" -C "${directory}"`, 'unpack');
  return directory;
}

async function treeOf(directory: string): Promise<string> {
  await client.git('init', '-q', directory);
  await client.git('-C', directory, 'add', '-A', '-f');
  return client.git('-C', directory, 'write-tree');
}

describe('an archive', () => {
  it('holds exactly the tree of its commit, below one directory', async () => {
    const response = await archive(`${head}.tar.gz`);
    const stem = `group-project-${head.slice(0, 12)}`;
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${stem}.tar.gz"`);
    const { repo } = await gateway.data('query ($rev: String!) { repo(name: "group/project") { commit(rev: $rev) { treeOid } } }', { rev: head });
    expect(await treeOf(join(await unpacked(response), stem))).toBe(repo.commit.treeOid);
  });

  it('is the same bytes each time', async () => {
    for (const rev of ['main.tar.gz', 'main.zip']) {
      const [one, two] = await Promise.all([archive(rev), archive(rev)]);
      expect(Buffer.from(await one.arrayBuffer()).equals(Buffer.from(await two.arrayBuffer()))).toBe(true);
    }
  });

  it('comes as zip as well', async () => {
    const response = await archive('main.zip');
    expect(response.headers.get('content-type')).toBe('application/zip');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    expect(bytes.includes(`group-project-${head.slice(0, 12)}/README.md`)).toBe(true);
  });

  it('is of any rev, also of one with slashes', async () => {
    for (const rev of ['open/a.tar.gz', 'open%2Fa.tar.gz', 'checkpoint:1@open%2Fa.tar.gz']) {
      const response = await archive(rev);
      expect(response.status).toBe(200);
      const directory = await unpacked(response);
      const [stem = ''] = readdirSync(directory);
      expect(readdirSync(join(directory, stem))).toContain('open.txt');
    }
  });

  it('has a tag that tells whether the branch has moved', async () => {
    const first = await archive('main.zip');
    await first.arrayBuffer();
    const etag = first.headers.get('etag') ?? '';
    const again = await gateway.fetch('/archive/group/project/-/main.zip', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const asked = await gateway.fetch('/archive/group/project/-/main.zip', { method: 'HEAD' });
    expect([asked.status, await asked.text()]).toEqual([200, '']);
  });

  it('of what is hidden answers as one of what is absent', async () => {
    const limited = await gateway.createKey({ readBranches: ['main'] });
    const answers = await Promise.all(['secret/a', 'nothing/a', hidden, 'f'.repeat(40), '--output=evil', '../../etc'].map(async (rev) => {
      const response = await archive(`${encodeURIComponent(rev)}.tar.gz`, limited);
      const { errors }: Json = await response.json();
      return [response.status, errors[0].extensions.code];
    }));
    expect(answers).toEqual(answers.map(() => [404, 'UNKNOWN_REV']));
    const foreign = await gateway.createKey({ repos: ['other/**'] });
    expect((await archive('main.zip', foreign)).status).toBe(404);
    expect((await gateway.fetch('/archive/group/project/-/main.rar')).status).toBe(404);
  });

  it('never holds a path that leads out of it, whatever came in by an import', async () => {
    const bad = join(client.directory, 'bad');
    await client.git('init', '-q', '-b', 'main', bad);
    const { stdout } = await client.run(['-C', bad, 'hash-object', '-w', '--stdin'], 'evil\n');
    const blob = stdout.trim();
    const inner = Buffer.concat([Buffer.from('100644 evil\0'), Buffer.from(blob, 'hex')]);
    writeFileSync(join(client.directory, 'inner'), inner);
    const tree = await client.git('-C', bad, 'hash-object', '-t', 'tree', '-w', '--literally', join(client.directory, 'inner'));
    writeFileSync(join(client.directory, 'outer'), Buffer.concat([Buffer.from('40000 ..\0'), Buffer.from(tree, 'hex')]));
    const outer = await client.git('-C', bad, 'hash-object', '-t', 'tree', '-w', '--literally', join(client.directory, 'outer'));
    const commit = await client.git('-C', bad, 'commit-tree', '-m', 'bad', outer);
    await client.git('-C', bad, 'update-ref', 'refs/heads/main', commit);
    await importInto(gateway, bad, 'bad');
    for (const ending of ['tar.gz', 'zip']) {
      const response = await gateway.fetch(`/archive/bad/-/main.${ending}`);
      const { errors }: Json = await response.json();
      expect([response.status, errors[0].extensions.code, errors[0].message]).toEqual([409, 'INVALID_STATE', 'The commit holds the path "..", which leads out of where it is unpacked.']);
    }
  });
});

describe('the clone address', () => {
  it('is where the public address says', async () => {
    const { repo } = await gateway.data('{ repo(name: "group/project") { cloneUrl } }');
    expect(repo.cloneUrl).toBe('https://weir.example.org/git/group/project.git');
  });
});
