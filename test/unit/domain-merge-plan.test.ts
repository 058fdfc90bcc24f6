import { beforeEach, describe, expect, it } from 'vitest';
import { planMerge, summarizeConflicts, type MergePlan, type MergeQuestion } from '../../src/domain/merge-plan.js';
import { stageCommit } from '../../src/domain/commit-draft.js';
import type { RepoObjects, StoredPack } from '../../src/domain/ports/repo-objects.js';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import type { Problem } from '../../src/domain/problem.js';
import { outsideGlobs } from '../../src/domain/problems.js';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { encodeName } from '../../src/git/objects/tree.js';
import { listTree } from '../../src/git/objects/walk-tree.js';
import { MemoryObjects } from '../support/memory-objects.js';

/** A store in memory that writes what is persisted back into itself, and counts how often it was asked to. */
class MemoryRepo extends MemoryObjects implements RepoObjects {
  persisted = 0;

  stage(): StagedObjects {
    return new StagedObjects(this);
  }

  async persist(staged: StagedObjects): Promise<StoredPack> {
    for (const { type, content } of staged.entries().values()) this.put(type, content);
    return { name: `pack-${++this.persisted}`, bytes: 1, objects: staged.entries().size };
  }

  adopt(): void {
    throw new TypeError('a plan makes nothing live');
  }
}

const DRAFT = { author: { name: 'Ada', email: 'ada@example.org' }, message: 'Merge', trailers: [], at: new Date(1_700_000_000_000) };

let objects: MemoryRepo;
let graph: CommitGraph;
/** What the key answers to a tree that is to be written. */
let forbidden: Problem | null;

beforeEach(() => {
  objects = new MemoryRepo();
  graph = new CommitGraph();
  forbidden = null;
});

function commit(files: Readonly<Record<string, string>>, ...parents: readonly string[]): string {
  const staged = objects.stage();
  const row = stageCommit(staged, graph, { ...DRAFT, tree: objects.tree(files), parents, message: JSON.stringify(files) });
  for (const { type, content } of staged.entries().values()) objects.put(type, content);
  graph.append([row]);
  return row.oid;
}

function plan(sourceHead: string, targetHead: string, more: Partial<MergeQuestion> = {}): Promise<MergePlan> {
  const means = { objects, room: { limit: 'repoBytes', used: 0, maximum: DEFAULT_LIMITS.repoBytes } as const, graph, limits: DEFAULT_LIMITS, mayUseBlob: async () => false, mayWrite: async () => forbidden };
  const question = { repoId: 1, strategy: 'MERGE', sourceName: 'theirs', sourceHead, targetName: 'ours', targetHead, landingBase: null, resolutions: [], ...more } as const;
  return planMerge(means, question, DRAFT);
}

const STRATEGIES = ['MERGE', 'SQUASH', 'FAST_FORWARD_ONLY', 'REBASE'] as const;

describe('the plan of a merge', () => {
  it.each(STRATEGIES)('by %s is nothing when the target has it all', async (strategy) => {
    const base = commit({ a: '1' });
    const ahead = commit({ a: '2' }, base);
    expect(await plan(base, base, { strategy })).toEqual({ outcome: 'UP_TO_DATE' });
    expect(await plan(base, ahead, { strategy })).toEqual({ outcome: 'UP_TO_DATE' });
    expect(objects.persisted).toBe(0);
  });

  it.each(STRATEGIES)('by %s is refused without a commit in common', async (strategy) => {
    expect(await plan(commit({ a: '1' }), commit({ b: '1' }), { strategy })).toEqual({ outcome: 'UNRELATED' });
    expect(objects.persisted).toBe(0);
  });

  it('moves the target only where that is asked for and possible', async () => {
    const base = commit({ a: '1' });
    const ahead = commit({ a: '2' }, base);
    expect(await plan(ahead, base, { strategy: 'FAST_FORWARD_ONLY' })).toEqual({ outcome: 'FAST_FORWARD', head: ahead });
    expect(await plan(ahead, commit({ a: '1', b: '1' }, base), { strategy: 'FAST_FORWARD_ONLY' })).toEqual({ outcome: 'DIVERGED' });
    expect(objects.persisted).toBe(0);
    expect(await plan(ahead, base)).toMatchObject({ outcome: 'MERGED', lands: false, commits: [{ parents: [base, ahead], tree: graph.treeOf(ahead), generation: 3 }] });
    expect(await plan(ahead, base, { strategy: 'SQUASH' })).toMatchObject({ outcome: 'MERGED', lands: true, commits: [{ parents: [base], tree: graph.treeOf(ahead), generation: 2 }] });
  });

  it('is durable before it is answered, with the tree of both sides', async () => {
    const base = commit({ a: '1', b: '1' });
    const merged = await plan(commit({ a: '2', b: '1' }, base), commit({ a: '1', b: '2' }, base));
    expect(merged).toMatchObject({ outcome: 'MERGED', pack: { name: 'pack-1' } });
    const tree = merged.outcome === 'MERGED' ? (merged.commits[0].tree ?? '') : '';
    const { leaves } = await listTree(objects, tree, 10);
    expect(await Promise.all(leaves.map(async ({ path, entry }) => `${path} ${(await objects.read(entry.oid)).content.toString()}`))).toEqual(['a 2', 'b 2']);
  });

  it('of a conflict has its paths and kinds, and has written nothing', async () => {
    const base = commit({ a: '1\n', b: '1\n', c: 'x\ny\nz\n' });
    const conflicted = await plan(commit({ a: '2\n', c: 'x\ny\nz\n' }, base), commit({ a: '3\n', b: '2\n', c: 'x\ny\nz\n' }, base));
    const conflicts = conflicted.outcome === 'CONFLICTED' ? summarizeConflicts(conflicted.conflicts) : [];
    expect(conflicts).toEqual([{ path: 'a', paths: ['a'], kind: 'CONTENT' }, { path: 'b', paths: ['b'], kind: 'MODIFY_DELETE' }]);
    expect(objects.persisted).toBe(0);
  });

  it('writes no tree that the key may not write', async () => {
    const base = commit({ a: '1', b: '1' });
    forbidden = outsideGlobs('paths', 'a');
    expect(await plan(commit({ a: '2', b: '1' }, base), commit({ a: '1', b: '2' }, base))).toEqual({ outcome: 'REFUSED', problem: forbidden });
    expect(objects.persisted).toBe(0);
  });

  it('names conflicted paths as people read them', async () => {
    const path = encodeName('é/日');
    const base = commit({ [path]: '1\n' });
    const conflicted = await plan(commit({ [path]: '2\n' }, base), commit({ [path]: '3\n' }, base));
    expect(conflicted.outcome === 'CONFLICTED' && summarizeConflicts(conflicted.conflicts)).toMatchObject([{ path: 'é/日' }]);
  });

  it('begins at the landing of an earlier squash, so that it does not conflict with itself', async () => {
    const base = commit({ a: '1\n' });
    const first = commit({ a: '2\n' }, base);
    const squashed = commit({ a: '2\n', b: '1\n' }, base);
    const second = commit({ a: '3\n' }, first);
    expect((await plan(second, squashed)).outcome).toBe('CONFLICTED');
    expect(await plan(second, squashed, { landingBase: first })).toMatchObject({ outcome: 'MERGED' });
    expect(await plan(first, squashed, { landingBase: first })).toEqual({ outcome: 'UP_TO_DATE' });
  });

  it('by SQUASH is nothing when it would change no file', async () => {
    const base = commit({ a: '1' });
    const same = commit({ a: '2' }, base);
    expect(await plan(same, commit({ a: '2' }, base, base), { strategy: 'SQUASH' })).toEqual({ outcome: 'UP_TO_DATE' });
    expect(objects.persisted).toBe(0);
  });
});
