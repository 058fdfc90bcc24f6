import type { RepoRecord } from '../../../domain/repo.js';
import type { ConflictResolutionInput, MergeStrategyName } from '../../inputs.js';
import type { Request } from '../../request.js';
import type { DiffOptionsInput, DiffSpec } from './diff-spec.js';
import { compareCommits } from './read-diff.js';
import { previewMerge, type MergeView } from './read-merge-preview.js';
import { resolveRev, type ResolvedRev } from '../resolve-rev.js';

/** The diff between what two revs name. Rejects as resolveRev and compareCommits do. */
export async function diffBetween(request: Request, repo: RepoRecord, from: string, to: string, options: DiffOptionsInput | null | undefined): Promise<DiffSpec> {
  const [left, right] = await bothRevs(request, repo, from, to);
  return compareCommits(request, repo, left.oid, right.oid, options);
}

/** What merging one rev into another would give. Rejects as resolveRev and previewMerge do. */
export async function previewBetween(request: Request, repo: RepoRecord, from: string, into: string, strategy: MergeStrategyName, resolutions: readonly ConflictResolutionInput[]): Promise<MergeView> {
  const [theirs, ours] = await bothRevs(request, repo, from, into);
  return previewMerge(request, { repoId: repo.id, ours: ours.oid, theirs: theirs.oid, resolutions }, strategy);
}

/** What two revs name. Whichever of them names nothing, both are looked up first: nothing is read on once a refusal was answered, and none comes sooner than another. */
async function bothRevs(request: Request, repo: RepoRecord, one: string, other: string): Promise<readonly [ResolvedRev, ResolvedRev]> {
  const [first, second] = await Promise.allSettled([resolveRev(request, repo, one), resolveRev(request, repo, other)]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}
