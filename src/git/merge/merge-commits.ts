import type { CommitGraph } from '../history/commit-graph.js';
import { readCommit } from '../objects/commit.js';
import type { Oid } from '../objects/object-source.js';
import type { StagedObjects } from '../objects/staged-objects.js';
import type { TreeMerge } from './conflict.js';
import type { MergeLabels } from './merge-lines.js';
import { mergeTrees } from './merge-trees.js';
import type { MergeLimits } from './three-way-walk.js';

/** How two commits are merged. */
export interface CommitMergeOptions {
  readonly labels: MergeLabels;
  /** Commits to take as the merge bases, best first, instead of those that the graph knows: earlier squashes leave no ancestry to find. */
  readonly bases?: readonly Oid[];
  readonly limits?: MergeLimits;
}

/** A merge of two commits: that of their trees, and the merge bases it used, best first (empty for unrelated histories). */
export interface CommitMerge extends TreeMerge {
  readonly bases: readonly Oid[];
}

/** Git's names for the sides of a merge of merge bases. They show where such a merge left markers in the base. */
const VIRTUAL_LABELS: MergeLabels = { ours: 'Temporary merge branch 1', theirs: 'Temporary merge branch 2' };

/**
 * Merges what two commits hold, whatever their ancestry says (a merge of an ancestor gives the descendant's tree). Several
 * merge bases are first merged into a virtual one, oldest first, markers and all, as `git merge` documents its recursive
 * strategies to do. Staged in `staged`; no commit is written.
 *
 * Rejects with {@link ObjectMissing} when the graph lacks a commit, and as {@link mergeTrees} does.
 */
export async function mergeCommits(staged: StagedObjects, graph: CommitGraph, ours: Oid, theirs: Oid, options: CommitMergeOptions): Promise<CommitMerge> {
  const bases = options.bases ?? graph.mergeBases(ours, theirs);
  const merging = new VirtualBases(staged, graph, options.limits);
  const base = await merging.treeOf(bases, 1);
  const trees = { base, ours: await merging.treeOfCommit(ours), theirs: await merging.treeOfCommit(theirs) };
  const limits = options.limits === undefined ? {} : { limits: options.limits };
  return { ...(await mergeTrees(staged, trees, { labels: options.labels, ...limits })), bases };
}

/** The tree of a commit, from the graph where it keeps trees. */
export async function treeOfCommit(staged: StagedObjects, graph: CommitGraph, oid: Oid): Promise<Oid> {
  return (graph.has(oid) ? graph.treeOf(oid) : null) ?? (await readCommit(staged, oid)).tree;
}

class VirtualBases {
  readonly #staged: StagedObjects;
  readonly #graph: CommitGraph;
  readonly #limits: { limits?: MergeLimits };

  constructor(staged: StagedObjects, graph: CommitGraph, limits: MergeLimits | undefined) {
    this.#staged = staged;
    this.#graph = graph;
    this.#limits = limits === undefined ? {} : { limits };
  }

  treeOfCommit(oid: Oid): Promise<Oid> {
    return treeOfCommit(this.#staged, this.#graph, oid);
  }

  /** One tree for any number of merge bases; null for none. */
  async treeOf(bases: readonly Oid[], depth: number): Promise<Oid | null> {
    const [oldest, ...newer] = bases.toReversed();
    if (oldest === undefined) return null;
    let tree = await this.treeOfCommit(oldest);
    const merged = [oldest];
    for (const next of newer) {
      const base = await this.treeOf(this.#graph.mergeBasesOfVirtual(merged, next), depth + 1);
      const trees = { base, ours: tree, theirs: await this.treeOfCommit(next) };
      tree = (await mergeTrees(this.#staged, trees, { labels: VIRTUAL_LABELS, depth, ...this.#limits })).tree;
      merged.push(next);
    }
    return tree;
  }
}
