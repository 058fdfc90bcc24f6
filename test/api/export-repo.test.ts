import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';
import { historyBundle } from '../support/history-bundle.js';


let fixture: OperationsFixture;
let scratch: string;

beforeAll(async () => {
  fixture = await openOperations();
  scratch = mkdtempSync(join(tmpdir(), 'weir-export-'));
});
afterAll(async () => {
  await fixture.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** What native git complains of, one line each, without the name of the repository. */
function fsck(repository: string): string[] {
  const { stdout, stderr } = spawnSync('git', ['-C', repository, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('notice:')).sort();
}

async function exportTo(repoId: number, name: string): Promise<string> {
  const repo = await fixture.app.storage.reader().repo(repoId);
  if (repo === null) throw new TypeError('the repository is gone');
  const path = join(scratch, name);
  await fixture.app.exportRepo(repo, path);
  return path;
}

describe('exporting', () => {
  it('writes what the gateway made so that git finds nothing to complain of', async () => {
    const { repoId } = receiptOf(await createRepo(fixture.as('owner'), { name: 'made', files: [{ path: 'a/b.txt', text: 'one\n' }] }));
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'made', name: 'session/1' }));
    for (let n = 0; n < 3; n++) {
      receiptOf(await createCheckpoint(fixture.as('agent'), { repo: 'made', branch: 'session/1', message: `Step ${n}`, changes: [{ write: { path: `n/${n}.txt`, text: `${n}\n`, mode: n === 1 ? 'EXECUTABLE' : 'FILE' } }] }));
    }
    receiptOf(await openProposal(fixture.as('agent'), { repo: 'made', source: 'session/1', title: 'Steps' }));
    receiptOf(await mergeBranch(fixture.as('owner'), { repo: 'made', from: 'session/1', into: 'main' }));
    const path = await exportTo(repoId, 'made.git');
    expect(fsck(path)).toEqual([]);
    const log = execFileSync('git', ['-C', path, 'log', '--format=%s', '--first-parent', 'main'], { encoding: 'utf8' });
    expect(log).toBe('Merge session/1 into main\nCreate made\n');
    expect(execFileSync('git', ['-C', path, 'for-each-ref', '--format=%(refname)'], { encoding: 'utf8' })).toBe('refs/heads/main\nrefs/heads/session/1\nrefs/proposals/1/head\n');
    expect(execFileSync('git', ['-C', path, 'ls-tree', '-r', '--name-only', 'HEAD'], { encoding: 'utf8' })).toBe('a/b.txt\nn/0.txt\nn/1.txt\nn/2.txt\n');
  });

  it('gives an imported history back with the same references and no defect that it did not bring', async () => {
    for (const name of ['express', 'flask'] as const) {
      const bundle = historyBundle(name);
      const source = await fixture.app.openImport(bundle);
      const { repoId } = receiptOf(await importRepo(fixture.as('operator', { scopes: ['ADMIN'] }), { name, source }));
      const path = await exportTo(repoId, `${name}.git`);
      const bare = join(scratch, `${name}-clone.git`);
      execFileSync('git', ['clone', '-q', '--mirror', bundle, bare]);
      const references = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/tags'];
      expect(execFileSync('git', ['-C', path, ...references], { encoding: 'utf8' })).toBe(execFileSync('git', ['-C', bare, ...references], { encoding: 'utf8' }));
      expect(fsck(path)).toEqual(fsck(bare));
    }
  }, 60_000);

  it('refuses a place that is not empty, and leaves it alone', async () => {
    const { repoId } = receiptOf(await createRepo(fixture.as('owner'), { name: 'elsewhere' }));
    mkdirSync(join(scratch, 'full'));
    writeFileSync(join(scratch, 'full', 'mine.txt'), 'mine');
    await expect(exportTo(repoId, 'full')).rejects.toThrow(/not empty/u);
    expect(existsSync(join(scratch, 'full', 'HEAD'))).toBe(false);
  });
});
