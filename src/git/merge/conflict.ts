import type { Oid } from '../objects/object-source.js';

/** A file as one side has it: canonical mode (never a directory's) and content. */
export interface Version {
  readonly mode: number;
  readonly oid: Oid;
}

/** A file of one side in a conflict, with the path that side knows it by (latin1 reading, as in `TreeEntry.name`). */
export interface ConflictSide extends Version {
  readonly path: string;
}

/**
 * What kept a path from merging.
 * - `CONTENT`: both sides changed the same lines (or the same symlink) since the base.
 * - `ADD_ADD`: both sides have a file at this path that the base has not; a rename onto an added file ends here too.
 * - `MODIFY_DELETE`, `RENAME_DELETE`: one side changed or renamed what the other deleted.
 * - `RENAME_RENAME`: both sides renamed one file, to different paths.
 * - `FILE_DIRECTORY`: one side's file stands where the other has a directory; or a file was added to a directory that the
 *   other side renamed, so that which directory it belongs in must be confirmed (`paths` has both).
 * - `MODE`: file, symlink and submodule met at one path, or modes that differ both ways.
 * - `BINARY`: both sides changed a file that has no lines. `SUBMODULE`: both sides moved a submodule.
 */
export type ConflictKind =
  | 'CONTENT'
  | 'ADD_ADD'
  | 'MODIFY_DELETE'
  | 'RENAME_DELETE'
  | 'RENAME_RENAME'
  | 'FILE_DIRECTORY'
  | 'MODE'
  | 'BINARY'
  | 'SUBMODULE';

/**
 * One place in a file where both sides differ; bytes, newlines included. `base` is null where there is no single stretch of
 * the base that belongs to it: no common file, or a stretch that fell apart because the sides agree in its middle.
 * `id` is stable for the same three contents.
 */
export interface ConflictHunk {
  readonly id: string;
  readonly base: Buffer | null;
  readonly ours: Buffer;
  readonly theirs: Buffer;
}

/**
 * A path that did not merge. `path` is where the result has it (with a suffix where it had to step aside for a directory);
 * `paths` are all the paths concerned, that one first. `markers` is the file with conflict markers where lines conflict,
 * null where nothing can be marked (binary, deleted, symlink).
 */
export interface MergeConflict {
  readonly kind: ConflictKind;
  readonly path: string;
  readonly paths: readonly string[];
  readonly base: ConflictSide | null;
  readonly ours: ConflictSide | null;
  readonly theirs: ConflictSide | null;
  readonly markers: Buffer | null;
  readonly hunks: readonly ConflictHunk[];
}

/** An index entry of a conflicted path as `git merge-tree` lists it: stage 1 is the base, 2 ours, 3 theirs. */
export interface ConflictStage extends Version {
  readonly path: string;
  readonly stage: 1 | 2 | 3;
}

/** What a merge of trees gave: the tree, with markers in it where `conflicts` is not empty, and what conflicts. */
export interface TreeMerge {
  readonly tree: Oid;
  readonly conflicts: readonly MergeConflict[];
  readonly stages: readonly ConflictStage[];
}

/** True when both are absent or both are the same file with the same mode. */
export function sameVersion(a: Version | null, b: Version | null): boolean {
  return a === b || (a !== null && b !== null && a.oid === b.oid && a.mode === b.mode);
}
