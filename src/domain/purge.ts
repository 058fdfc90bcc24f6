/** What an operator wants gone, in any combination: contents by id, whatever ever stood at a path, whatever a run brought. */
export interface PurgeTarget {
  readonly blobs: readonly string[];
  readonly paths: readonly string[];
  readonly runs: readonly string[];
}

/** How the bytes of purges stand: gone, or kept for a while by someone who has the files open or may be about to commit them. */
export interface Disappearance {
  readonly gone: boolean;
  /** Replaced packs that wait for an export, a clone or a check to end. */
  readonly held: number;
  /** Files that were written and never became live, too young to be told from those of a writer that is about to commit. */
  readonly young: number;
}

/** A commit's id before a purge and after it. */
export type RenamedCommit = readonly [before: string, after: string];

/** What a purge found, and did unless it was a dry run. */
export interface PurgeReport {
  readonly blobs: readonly string[];
  /** Where they stand, a hundred paths at most. */
  readonly paths: readonly string[];
  /** The commits that hold them, or lost their message. */
  readonly touched: readonly RenamedCommit[];
  /** All commits that got another id, those that only descend from the touched ones too. */
  readonly rewritten: readonly RenamedCommit[];
  /** The live branches that have another head by it. */
  readonly branches: readonly string[];
  /** The numbers of the proposals that have another head, base or merge commit by it. */
  readonly proposals: readonly number[];
  /** Its row of the log, and how the bytes stand; null for a dry run. */
  readonly done: { readonly seq: number; readonly disappearance: Disappearance } | null;
}

/** What cannot be purged, with why: a blob that is not there, the empty file. `message` is a sentence for a person. Nothing was changed. */
export class PurgeRefused extends Error {
  override readonly name = 'PurgeRefused';
}
