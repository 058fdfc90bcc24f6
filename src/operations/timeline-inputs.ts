import type { ConflictResolutionInput } from '../domain/conflict-resolution.js';

/** An optional member as a client may send it: left out, or null. */
type Maybe<T> = T | null | undefined;

/** What every verb of the timeline takes: which state of the branch is meant, and whether to write. */
interface Move {
  readonly expectedHead?: Maybe<string>;
  readonly expectedVersion?: Maybe<number>;
  readonly dryRun?: Maybe<boolean>;
  readonly idempotencyKey?: Maybe<string>;
}

/** undo and redo. */
export interface StepInput extends Move {
  readonly repo: string;
  readonly branch: string;
  readonly steps?: Maybe<number>;
}

/** restore. */
export interface RestoreInput extends Move {
  readonly repo: string;
  readonly branch: string;
  readonly to: string;
  readonly paths?: Maybe<readonly string[]>;
  readonly message?: Maybe<string>;
}

/** restoreBranch. */
export interface RestoreBranchInput {
  readonly id: string;
  readonly name?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** refreshBranch. */
export interface RefreshBranchInput extends Move {
  readonly repo: string;
  readonly name: string;
  readonly from?: Maybe<string>;
  readonly resolutions?: Maybe<readonly ConflictResolutionInput[]>;
}

/** revertRun. */
export interface RevertRunInput extends Move {
  readonly repo: string;
  readonly branch: string;
  readonly runId: string;
  readonly message?: Maybe<string>;
  readonly resolutions?: Maybe<readonly ConflictResolutionInput[]>;
}
