import { afterAll, describe, expect, it } from 'vitest';
import { cloneCorpus, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';
import { compareDiffs, compareStats } from './compare-diff.js';
import { main } from './main.js';

describe.each([
  ['express', 400],
  ['flask', 600],
] as const)('the last 200 first-parent commits of %s', (name, least) => {
  const gitDir = cloneCorpus(name);
  const source = new GitCatFileSource(gitDir);

  afterAll(async () => {
    await source.close();
    removeRepository(gitDir);
  });

  it('have the patches of git diff -M --full-index, byte for byte', async () => {
    const outcome = await compareDiffs(gitDir, source, { max: 200 });
    expect(outcome.differences).toEqual([]);
    expect(outcome.equal).toBeGreaterThan(least);
  });

  it('have the counts of git diff --numstat with white space ignored', async () => {
    const outcome = await compareStats(gitDir, source, { max: 200, diff: { whitespace: 'IGNORE_ALL' }, gitArguments: ['-w'] });
    expect(outcome.differences).toEqual([]);
    expect(outcome.equal).toBeGreaterThan(least);
  });

  it('are told equal by the conformance command, with status 0', async () => {
    const printed: string[] = [];
    const status = await main(['--repo', gitDir, '--max', '20'], (text) => printed.push(text));
    expect(printed.join('')).toMatch(/^objects +equal \d+ {2}different 0 .*\ncommits +equal \d+ {2}different 0 .*\nraw +equal 20 {2}different 0 .*\ndiff +equal \d+ {2}different 0 .*\nstats +equal \d+ {2}different 0 .*\nmerge +equal 20 {2}different 0 .*\n$/u);
    expect(status).toBe(0);
  });
});

describe('a comparison with git', () => {
  it('finds and describes differences where there are any', async () => {
    const gitDir = cloneCorpus('flask');
    const source = new GitCatFileSource(gitDir);
    try {
      const unlike = { max: 30, diff: { context: 2 } };
      const patches = await compareDiffs(gitDir, source, unlike);
      expect(patches.different).toBeGreaterThan(20);
      expect(patches.differences[0]).toMatch(/^[0-9a-f]{40} diff --git .*\n {2}line \d+\n {2}git: {2}@@ .*\n {2}weir: @@ /u);
      const counts = await compareStats(gitDir, source, { max: 200, diff: { whitespace: 'IGNORE_ALL' } });
      expect(counts.different).toBeGreaterThan(0);
      expect(counts.differences).toHaveLength(counts.different);
    } finally {
      await source.close();
      removeRepository(gitDir);
    }
  });
});

describe('the conformance command', () => {
  it('explains itself when it is not told a repository, with status 2', async () => {
    const printed: string[] = [];
    expect(await main(['--only', 'raw'], (text) => printed.push(text))).toBe(2);
    expect(await main(['--repo', '.', '--only', 'nothing'], (text) => printed.push(text))).toBe(2);
    expect(await main(['--repo', '.', '--max', '0'], (text) => printed.push(text))).toBe(2);
    expect(printed).toHaveLength(3);
    expect(printed[0]).toContain('--repo PATH');
  });
});
