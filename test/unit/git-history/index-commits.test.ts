import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitGraph, loadCommitGraph } from '../../../src/git/history/commit-graph.js';
import type { GraphRow } from '../../../src/git/history/graph-row.js';
import { indexCommits } from '../../../src/git/history/index-commits.js';
import { ObjectCorrupt, ObjectMissing } from '../../../src/git/objects/errors.js';
import { fc } from '../../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';
import { histories, rowsFromGit, writeHistory } from '../../support/git-histories.js';

let repository: string;
let source: GitCatFileSource;
beforeAll(() => {
  repository = makeRepository();
  source = new GitCatFileSource(repository);
});
afterAll(async () => {
  await source.close();
  removeRepository(repository);
});

/** An id for a made commit; that these share most of their bytes must not slow anything down. */
const name = (at: number): string => at.toString(16).padStart(8, '0').repeat(5);

const byOid = (rows: readonly GraphRow[]): GraphRow[] => [...rows].sort((a, b) => (a.oid < b.oid ? -1 : 1));

describe('commits are indexed', () => {
  test('with the parents, dates, trees and generations that git has, parents first, each once', async () => {
    await fc.assert(
      fc.asyncProperty(histories(25), async (steps) => {
        const oids = writeHistory(repository, steps);
        const rows = await indexCommits(source, oids, () => null);
        expect(byOid(rows)).toMatchObject(byOid(rowsFromGit(repository, oids)));
        const seen = new Set<string>();
        for (const { oid, parents } of rows) {
          expect(parents.every((parent) => seen.has(parent))).toBe(true);
          seen.add(oid);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('only as far as the commits that are known', async () => {
    const oids = writeHistory(repository, Array.from({ length: 12 }, (_, at) => ({ parents: at === 0 ? [] : [at - 1], seconds: 1_600_000_000 + at })));
    const [tip = '', known = ''] = [oids[11], oids[8]];
    const graph = new CommitGraph(await indexCommits(source, [known], () => null));
    const fresh = await indexCommits(source, [tip], (oid) => (graph.has(oid) ? graph.generationOf(oid) : null));
    expect(fresh.map(({ oid, generation }) => [oid, generation])).toEqual([9, 10, 11].map((at) => [oids[at], at + 1]));
    graph.append(fresh);
    expect([...graph.log(tip)]).toEqual(oids.toReversed());
    expect(await indexCommits(source, [tip], (oid) => (graph.has(oid) ? graph.generationOf(oid) : null))).toEqual([]);
  });

  test('unless a tip is missing or is no commit', async () => {
    await expect(indexCommits(source, ['1'.repeat(40)], () => null)).rejects.toThrow(ObjectMissing);
    const blob = git(repository, ['hash-object', '-w', '--stdin'], 'text');
    await expect(indexCommits(source, [blob], () => null)).rejects.toThrow(ObjectCorrupt);
  });
});

describe('a graph', () => {
  test('is filled from batches in any order, and refuses a row whose parent is nowhere', async () => {
    const oids = writeHistory(repository, Array.from({ length: 600 }, (_, at) => ({ parents: at === 0 ? [] : at % 7 === 0 ? [at - 1, at - 5] : [at - 1], seconds: 1_600_000_000 + at })));
    const rows = rowsFromGit(repository, oids.slice(-1));
    const graph = await loadCommitGraph({
      async *load() {
        yield rows.slice(300);
        yield rows.slice(0, 310);
      },
    });
    expect(graph.size).toBe(600);
    expect(rows.map(({ oid }) => graph.row(oid))).toEqual(rows);
    expect(() => new CommitGraph(rows.slice(1))).toThrow(ObjectMissing);
    expect(() => graph.parentsOf('f'.repeat(40))).toThrow(ObjectMissing);
    expect(graph.row('f'.repeat(40))).toBeNull();
    expect(graph.has('not an id')).toBe(false);
  });

  test('says what tips reach, and that unknown tips reach nothing', () => {
    const oids = writeHistory(repository, [
      { parents: [], seconds: 1 },
      { parents: [0], seconds: 2 },
      { parents: [0], seconds: 3 },
      { parents: [1, 2], seconds: 4 },
    ]);
    const [root = '', left = '', right = '', top = ''] = oids;
    const graph = new CommitGraph(rowsFromGit(repository, oids));
    const reached = graph.reachable([left, 'f'.repeat(40)]);
    expect([root, left, right, top, 'f'.repeat(40)].map((oid) => reached.has(oid))).toEqual([true, true, false, false, false]);
    expect(graph.isReachable(right, [left, 'f'.repeat(40)])).toBe(false);
    expect(graph.isReachable(right, [left, top])).toBe(true);
  });

  test('answers merge bases near the top of 100,000 commits in under a millisecond', () => {
    const rows: GraphRow[] = [];
    for (let at = 0; at < 100_000; at++) rows.push({ oid: name(at), parents: at === 0 ? [] : [name(at - 1)], generation: at + 1, seconds: at, tree: null });
    for (let at = 0; at < 10; at++) rows.push({ oid: name(200_000 + at), parents: [name(at === 0 ? 99_980 : 199_999 + at)], generation: 99_982 + at, seconds: 99_981 + at, tree: null });
    const graph = new CommitGraph(rows);
    const [ours, theirs] = [name(99_999), name(200_009)];
    expect(graph.mergeBases(ours, theirs)).toEqual([name(99_980)]);
    expect(graph.aheadBehind(ours, theirs)).toEqual({ ahead: 19, behind: 10 });
    const times = Array.from({ length: 101 }, () => {
      const started = performance.now();
      graph.mergeBases(ours, theirs);
      return performance.now() - started;
    }).sort((a, b) => a - b);
    expect(times[50]).toBeLessThan(1);
  });
});
