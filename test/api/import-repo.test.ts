import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { openImportSource } from '../../src/storage/import/open-source.js';
import { openOperations, problemOf, receiptOf, type OperationsFixture } from '../support/operations.js';
import { historyBundle } from '../support/history-bundle.js';


let fixture: OperationsFixture;
let scratch: string;

beforeAll(async () => {
  fixture = await openOperations();
  scratch = mkdtempSync(join(tmpdir(), 'weir-import-'));
});
afterAll(async () => {
  await fixture.close();
  rmSync(scratch, { recursive: true, force: true });
});

function git(directory: string, ...args: string[]): string {
  return execFileSync('git', ['-C', directory, '-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { encoding: 'utf8' });
}

async function take(path: string, name: string): Promise<number> {
  const { config } = fixture.app;
  const source = await openImportSource(path, { objectsDirectory: join(config.dataDir, 'objects'), maxPackBytes: config.limits.pushBytes });
  return receiptOf(await importRepo(fixture.as('operator', { scopes: ['ADMIN'] }), { name, source })).repoId;
}

describe('importing', () => {
  it('takes a bundle of a real history over: every commit, branch and tag that git sees', async () => {
    const bundle = historyBundle('express');
    const bare = join(scratch, 'express.git');
    execFileSync('git', ['clone', '-q', '--bare', bundle, bare]);
    const repoId = await take(bundle, 'express');
    const reader = fixture.app.storage.reader();
    expect(await reader.repo(repoId)).toMatchObject({ name: 'express', defaultBranch: 'master' });
    expect((await reader.branchByName(repoId, 'master'))?.head).toBe(git(bare, 'rev-parse', 'master').trim());
    const graph = await fixture.app.storage.graph(repoId);
    expect(graph.size).toBe(Number(git(bare, 'rev-list', '--count', '--all').trim()));
    const tags = git(bare, 'tag').trim().split('\n').filter(Boolean);
    for (const name of tags.slice(0, 5)) expect((await reader.tagByName(repoId, name))?.commitOid).toBe(git(bare, 'rev-parse', `${name}^{commit}`).trim());
    expect(await reader.checkpointByNumber((await reader.branchByName(repoId, 'master'))?.id ?? 0, 1)).toMatchObject({ origin: 'IMPORT', state: 'CURRENT' });
  });

  it('takes a working repository over with loose objects, packs, packed refs and annotated tags', async () => {
    const work = join(scratch, 'work');
    execFileSync('git', ['init', '-q', '-b', 'trunk', work]);
    writeFileSync(join(work, 'a.txt'), 'a\n');
    git(work, 'add', '.');
    git(work, 'commit', '-q', '-m', 'one');
    git(work, 'tag', '-a', 'v1', '-m', 'first');
    git(work, 'gc', '-q');
    git(work, 'branch', 'feature/x');
    writeFileSync(join(work, 'b.txt'), 'b\n');
    git(work, 'add', '.');
    git(work, 'commit', '-q', '-m', 'two');
    const repoId = await take(work, 'work');
    const reader = fixture.app.storage.reader();
    expect(await reader.repo(repoId)).toMatchObject({ defaultBranch: 'trunk' });
    expect((await reader.branchByName(repoId, 'feature/x'))?.head).toBe(git(work, 'rev-parse', 'feature/x').trim());
    expect(await reader.tagByName(repoId, 'v1')).toMatchObject({ commitOid: git(work, 'rev-parse', 'v1^{commit}').trim(), message: expect.stringContaining('first') });
  });

  it('refuses a branch that is named like an object id, which could not be told from one, and takes the rest once it is gone', async () => {
    const work = join(scratch, 'disguised');
    execFileSync('git', ['init', '-q', '-b', 'main', work]);
    git(work, 'commit', '-q', '--allow-empty', '-m', 'one');
    const name = 'DEADBEEF'.repeat(5);
    git(work, 'update-ref', `refs/heads/${name}`, 'HEAD');
    const opened = await openImportSource(work, { objectsDirectory: join(fixture.app.config.dataDir, 'objects'), maxPackBytes: 1 << 30 });
    const problem = problemOf(await importRepo(fixture.as('operator', { scopes: ['ADMIN'] }), { name: 'disguised', source: opened }));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT' });
    expect(JSON.stringify(problem)).toContain(name);
    git(work, 'update-ref', '-d', `refs/heads/${name}`);
    git(work, 'update-ref', `refs/heads/${name.slice(1)}`, 'HEAD');
    const repoId = await take(work, 'disguised');
    expect((await fixture.app.storage.reader().branchByName(repoId, name.slice(1)))?.head).toBe(git(work, 'rev-parse', 'HEAD').trim());
  });

  it('refuses what is no repository, a taken name and a shallow clone, each in a sentence', async () => {
    await expect(take(scratch, 'nothing')).rejects.toThrow(/not a git repository or a bundle/u);
    const shallow = join(scratch, 'shallow');
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${join(scratch, 'work')}`, shallow]);
    await expect(take(shallow, 'shallow')).rejects.toThrow(/shallow/u);
    const source = await openImportSource(join(scratch, 'work'), { objectsDirectory: join(fixture.app.config.dataDir, 'objects'), maxPackBytes: 1 << 30 });
    expect(problemOf(await importRepo(fixture.as('operator', { scopes: ['ADMIN'] }), { name: 'work', source })).code).toBe('NAME_TAKEN');
    expect(problemOf(await importRepo(fixture.as('agent'), { name: 'other', source })).code).toBe('FORBIDDEN');
  });
});
