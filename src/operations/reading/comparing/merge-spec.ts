import { combineMerge, type CombinedMerge, type MergeSpec } from '../../../domain/combine-merge.js';
import { DEFAULT_REPO_SETTINGS, type RepoSettings } from '../../../domain/repo-settings.js';
import type { ObjectSource, Oid } from '../../../git/objects/object-source.js';
import { contentGround } from '../../blob-use.js';
import type { Request } from '../../request.js';
import type { MergeResult } from './diff-caches.js';
import type { DiffSpec } from './diff-spec.js';
import { mergeCode, wayOfCode } from './merge-code.js';
import { QueryError } from '../query-error.js';

export type { MergeSpec } from '../../../domain/combine-merge.js';

/** What a result takes in memory beside the objects and conflicts it holds. */
const RESULT_BYTES = 1024;

/**
 * Merges two readable commits over their merge bases, or over what a landing left in place of one. Nothing is stored; the
 * result is kept for the diff and the conflicts that are asked of it next. Markers name the sides by object id, as
 * `git merge-tree` does when it is given ids, because the result is the same for every branch at these commits.
 *
 * Rejects with INVALID_ARGUMENT for resolutions that do not fit, in the words of the refusal.
 */
export async function computeMerge(request: Request, spec: MergeSpec): Promise<MergeResult> {
  const { storage } = request.gateway;
  const objects = storage.objects.open(spec.repoId);
  const ground = contentGround(request, sharedGround(spec), objects);
  // The result is shared, what bytes a key may name is not.
  for (const { content } of spec.resolutions ?? []) {
    if (typeof content?.blob === 'string' && !(await ground.mayUseBlob(content.blob))) throw new QueryError('INVALID_ARGUMENT', `This key has no blob "${content.blob}".`);
  }
  return computeOver(request, spec, await storage.landingBase(spec.repoId, spec.theirs, spec.ours));
}

/** The same for a caller who knows what an earlier landing left as the base; resolutions that name stored blobs are not for it. */
export async function computeOver(request: Request, spec: MergeSpec, landed: Oid | null): Promise<MergeResult> {
  const { storage, diffs } = request.gateway;
  const key = `${spec.repoId}:${spec.ours}:${spec.theirs}:${landed ?? ''}:${mergeCode(request, spec)}`;
  const known = diffs.merges.get(key);
  if (known !== undefined) return known;
  const objects = storage.objects.open(spec.repoId);
  const staged = objects.stage();
  const isPlain = spec.rebase !== true && spec.reverts === undefined && spec.part === undefined;
  const graph = await storage.graph(spec.repoId, isPlain ? [spec.ours, spec.theirs] : []);
  const merge = await combineMerge(staged, graph, spec, landed, contentGround(request, sharedGround(spec), objects));
  if ('code' in merge) throw new QueryError('INVALID_ARGUMENT', merge.message);
  const result = { merge, staged, landed };
  diffs.merges.set(key, result, bytesOf(merge, staged.entries().values()));
  return result;
}

/** The repository's objects with those that the merge made laid over them. */
export async function mergedObjects(request: Request, spec: MergeSpec): Promise<ObjectSource> {
  return (await computeMerge(request, spec)).staged;
}

/** The merge whose result a diff shows; null for a diff of commits, and where its code is not understood. */
export function mergeOfDiff(request: Request, { repoId, base, to, mergedTree, mergedBy = '' }: DiffSpec): MergeSpec | null {
  if (mergedTree === undefined || base === null) return null;
  const way = wayOfCode(request, mergedBy);
  return way === null ? null : { repoId, ours: base, theirs: to, ...way };
}

/** A preview is held to the server's limits alone: its result is shared, and what a repository narrows is for what is stored there. */
function sharedGround({ repoId }: MergeSpec): { readonly id: number; readonly settings: RepoSettings } {
  return { id: repoId, settings: DEFAULT_REPO_SETTINGS };
}

function bytesOf(merge: CombinedMerge, made: Iterable<{ readonly content: Buffer }>): number {
  let bytes = RESULT_BYTES;
  for (const object of made) bytes += object.content.length + RESULT_BYTES;
  for (const conflict of merge.conflicts) {
    bytes += RESULT_BYTES + (conflict.markers?.length ?? 0);
    for (const hunk of conflict.hunks) bytes += (hunk.base?.length ?? 0) + hunk.ours.length + hunk.theirs.length + RESULT_BYTES;
  }
  return bytes;
}
