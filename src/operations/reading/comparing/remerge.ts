import type { ConflictResolutionInput } from '../../../domain/conflict-resolution.js';
import type { MergeConflict } from '../../../git/merge/conflict.js';
import type { ObjectSource, Oid } from '../../../git/objects/object-source.js';
import { decodeName } from '../../../git/objects/tree.js';
import type { Request } from '../../request.js';
import type { MergeResult } from './diff-caches.js';
import type { DiffSpec } from './diff-spec.js';
import { computeMerge, type MergeSpec } from './merge-spec.js';
import { QueryError } from '../query-error.js';

/** An earlier head as it would stand on a newer base: its tree, and where its objects are. */
export interface Remerged {
  /** Null where it could not be brought onto the newer base at all, and stands as it is. */
  readonly tree: Oid | null;
  readonly objects: ObjectSource;
  /** The merge that made them; null with `tree`. */
  readonly merge: MergeSpec | null;
  /** Paths that could not be brought onto the newer base by themselves, in git's order; null where that is all of them. */
  readonly unmerged: readonly string[] | null;
}

/** A diff whose old side is `from` brought onto `base`, having been on `remergedOver` before. */
export type RemergedSpec = DiffSpec & { readonly from: Oid; readonly base: Oid; readonly remergedOver: Oid };

/** True for the diff of two revisions that stand on different bases. */
export function isRemerged(spec: DiffSpec): spec is RemergedSpec {
  return spec.remergedOver !== undefined && spec.base !== null && spec.from !== null;
}

/**
 * Brings the earlier head onto the newer base: a three-way merge of both with the earlier base as the ancestor, so that what the base
 * brought in by itself is on both sides of the diff and thus in none of it, and what is left is the author's own. Where that conflicts
 * the lines stand as the reviewer saw them, in the earlier head: the diff then shows there more than the author did, never less.
 *
 * Rejects as merges do when the budget is spent or an object is damaged.
 */
export async function remerge(request: Request, spec: RemergedSpec): Promise<Remerged> {
  const { repoId, from, base, remergedOver } = spec;
  // Taking the span from `remergedOver` back to `from` "out" of the base is this very merge.
  const plain: MergeSpec = { repoId, ours: base, theirs: from, reverts: [{ from, to: remergedOver }] };
  const { merge, staged } = await computeMerge(request, plain);
  if (merge.conflicts.length === 0) return { tree: merge.tree, objects: staged, merge: plain, unmerged: [] };
  const unmerged = merge.conflicts.map(({ path }) => decodeName(path));
  const settled: MergeSpec = { ...plain, resolutions: merge.conflicts.map(asReviewed) };
  const result = await computeUnlessUnfit(request, settled);
  if (result !== null && result.merge.conflicts.length === 0) return { tree: result.merge.tree, objects: result.staged, merge: settled, unmerged };
  return { tree: null, objects: request.gateway.storage.objects.open(repoId), merge: null, unmerged: null };
}

/** The earlier head's own lines where lines conflict, and its whole version of a path where there are none. */
function asReviewed(conflict: MergeConflict): ConflictResolutionInput {
  const path = decodeName(conflict.path);
  if (conflict.hunks.length === 0) return { take: { path, side: 'THEIRS' } };
  return { hunks: { path, hunks: conflict.hunks.map(({ id }) => ({ take: { id, sides: ['THEIRS'] } })) } };
}

async function computeUnlessUnfit(request: Request, spec: MergeSpec): Promise<MergeResult | null> {
  try {
    return await computeMerge(request, spec);
  } catch (error) {
    // A conflict of moved directories may have no one side to take.
    if (error instanceof QueryError && error.code === 'INVALID_ARGUMENT') return null;
    throw error;
  }
}
