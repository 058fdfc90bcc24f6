import type { Oid, ObjectSource } from '../../git/objects/object-source.js';
import { mergeCommits } from '../../git/merge/merge-commits.js';
import type { Request } from '../request.js';
import type { MergeResult } from './diff-caches.js';

/** A merge by what goes in: `theirs` is merged into `ours`. What content it gives does not depend on how it is written. */
export interface MergeSpec {
  readonly repoId: number;
  readonly ours: Oid;
  readonly theirs: Oid;
}

/** What a result takes in memory beside the objects and conflicts it holds. */
const RESULT_BYTES = 1024;

/**
 * Merges two readable commits over their merge bases, or over what a landing left in place of one. Nothing is stored; the
 * result is kept for the diff and the conflicts that are asked of it next. Markers name the sides by object id, as
 * `git merge-tree` does when it is given ids, because the result is the same for every branch at these commits.
 */
export async function computeMerge(request: Request, spec: MergeSpec): Promise<MergeResult> {
  const { storage, diffs } = request.gateway;
  const landed = await storage.landingBase(spec.repoId, spec.theirs, spec.ours);
  const key = `${spec.repoId}:${spec.ours}:${spec.theirs}:${landed ?? ''}`;
  const known = diffs.merges.get(key);
  if (known !== undefined) return known;
  const staged = storage.objects.open(spec.repoId).stage();
  const graph = await storage.graph(spec.repoId);
  const merge = await mergeCommits(staged, graph, spec.ours, spec.theirs, {
    labels: { ours: spec.ours, theirs: spec.theirs },
    ...(landed === null ? {} : { base: landed }),
  });
  const result = { merge, staged, landed };
  diffs.merges.set(key, result, bytesOf(result));
  return result;
}

/** The repository's objects with those that the merge made laid over them. */
export async function mergedObjects(request: Request, spec: MergeSpec): Promise<ObjectSource> {
  return (await computeMerge(request, spec)).staged;
}

function bytesOf({ merge, staged }: MergeResult): number {
  let bytes = RESULT_BYTES;
  for (const object of staged.entries().values()) bytes += object.content.length + RESULT_BYTES;
  for (const conflict of merge.conflicts) {
    bytes += RESULT_BYTES + (conflict.markers?.length ?? 0);
    for (const hunk of conflict.hunks) bytes += (hunk.base?.length ?? 0) + hunk.ours.length + hunk.theirs.length + RESULT_BYTES;
  }
  return bytes;
}
