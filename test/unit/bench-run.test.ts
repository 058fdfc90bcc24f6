import { appendFileSync, chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { generateRepository, pathOf } from '../bench/generate.js';
import { DESIGN_GOALS } from '../bench/goals.js';
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
    const { status, text } = await run('--sizes', '40,80', '--commits', '12', '--rounds', '1', '--json', '--only', 'equality,diff,objects,history,merge,checkpoint,scale,import');
    expect(status).toBe(0);
    const { machine, comparisons } = JSON.parse(text);
    expect(machine).toMatchObject({ node: process.versions.node });
    const done = new Set<string>();
    const withGoals = new Set<string>();
    for (const { job, subject, ratio, unit, oursFigure, otherFigure, goal, missed } of comparisons) {
      done.add(job);
      if (goal !== null) withGoals.add(job);
      // Of counts, ours is how often git was contradicted.
      expect([unit === 'ms' ? oursFigure > 0 : oursFigure === 0, otherFigure > 0, ratio], `${job} on ${subject}`).toEqual([true, true, oursFigure / otherFigure]);
      expect(missed).toBe(goal !== null && ratio > goal);
    }
    expect([...done].sort()).toEqual([
      'ahead/behind, rows cached', 'changed files and renames of commits', 'createCheckpoint, 3 files', 'createCheckpoint, 3 files, by size', 'diff of 3 files, objects cold',
      'diff of 3 files, warm', 'durable checkpoint, 3 files', 'durable checkpoint, 3 files, by size', 'import of a bare repository', 'import of a bundle',
      'merge base, rows cached', 'merge, first', 'merge, warm', 'merges, trees and marker text', 'patches of files', 'random object read',
      'structured diff, indexes cold', 'structured diff, objects cold', 'structured diff, warm',
    ]);
    // Every goal of the design has a job, and no job with a goal is left out of the closing table.
    expect([...withGoals].sort()).toEqual([...DESIGN_GOALS].sort());
  });

  test('measures in parts: repositories are generated once, and what is recorded adds up to one table', { timeout: 120_000 }, async () => {
    const cache = mkdtempSync(join(tmpdir(), 'weir-bench-cache-'));
    onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
    expect(await run('--cache', cache, '--generate', '--sizes', '40', '--commits', '12')).toMatchObject({ status: 0, text: '' });
    const made = readdirSync(cache);
    expect(made).toEqual(['generated-1-100-12.git', 'generated-1-40-100.git']);
    const refs = made.map((name) => git(join(cache, name), ['for-each-ref']));
    expect((await run('--cache', cache, '--summary', '--check')).status).toBe(1);

    const parts = [['--sizes', '40', '--only', 'checkpoint'], ['--commits', '12', '--only', 'history']];
    for (const part of parts) expect((await run('--cache', cache, '--record', '--rounds', '1', '--json', ...part)).status).toBe(0);
    expect(readdirSync(cache)).toEqual([...made, 'record.jsonl']);
    expect(made.map((name) => git(join(cache, name), ['for-each-ref']))).toEqual(refs);

    appendFileSync(join(cache, 'record.jsonl'), '\n{"job":"cut o');
    const { comparisons } = JSON.parse((await run('--cache', cache, '--summary', '--json')).text);
    expect(comparisons.map(({ job, subject }: { job: string; subject: string }) => `${job} | ${subject}`)).toEqual([
      'durable checkpoint, 3 files | 40 files, 100 commits', 'createCheckpoint, 3 files | 40 files, 100 commits',
      'merge base, rows cached | 100 files, 12 commits', 'ahead/behind, rows cached | 100 files, 12 commits',
    ]);
    const { text } = await run('--cache', cache, '--summary');
    expect(text).toMatch(/\nmerge base, rows cached\n {2}100 files, 12 commits {2}0\.\d{4} ≤ 1 {2}PASS/u);
    expect(text).toMatch(/\nmerge, warm\n {2}not measured\n/u);
    expect(text).toMatch(/11 jobs with goals were not measured\.\n\nMeasured at [0-9a-f]{7,}/u);
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
