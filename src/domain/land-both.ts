import type { CommitGraph } from '../git/history/commit-graph.js';
import type { Effort } from '../git/merge/effort.js';
import { mergeCommits } from '../git/merge/merge-commits.js';
import type { ObjectSource, Oid } from '../git/objects/object-source.js';
import { StagedObjects } from '../git/objects/staged-objects.js';
import { basesOfParents } from './combine-merge.js';
import { COMMITTER, stageCommit } from './commit-draft.js';
import { landingBaseOf, type LandingRecord } from './landing.js';

/** A merge that went in without a conflict, and what would come after it. */
export interface SecondLanding {
  readonly target: Oid;
  readonly first: Oid;
  /** What `first` merged into `target` gives. */
  readonly tree: Oid;
  readonly second: Oid;
  /** The landings of the repository, newest first. */
  readonly landings: readonly LandingRecord[];
}

/**
 * True when `second` merges without a conflict into what merging `first` into `target` would make. The commit between is made up in
 * memory, so that what both sources have in common counts as landed with the first; nothing is stored. False for a second that has no
 * history in common with either.
 *
 * Rejects with BudgetExceeded beyond the effort, and when an object is missing or corrupt.
 */
export async function landsAfter(objects: ObjectSource, graph: CommitGraph, { target, first, tree, second, landings }: SecondLanding, effort: Effort): Promise<boolean> {
  const parents = [target, first];
  const bases = basesOfParents(graph, parents, second, landingBaseOf(landings, graph, [second], parents));
  if (bases.length === 0) return false;
  const staged = new StagedObjects(objects);
  const between = stageCommit(staged, graph, { tree, parents, author: COMMITTER, message: 'First', trailers: [], at: new Date(0) }).oid;
  const { conflicts } = await mergeCommits(staged, graph, between, second, { labels: { ours: between, theirs: second }, bases, limits: { effort } });
  return conflicts.length === 0;
}
