import { describe, expect, it } from 'vitest';
import type { TreeDiffOptions } from '../../src/git/diff/tree-diff.js';
import { compareRaw } from '../conformance/compare-raw.js';
import { fc } from '../support/fast-check.js';
import { generatedTrees, oddBodies, tyingBodies, writeTrees, type GeneratedTree } from '../support/generated-trees.js';
import { makeRepository, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';

/** Trees in one generated history: each is compared with the one before, under every question. */
const TREES = Number(process.env['WEIR_TEST_TREES'] ?? 150);

/** The same question put to both sides, in their own words. */
interface Question {
  readonly diff: TreeDiffOptions;
  readonly gitArguments: readonly string[];
}

const questions: readonly Question[] = [
  { diff: {}, gitArguments: ['-M'] },
  { diff: { renames: false }, gitArguments: ['--no-renames'] },
  { diff: { renameThreshold: 20 }, gitArguments: ['-M20%'] },
  { diff: { renameThreshold: 100 }, gitArguments: ['-M100%'] },
  { diff: { renameLimit: 3 }, gitArguments: ['-M', '-l3'] },
  { diff: { copies: true }, gitArguments: ['-C'] },
  { diff: { copies: true, renameThreshold: 30, renameLimit: 4 }, gitArguments: ['-C30%', '-l4'] },
];

/**
 * What differs, in words; empty when all is equal. One history instead of many runs of a property: two processes a question
 * instead of two a case. Of many differences the three shortest are told.
 */
async function differencesOver(trees: readonly GeneratedTree[]): Promise<string> {
  const repository = makeRepository();
  const source = new GitCatFileSource(repository);
  try {
    writeTrees(repository, trees);
    const told: string[] = [];
    for (const question of questions) {
      const { differences, equal } = await compareRaw(repository, source, question);
      if (equal === trees.length) continue;
      const shortest = differences.toSorted((a, b) => a.length - b.length).slice(0, 3);
      told.push(`git diff ${question.gitArguments.join(' ')}: ${equal} of ${trees.length} equal`, ...shortest);
    }
    return told.join('\n');
  } finally {
    await source.close();
    removeRepository(repository);
  }
}

describe('the tree diff and git diff --raw agree on generated trees', () => {
  it('with files that resemble each other so much that the order of ties decides', async () => {
    expect(await differencesOver(fc.sample(generatedTrees(tyingBodies, 14), { numRuns: TREES }))).toBe('');
  });

  it('with carriage returns, binary bytes, long lines and unfinished last lines', async () => {
    expect(await differencesOver(fc.sample(generatedTrees(oddBodies, 10), { numRuns: TREES }))).toBe('');
  });
});
