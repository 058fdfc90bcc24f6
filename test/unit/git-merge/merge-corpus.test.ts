import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CommitGraph } from '../../../src/git/history/commit-graph.js';
import { mergeCommits } from '../../../src/git/merge/merge-commits.js';
import { StagedObjects } from '../../../src/git/objects/staged-objects.js';
import { compareMerges } from '../../conformance/compare-merge.js';
import { cloneCorpus, removeRepository } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';
import { rowsFromGit } from '../../support/git-histories.js';

interface RecordedMerge {
  readonly ours: string;
  readonly theirs: string;
  readonly bases: readonly string[];
  readonly clean: boolean;
  readonly tree: string | null;
  readonly conflicts: readonly string[];
}

function isRecordedMerge(value: unknown): value is RecordedMerge {
  return typeof value === 'object' && value !== null && 'ours' in value && 'bases' in value && 'conflicts' in value;
}

/** Every recorded merge of a real history. */
function recordedMerges(name: string): RecordedMerge[] {
  const path = new URL(`../../../../shared/corpus/${name}.merges.jsonl`, import.meta.url).pathname;
  return readFileSync(path, 'utf8').trim().split('\n').map((line): unknown => JSON.parse(line)).filter(isRecordedMerge);
}

/** Every conflicting merge and every twentieth clean one: the spread that fits a test run. The conformance command does all. */
function sampled(merges: readonly RecordedMerge[]): RecordedMerge[] {
  return merges.filter(({ clean }, i) => i % (clean ? 20 : 2) === 0);
}

describe.each(['express', 'flask'] as const)('the history of %s merges again as git merged it', (name) => {
  test('with the recorded bases, trees and conflicted paths, and the marker text of git', async () => {
    const repository = cloneCorpus(name);
    const source = new GitCatFileSource(repository);
    try {
      const graph = new CommitGraph(rowsFromGit(repository));
      const merges = recordedMerges(name);
      expect(merges.length).toBeGreaterThan(400);
      for (const { ours, theirs, bases } of merges) expect(graph.mergeBases(ours, theirs)).toEqual(bases);
      for (const { ours, theirs, clean, tree, conflicts } of sampled(merges)) {
        const merged = await mergeCommits(new StagedObjects(source), graph, ours, theirs, { labels: { ours, theirs } });
        expect([...new Set(merged.stages.map(({ path }) => path))]).toEqual([...conflicts].sort());
        expect(clean ? merged.tree : null).toBe(tree);
      }
      const compared = await compareMerges(repository, source, graph, sampled(merges).filter(({ clean }) => !clean));
      expect(compared.differences).toEqual([]);
      expect(compared.equal).toBeGreaterThan(40);
    } finally {
      await source.close();
      removeRepository(repository);
    }
  });
});
