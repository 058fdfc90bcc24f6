import type { Label } from './label.js';

/** What a branch is for, read from its name: `session/<id>`, `proposal/<feature>-<run-id>`, the repository's default, or else. */
export type BranchKind = 'DEFAULT' | 'SESSION' | 'PROPOSAL' | 'OTHER';

/** ACTIVE has moved lately, IDLE has not, MERGED went into its base, DELETED is kept for its grace period. */
export type BranchState = 'ACTIVE' | 'IDLE' | 'MERGED' | 'DELETED';

/** A branch as stored. `version` counts every move, so compare-and-swap holds where undo makes A→B→A ordinary. */
export interface BranchRecord {
  readonly id: number;
  readonly repoId: number;
  readonly name: string;
  readonly head: string;
  readonly version: number;
  /** The branch it was cut from; null for a default branch and for imported ones. */
  readonly baseName: string | null;
  /** The commit it was cut at; null where the first commit is its own. */
  readonly forkOid: string | null;
  readonly protected: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly lastActivityAt: Date;
  readonly expiresAt: Date | null;
  readonly mergedAt: Date | null;
  /** When retention marked it last; a mark stands until the branch moves. */
  readonly markedAt: Date | null;
  readonly deletedAt: Date | null;
  /** Since when it cannot be restored: what only it led to may have been collected. */
  readonly forgottenAt: Date | null;
  readonly runId: string | null;
  readonly sessionId: string | null;
  readonly metadata: readonly Label[];
  /** The checkpoint whose commit is the head; null at the fork point. */
  readonly checkpointId: number | null;
  /** The number that the next checkpoint gets; numbers are never reused. */
  readonly nextCheckpoint: number;
}

/** After this long without a move a branch counts as idle unless told otherwise: 14 days, the span after which drift makes merges conflict. */
export const IDLE_AFTER_MS = 14 * 24 * 3600 * 1000;

/** The patterns of names that say what a branch is for; what exactly fits them, {@link branchKind} decides. */
export const KIND_PATTERNS = { SESSION: 'session/<id>', PROPOSAL: 'proposal/<feature>-<run-id>' } as const;

/** The kind that a name stands for in a repository with this default branch. */
export function branchKind(name: string, defaultBranch: string): BranchKind {
  if (name === defaultBranch) return 'DEFAULT';
  if (/^session\/[^/]+$/.test(name)) return 'SESSION';
  if (/^proposal\/[^/]+-[^/-]+$/.test(name)) return 'PROPOSAL';
  return 'OTHER';
}

/** The state of a branch at the instant `now`, in a repository whose branches are idle after so many milliseconds without a move. */
export function branchState(branch: BranchRecord, now: Date, idleAfterMs: number): BranchState {
  if (branch.deletedAt !== null) return 'DELETED';
  if (branch.mergedAt !== null) return 'MERGED';
  return now.getTime() - branch.lastActivityAt.getTime() > idleAfterMs ? 'IDLE' : 'ACTIVE';
}
