import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitGraph } from '../../../src/git/history/commit-graph.js';
import { commitsToReplay, replayCommits } from '../../../src/git/merge/replay.js';
import { StagedObjects } from '../../../src/git/objects/staged-objects.js';
import { fc } from '../../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';
import { histories, rowsFromGit, writeHistory } from '../../support/git-histories.js';
import { writeCommits, type FixtureTree } from '../../support/merge-fixture.js';

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

const body = (first: string, last: string): string => `${first}\n2\n3\n4\n5\n6\n7\n8\n${last}\n`;

/** A branch of commits beside a target that has one commit of its own, from a common root. */
function branchBeside(root: FixtureTree, target: FixtureTree, branch: readonly FixtureTree[]): { oids: string[]; graph: CommitGraph } {
  const commits = branch.map((tree, i) => ({ tree, parents: [i === 0 ? 0 : i + 1] }));
  const oids = writeCommits(repository, [{ tree: root, parents: [] }, { tree: target, parents: [0] }, ...commits]);
  return { oids, graph: new CommitGraph(rowsFromGit(repository, oids)) };
}

describe('a branch is rebased', () => {
  test('commit by commit to the trees that git cherry-pick makes, without those that became empty', async () => {
    const { oids, graph } = branchBeside({ f: body('1', '9') }, { f: body('1', 'nine'), g: 'g' }, [
      { f: body('one', '9') },
      { f: body('one', 'nine') },
      { f: body('one', 'nine'), h: 'h' },
    ]);
    const [, target = '', first = '', , third = ''] = oids;
    const staged = new StagedObjects(source);
    const replay = await replayCommits(staged, graph, target, third, { onto: 'main' });
    const trees = writeCommits(repository, [
      { tree: { f: body('one', 'nine'), g: 'g' }, parents: [] },
      { tree: { f: body('one', 'nine'), g: 'g', h: 'h' }, parents: [] },
    ]).map((oid) => git(repository, ['rev-parse', `${oid}^{tree}`]));
    expect(replay).toEqual({
      outcome: 'REPLAYED',
      tree: trees[1],
      commits: [{ commit: first, tree: trees[0] }, { commit: third, tree: trees[1] }],
    });
  });

  test('to the first commit that conflicts, which is named', async () => {
    const { oids, graph } = branchBeside({ f: body('1', '9') }, { f: body('1', 'nine') }, [{ f: body('one', '9') }, { f: body('one', 'neuf') }]);
    const [, target = '', , second = ''] = oids;
    const replay = await replayCommits(new StagedObjects(source), graph, target, second, { onto: 'main', nameOf: () => 'second' });
    expect(replay).toMatchObject({ outcome: 'CONFLICTED', commit: second, merge: { conflicts: [{ kind: 'CONTENT', path: 'f' }] } });
    expect(replay.outcome === 'CONFLICTED' ? replay.merge.conflicts[0]?.markers?.toString() : '').toContain('<<<<<<< main\nnine\n=======\nneuf\n>>>>>>> second\n');
  });

  test('from the commits that git would list, every parent before its children', () => {
    fc.assert(
      fc.property(histories(20), fc.nat(99), fc.nat(99), (steps, x, y) => {
        const oids = writeHistory(repository, steps);
        const [tip = '', target = ''] = [oids[x % oids.length], oids[y % oids.length]];
        const graph = new CommitGraph(rowsFromGit(repository, oids));
        const listed = commitsToReplay(graph, tip, [target]);
        const expected = git(repository, ['rev-list', '--no-merges', tip, `^${target}`]).split('\n').filter(Boolean);
        expect([...listed].sort()).toEqual(expected.sort());
        for (const [at, oid] of listed.entries()) for (const later of listed.slice(at)) expect(later === oid || !graph.isAncestor(later, oid)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
