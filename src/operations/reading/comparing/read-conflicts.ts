import type { Page, PageRequest } from '../../../domain/ports/pages.js';
import type { ConflictHunk, ConflictSide, MergeConflict } from '../../../git/merge/conflict.js';
import { decodeName, MODE_SUBMODULE } from '../../../git/objects/tree.js';
import type { Oid } from '../../../git/objects/object-source.js';
import type { Request } from '../../request.js';
import { mergeCode } from './merge-code.js';
import { computeMerge, type MergeSpec } from './merge-spec.js';
import { mapPage, pageOf } from '../page-of.js';
import { gitRead } from '../query-error.js';
import { utf8OrNull, type BlobView } from '../read-file.js';

/** One path of a merge that did not merge. */
export interface ConflictView {
  readonly spec: MergeSpec;
  readonly conflict: MergeConflict;
  /** The commits that have the sides; null where none has: of several merge bases, and of what a rebase has made so far. */
  readonly at: { readonly base: Oid | null; readonly ours: Oid | null; readonly theirs: Oid };
  /** The commit that a rebase could not replay; null for a merge. */
  readonly commit: Oid | null;
  /** How the merge was worked out, as ids carry it. */
  readonly code: string;
}

/** A file as one side of a conflict has it. `commit` is where its bytes can be fetched from. */
export interface ConflictSideView {
  readonly spec: MergeSpec;
  readonly side: ConflictSide;
  readonly commit: Oid | null;
}

/** One place in which the sides of a conflict differ. */
export type ConflictHunkView = ConflictHunk;

/** A page of the conflicts of merging `theirs` into `ours` that its resolutions leave over; empty where it merges. */
export async function readConflicts(request: Request, spec: MergeSpec, page: PageRequest): Promise<Page<ConflictView>> {
  const { merge } = await gitRead(() => computeMerge(request, spec));
  const { bases, stuck } = merge;
  const base = bases.length === 1 ? (bases[0] ?? null) : null;
  const at = stuck === null ? { base, ours: spec.ours, theirs: spec.theirs } : { base: stuck.parent, ours: stuck.onto, theirs: stuck.commit };
  const code = mergeCode(request, spec);
  return mapPage(pageOf(merge.conflicts, page), (conflict) => ({ spec, conflict, at, commit: stuck?.commit ?? null, code }));
}

/** The file as one side has it; null where that side has none. */
export function conflictSide({ spec, conflict, at }: ConflictView, which: 'base' | 'ours' | 'theirs'): ConflictSideView | null {
  const side = conflict[which];
  if (side === null) return null;
  return { spec, side, commit: at[which] };
}

/** The content of one side; null for a submodule. */
export function conflictBlob({ spec, side, commit }: ConflictSideView): BlobView | null {
  if (side.mode === MODE_SUBMODULE) return null;
  return { repoId: spec.repoId, oid: side.oid, at: commit === null ? null : { commit, path: decodeName(side.path) }, merge: spec };
}

/** The file with conflict markers; null where nothing can be marked, and where it is no UTF-8. */
export function conflictMarkers({ conflict }: ConflictView): string | null {
  return conflict.markers === null ? null : utf8OrNull(conflict.markers);
}
