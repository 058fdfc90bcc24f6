import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloneCorpus, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';
import { compareRaw } from './compare-raw.js';

describe.each([
  { name: 'express' as const, commits: 3000, renames: 100 },
  { name: 'flask' as const, commits: 2000, renames: 100 },
])('every first-parent commit of $name', ({ name, commits, renames }) => {
  let repository: string;
  let source: GitCatFileSource;

  beforeAll(() => {
    repository = cloneCorpus(name);
    source = new GitCatFileSource(repository);
  });

  afterAll(async () => {
    await source.close();
    removeRepository(repository);
  });

  it.each([
    { asked: '-M', diff: {}, gitArguments: ['-M'] },
    { asked: '-C', diff: { copies: true }, gitArguments: ['-C'] },
  ])('changes the files that git log --raw $asked names, with the same scores', async ({ diff, gitArguments }) => {
    const compared = await compareRaw(repository, source, { diff, gitArguments });
    expect(compared.differences.slice(0, 3).join('\n')).toBe('');
    expect(compared).toMatchObject({ different: 0, skipped: 0 });
    // A comparison of nothing would be equal too.
    expect(compared.equal).toBeGreaterThan(commits);
    expect(compared.renames).toBeGreaterThan(renames);
  });
});
