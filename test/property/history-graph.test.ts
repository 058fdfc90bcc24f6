import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { fc } from '../support/fast-check.js';
import { git, makeRepository, removeRepository, runGit } from '../support/git-binary.js';
import { histories, rowsFromGit, writeHistory } from '../support/git-histories.js';

let repository: string;
beforeAll(() => {
  repository = makeRepository();
});
afterAll(() => removeRepository(repository));

interface Drawn {
  readonly graph: CommitGraph;
  readonly a: string;
  readonly b: string;
}

/** A history in real git and in a graph, and two of its commits. */
function draw(steps: Parameters<typeof writeHistory>[1], x: number, y: number): Drawn {
  const oids = writeHistory(repository, steps);
  return {
    graph: new CommitGraph(rowsFromGit(repository, oids).reverse()),
    a: oids[x % oids.length] ?? '',
    b: oids[y % oids.length] ?? '',
  };
}

/** The commits that `git log` lists. */
const lines = (args: string[]): string[] => git(repository, ['log', '--format=%H', ...args]).split('\n').filter(Boolean);

const cases = fc.tuple(histories(30), fc.nat(1000), fc.nat(1000));

describe('on generated histories the commit graph says what git says', () => {
  test('all merge bases, in the same order', () => {
    fc.assert(
      fc.property(cases, ([steps, x, y]) => {
        const { graph, a, b } = draw(steps, x, y);
        expect(graph.mergeBases(a, b)).toEqual(runGit(repository, ['merge-base', '--all', a, b]).stdout.split('\n').filter(Boolean));
      }),
      { numRuns: 120 },
    );
  });

  test('how far two commits are ahead of and behind each other, and which is an ancestor', () => {
    fc.assert(
      fc.property(cases, ([steps, x, y]) => {
        const { graph, a, b } = draw(steps, x, y);
        const [ahead, behind] = git(repository, ['rev-list', '--left-right', '--count', `${a}...${b}`]).split('\t').map(Number);
        expect(graph.aheadBehind(a, b)).toEqual({ ahead, behind });
        expect(graph.isAncestor(a, b)).toBe(ahead === 0);
        expect(graph.isAncestor(b, a)).toBe(behind === 0);
      }),
      { numRuns: 80 },
    );
  });

  test('the log, whole, limited and along first parents', () => {
    fc.assert(
      fc.property(cases, ([steps, x, y]) => {
        const { graph, a, b } = draw(steps, x, y);
        expect([...graph.log(a)]).toEqual(lines([a]));
        expect([...graph.log([a, b])]).toEqual(lines([a, b]));
        expect([...graph.log(a, { exclude: [b] })]).toEqual(lines([a, `^${b}`]));
        expect([...graph.firstParentLog(a)]).toEqual(lines(['--first-parent', a]));
      }),
      { numRuns: 60 },
    );
  });
});
