import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { replayCommits } from '../../src/git/merge/replay.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { fc } from '../support/fast-check.js';
import { git, makeRepository, removeRepository, runGit } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';
import { rowsFromGit } from '../support/git-histories.js';
import { applySteps, baseTrees, treeSteps } from '../support/merge-cases.js';
import { writeCommits } from '../support/merge-fixture.js';

let repository: string;
let workplace: string;
let source: GitCatFileSource;
beforeAll(() => {
  repository = makeRepository();
  source = new GitCatFileSource(repository);
  workplace = mkdtempSync(join(tmpdir(), 'weir-rebase-'));
  const [empty = ''] = writeCommits(repository, [{ tree: { f: 'f' }, parents: [] }]);
  git(repository, ['worktree', 'add', '-q', '--detach', join(workplace, 'tree'), empty]);
});
afterAll(async () => {
  await source.close();
  removeRepository(repository);
  rmSync(workplace, { recursive: true, force: true });
});

/** What a rebase came to: the tree of each commit on the target, oldest first, or the commit that conflicts. */
type Rebased = { readonly trees: readonly string[] } | { readonly stuck: string };

/** Rebases with the git binary, in a work tree of its own. */
function rebaseByGit(target: string, tip: string): Rebased {
  const tree = join(workplace, 'tree');
  git(tree, ['checkout', '-q', '-f', '--detach', tip]);
  git(tree, ['clean', '-q', '-f', '-f', '-d', '-x']);
  if (runGit(tree, ['-c', 'advice.skippedCherryPicks=false', 'rebase', '-q', target]).status === 0) {
    return { trees: git(tree, ['log', '--reverse', '--format=%T', `${target}..HEAD`]).split('\n').filter(Boolean) };
  }
  const stuck = git(tree, ['rev-parse', 'REBASE_HEAD']);
  git(tree, ['rebase', '--abort']);
  return { stuck };
}

async function rebaseHere(graph: CommitGraph, target: string, tip: string): Promise<Rebased> {
  const replay = await replayCommits(new StagedObjects(source), graph, target, tip, { onto: target });
  return replay.outcome === 'CONFLICTED' ? { stuck: replay.commit } : { trees: replay.commits.map(({ tree }) => tree) };
}

const lines = fc.tuple(baseTrees, treeSteps, fc.array(treeSteps, { minLength: 1, maxLength: 4 }));

test('lines of commits with edits, renames, moved directories, deletions and empty commits are rebased as git rebases them', async () => {
  let clean = 0;
  let stuck = 0;
  // A fixed seed, for the reason that the merge of trees has one: which of several identical files git takes for the renamed one.
  for (const [base, onTarget, turns] of fc.sample(lines, { numRuns: 40, seed: 11 })) {
    let tree = base;
    const commits = turns.map((steps, at) => ({ tree: (tree = applySteps(tree, steps)), parents: [at === 0 ? 0 : at + 1] }));
    const oids = writeCommits(repository, [{ tree: base, parents: [] }, { tree: applySteps(base, onTarget), parents: [0] }, ...commits]);
    const [, target = ''] = oids;
    const tip = oids.at(-1) ?? '';
    const expected = rebaseByGit(target, tip);
    expect(await rebaseHere(new CommitGraph(rowsFromGit(repository, oids)), target, tip)).toEqual(expected);
    if ('stuck' in expected) stuck++;
    else clean++;
  }
  expect(clean).toBeGreaterThan(10);
  expect(stuck).toBeGreaterThan(5);
});
