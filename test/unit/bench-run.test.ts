import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { generateRepository, pathOf } from '../bench/generate.js';
import { runBench } from '../bench/run.js';
import { git, runGit } from '../support/git-binary.js';

describe('a generated repository', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'weir-generated-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('has the files, commits and merges that were asked for, and git finds nothing wrong with it', async () => {
    const bare = join(directory, 'one.git');
    await generateRepository(bare, { files: 70, commits: 20 });
    expect(git(bare, ['ls-tree', '-r', '--name-only', 'main']).split('\n').sort()).toEqual(Array.from({ length: 70 }, (_, file) => pathOf(file, 70)).sort());
    expect(git(bare, ['rev-list', '--count', '--first-parent', 'main'])).toBe('25');
    expect(git(bare, ['rev-list', '--count', '--merges', 'main'])).toBe('4');
    expect(runGit(bare, ['fsck', '--full', '--strict'])).toMatchObject({ status: 0, stdout: '' });
  });

  test('merges without conflicts to the very trees that it records', async () => {
    const bare = join(directory, 'merges.git');
    await generateRepository(bare, { files: 33, commits: 10 });
    const merges = git(bare, ['log', '--merges', '--format=%T %P', 'main']).split('\n');
    expect(merges).toHaveLength(2);
    for (const merge of merges) {
      const [tree = '', ours = '', theirs = ''] = merge.split(' ');
      expect(git(bare, ['merge-tree', '--write-tree', ours, theirs])).toBe(tree);
    }
  });

  test('is the same each time', async () => {
    const heads = [];
    for (const name of ['two.git', 'three.git']) {
      await generateRepository(join(directory, name), { files: 5, commits: 6 });
      heads.push(git(join(directory, name), ['rev-parse', 'main']));
    }
    expect(heads[0]).toBe(heads[1]);
  });

  test('spreads its files over directories of at most 32 entries', () => {
    const entries = new Map<string, Set<string>>();
    for (let file = 0; file < 3000; file++) {
      const parts = pathOf(file, 3000).split('/');
      for (let depth = 0; depth < parts.length; depth++) {
        const parent = parts.slice(0, depth).join('/');
        entries.set(parent, (entries.get(parent) ?? new Set()).add(parts[depth] ?? ''));
      }
    }
    expect(Math.max(...[...entries.values()].map((names) => names.size))).toBe(32);
  });
});

async function run(...args: string[]): Promise<{ status: number; text: string; told: string }> {
  let text = '';
  let told = '';
  const status = await runBench(args, { out: (more) => { text += more; }, progress: (more) => { told += more; } });
  return { status, text, told };
}

describe('the bench', () => {
  test('does every job on a small repository and tells both sides, their ratio and the goal', { timeout: 120_000 }, async () => {
    const { status, text } = await run('--sizes', '40,80', '--commits', '12', '--rounds', '1', '--json', '--only', 'diff,objects,history,merge,checkpoint,scale,import');
    expect(status).toBe(0);
    const { machine, comparisons } = JSON.parse(text);
    expect(machine).toMatchObject({ node: process.versions.node });
    const done = new Set<string>();
    for (const { job, subject, ratio, oursMs, otherMs, goal, missed } of comparisons) {
      done.add(job);
      expect([oursMs > 0, otherMs > 0, ratio], `${job} on ${subject}`).toEqual([true, true, oursMs / otherMs]);
      expect(missed).toBe(goal !== null && ratio > goal);
    }
    expect([...done].sort()).toEqual([
      'ahead/behind, rows cached', 'createCheckpoint, 3 files', 'diff of 3 files, objects cold', 'diff of 3 files, warm', 'durable checkpoint, 3 files',
      'import of a bare repository', 'import of a bundle', 'merge base, rows cached', 'merge, first', 'merge, warm', 'random object read',
      'structured diff, indexes cold', 'structured diff, objects cold', 'structured diff, warm',
    ]);
  });

  test('makes timelines of the lengths that it is told, and does each of its jobs on the longest and the shortest', { timeout: 120_000 }, async () => {
    const { status, text, told } = await run('--checkpoints', '150,250,40', '--rounds', '1', '--json', '--only', 'timeline');
    expect(status).toBe(0);
    expect(told.match(/\d+ checkpoints made/gu)).toEqual(['40 checkpoints made', '150 checkpoints made', '250 checkpoints made']);
    const { comparisons } = JSON.parse(text);
    expect(comparisons.map(({ job, ours, other, goal }: { job: string; ours: string; other: string; goal: number }) => [job, ours, other, goal])).toEqual(
      ['timeline, first page', 'timeline, middle page', 'timeline, last page', 'undo', 'createCheckpoint'].map((job) => [job, '250 checkpoints', '40 checkpoints', 1.3]),
    );
    expect((await run('--checkpoints', '1000')).status).toBe(2);
  });

  test('says in a sentence what is wrong with a repository that is none, and leaves nothing behind', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'weir-bench-test-'));
    // The account of a private database must pass through it.
    chmodSync(temporary, 0o711);
    vi.stubEnv('TMPDIR', temporary);
    const { status, told } = await run('--repo', join(temporary, 'nothing.git'), '--only', 'merge').finally(() => vi.unstubAllEnvs());
    expect(status).toBe(2);
    expect(told).toMatch(/nothing\.git/u);
    expect(readdirSync(temporary).filter((name) => name.startsWith('weir-bench-'))).toEqual([]);
    rmSync(temporary, { recursive: true });
  });

  test('explains itself when it is asked for what it does not know', async () => {
    const { status, text } = await run('--only', 'magic');
    expect(status).toBe(2);
    expect(text).toContain('--sizes');
  });
});
