import type { StagedObjects } from '../objects/staged-objects.js';
import type { Effort } from './effort.js';
import type { ConflictSide, ConflictStage, MergeConflict, Version } from './conflict.js';
import type { MergeLabels } from './merge-lines.js';

/** One of the two sides of a merge. */
export type Side = 'ours' | 'theirs';

/** The side across. */
export function otherSide(side: Side): Side {
  return side === 'ours' ? 'theirs' : 'ours';
}

/** What every step of one tree merge shares. */
export interface MergeScope {
  readonly staged: StagedObjects;
  readonly labels: MergeLabels;
  /** What comparing lines may still cost. */
  readonly effort: Effort;
  /** 0 for the merge that was asked for, one more for each level of merging its merge bases. */
  readonly depth: number;
}

/** A rename of one side; `to` is where the file ends up, also where it followed a directory that the other side renamed. */
export interface SideRename {
  readonly from: string;
  readonly to: string;
}

/**
 * A path on its way through a merge. It starts as the three trees have it; renames bring versions from other paths, and
 * `names` then says where each side has the file. Mutable: this is the table on which a merge is worked out.
 */
export interface PathState {
  readonly path: string;
  base: Version | null;
  ours: Version | null;
  theirs: Version | null;
  readonly names: { base: string; ours: string; theirs: string };
  /** A conflict over where the file belongs, found before its content is looked at. */
  placement: Placement | null;
  /** The other side turned the renamed file into something else: conflicts even where its content was kept. */
  replaced: boolean;
  /** The file's directory was renamed, but where it should follow to is contested: it stays, and that is a conflict without index entries. */
  unplaceable: boolean;
}

/**
 * A conflict over the place of a file. `report` is what to say of it once the path is settled; null where another of the
 * paths concerned says it. Its `paths` lack the path itself.
 */
export interface Placement {
  readonly report: Omit<MergeConflict, 'path'> | null;
}

/** All paths of a merge, made on first mention. */
export class PathTable {
  readonly #states = new Map<string, PathState>();

  /** The state of a path; empty on all sides when it is new here. */
  at(path: string): PathState {
    const known = this.#states.get(path);
    if (known !== undefined) return known;
    const state: PathState = {
      path,
      base: null,
      ours: null,
      theirs: null,
      names: { base: path, ours: path, theirs: path },
      placement: null,
      replaced: false,
      unplaceable: false,
    };
    this.#states.set(path, state);
    return state;
  }

  has(path: string): boolean {
    return this.#states.has(path);
  }

  /** All states in byte order of their paths. */
  sorted(): PathState[] {
    return [...this.#states.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }
}

/** What a merge has settled so far: the version of each path in the result (null: none), conflicts, and their index entries. */
export interface Settled {
  readonly versions: Map<string, Version | null>;
  readonly conflicts: MergeConflict[];
  readonly stages: ConflictStage[];
}

/** A version with the path that a side has it under. */
export function sideOf(version: Version | null, path: string): ConflictSide | null {
  return version === null ? null : { ...version, path };
}
