import type { MergePart } from '../../../domain/accept-input.js';
import type { CombinedMerge, RevertSpan } from '../../../domain/combine-merge.js';
import type { ConflictResolutionInput } from '../../../domain/conflict-resolution.js';
import type { Compared } from '../../../git/diff/file-diff.js';
import type { FileChange } from '../../../git/diff/file-change.js';
import { ByteLru } from '../../../git/memory/byte-lru.js';
import type { Oid } from '../../../git/objects/object-source.js';
import type { StagedObjects } from '../../../git/objects/staged-objects.js';
import type { DiffStatsView } from './diff-spec.js';

/** A merge, computed: what it gives, and the objects that it made, laid over those of the repository. */
export interface MergeResult {
  readonly merge: CombinedMerge;
  readonly staged: StagedObjects;
  /** What an earlier squash of `theirs` left as the base; null where ancestry decides. */
  readonly landed: Oid | null;
}

/** Spans to take out of a branch, and what settles their conflicts. */
export interface Reverting {
  readonly reverts: readonly RevertSpan[];
  readonly resolutions: readonly ConflictResolutionInput[];
}

/** A part of what comes in, and what settles its conflicts. */
export interface Parting {
  readonly part: MergePart;
  readonly resolutions: readonly ConflictResolutionInput[];
}

/**
 * Results that never change, because their keys name object ids and options: shared by all requests of a gateway, bounded in
 * bytes. Being in a cache gives nobody access: what may be read is decided before a key can be made.
 */
export interface DiffCaches {
  /** Compared contents by both blob ids and options. */
  readonly compared: ByteLru<string, Compared>;
  /** Changed files by repository, commits (or the tree that a merge gives) and options. */
  readonly changes: ByteLru<string, readonly FileChange[]>;
  readonly stats: ByteLru<string, DiffStatsView>;
  /** Merges by commits and way, with the objects they staged. */
  readonly merges: ByteLru<string, MergeResult>;
  /** Resolutions too long to be spelt out in an id, by their digest. */
  readonly resolutions: ByteLru<string, readonly ConflictResolutionInput[]>;
  /** The same of spans that are taken out, with their resolutions. */
  readonly reverts: ByteLru<string, Reverting>;
  /** The same of parts, with their resolutions. */
  readonly parts: ByteLru<string, Parting>;
  /** Whether two heads can both be merged into a third, by all three and their landings. */
  readonly pairs: ByteLru<string, boolean>;
}

/** Empty caches that together hold at most `bytes` bytes. Compared contents keep both texts alive, so they get the most. */
export function createDiffCaches(bytes: number): DiffCaches {
  return {
    compared: new ByteLru(Math.floor(bytes * 0.595)),
    changes: new ByteLru(Math.floor(bytes * 0.2)),
    stats: new ByteLru(Math.floor(bytes * 0.02)),
    merges: new ByteLru(Math.floor(bytes * 0.15)),
    resolutions: new ByteLru(Math.floor(bytes * 0.02)),
    reverts: new ByteLru(Math.floor(bytes * 0.005)),
    parts: new ByteLru(Math.floor(bytes * 0.005)),
    pairs: new ByteLru(Math.floor(bytes * 0.005)),
  };
}

/** Empties all of them: something was removed for good, and results may hold its text. */
export function forgetDiffs(caches: DiffCaches): void {
  for (const cache of Object.values(caches)) cache.clear();
}
