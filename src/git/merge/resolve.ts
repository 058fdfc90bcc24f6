import type { Oid } from '../objects/object-source.js';
import type { StagedObjects } from '../objects/staged-objects.js';
import { ObjectCorrupt } from '../objects/errors.js';
import { MODE_DIRECTORY } from '../objects/tree.js';
import { Effort } from './effort.js';
import type { ConflictSide, MergeConflict, TreeMerge, Version } from './conflict.js';
import type { MergeScope } from './path-state.js';
import { resolveLines, type HunkChoice } from './resolve-lines.js';
import { lookUp } from './tree-lookup.js';
import { writeResult } from './write-result.js';

/** A side of a conflict. */
export type MergeSide = 'BASE' | 'OURS' | 'THEIRS';

/** How one conflicting path is settled; `path` is that of the conflict, in the latin1 reading. */
export type Resolution =
  | { readonly kind: 'TAKE'; readonly path: string; readonly side: MergeSide }
  | { readonly kind: 'CONTENT'; readonly path: string; readonly version: Version }
  | { readonly kind: 'HUNKS'; readonly path: string; readonly hunks: readonly HunkChoice[] }
  | { readonly kind: 'DELETE'; readonly path: string };

/** Why a resolution was not taken; `path` names it. A value: the caller tells its user. */
export interface ResolutionRefusal {
  readonly path: string;
  readonly reason: 'NO_SUCH_CONFLICT' | 'RESOLVED_TWICE' | 'NO_HUNKS' | 'NO_SUCH_HUNK' | 'HUNK_WITHOUT_BASE' | 'HUNK_LEFT_OVER';
  /** The hunk that it is about, where it is about one. */
  readonly hunk: string | null;
}

/** A merge after resolutions: what is still in conflict, and the tree with all that is settled. */
export type ResolvedMerge =
  | { readonly outcome: 'RESOLVED'; readonly merge: TreeMerge }
  | { readonly outcome: 'REFUSED'; readonly refusal: ResolutionRefusal };

/**
 * Settles conflicts of a merge. Taking a side means that side's file, at the path where the side has it; taking a side that
 * has none deletes. Every other path on which the conflict left a file goes. Conflicts without a resolution remain, with
 * markers in the tree as before. Writes to `staged`; `merge` is not changed. Comparing lines anew counts as `effort`.
 */
export async function resolveConflicts(staged: StagedObjects, merge: TreeMerge, resolutions: readonly Resolution[], effort = new Effort()): Promise<ResolvedMerge> {
  const changes = new Map<string, Version | null>();
  const settled = new Set<MergeConflict>();
  for (const resolution of resolutions) {
    const { path } = resolution;
    // One path may conflict in its content and in its place; one resolution settles both.
    const here = merge.conflicts.filter((candidate) => candidate.path === path);
    const conflict = here.find(({ hunks }) => hunks.length > 0) ?? here[0];
    if (conflict === undefined) return { outcome: 'REFUSED', refusal: { path, reason: 'NO_SUCH_CONFLICT', hunk: null } };
    if (settled.has(conflict)) return { outcome: 'REFUSED', refusal: { path, reason: 'RESOLVED_TWICE', hunk: null } };
    const choice = await chosenFile({ staged, effort }, merge, conflict, resolution);
    if ('reason' in choice) return { outcome: 'REFUSED', refusal: choice };
    for (const each of here) {
      settled.add(each);
      for (const left of each.paths) if (!changes.has(left)) changes.set(left, null);
    }
    if (choice.file !== null) changes.set(choice.file.path, { mode: choice.file.mode, oid: choice.file.oid });
  }
  const conflicts = merge.conflicts.filter((conflict) => !settled.has(conflict));
  const open = new Set(conflicts.flatMap(({ paths }) => paths));
  const stages = merge.stages.filter(({ path }) => open.has(path));
  return { outcome: 'RESOLVED', merge: { tree: await writeResult(staged, merge.tree, changes), conflicts, stages } };
}

/** The file that a resolution chooses; null where it chooses none. */
async function chosenFile(
  scope: Pick<MergeScope, 'staged' | 'effort'>,
  merge: TreeMerge,
  conflict: MergeConflict,
  resolution: Resolution,
): Promise<{ readonly file: ConflictSide | null } | ResolutionRefusal> {
  switch (resolution.kind) {
    case 'DELETE':
      return { file: null };
    case 'CONTENT':
      return { file: { ...resolution.version, path: resolution.path } };
    case 'TAKE':
      return { file: await sideFile(scope.staged, merge, conflict, resolution.side) };
    case 'HUNKS':
      return chosenHunks(scope, conflict, resolution.hunks);
  }
}

/** A side's file where that side has it; where the result has a directory there, beside it as the conflict has it. */
async function sideFile(staged: StagedObjects, merge: TreeMerge, { path, base, ours, theirs }: MergeConflict, side: MergeSide): Promise<ConflictSide | null> {
  const file = side === 'BASE' ? base : side === 'OURS' ? ours : theirs;
  if (file === null) return null;
  const there = await lookUp(staged, merge.tree, file.path);
  return there?.mode === MODE_DIRECTORY ? { ...file, path } : file;
}

async function chosenHunks({ staged, effort }: Pick<MergeScope, 'staged' | 'effort'>, conflict: MergeConflict, choices: readonly HunkChoice[]): Promise<{ readonly file: ConflictSide } | ResolutionRefusal> {
  const { path, base, ours, theirs } = conflict;
  if (conflict.hunks.length === 0 || ours === null || theirs === null) return { path, reason: 'NO_HUNKS', hunk: null };
  const contents = [await contentOf(staged, base), await contentOf(staged, ours), await contentOf(staged, theirs)] as const;
  const resolved = await effort.run(resolveLines(...contents, choices));
  if ('reason' in resolved) return { path, ...resolved };
  const mode = ours.mode === base?.mode ? theirs.mode : ours.mode;
  return { file: { path, mode, oid: staged.put('blob', resolved.content) } };
}

async function contentOf(staged: StagedObjects, side: { readonly oid: Oid } | null): Promise<Buffer> {
  if (side === null) return Buffer.alloc(0);
  const object = await staged.read(side.oid);
  if (object.type !== 'blob') throw new ObjectCorrupt(side.oid, `expected a blob, found a ${object.type}`);
  return object.content;
}
