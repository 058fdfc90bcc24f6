import type { Label } from './label.js';

/** Which verb moved the branch forward. */
export type CheckpointOrigin = 'API' | 'PUSH' | 'IMPORT' | 'MERGE' | 'REFRESH' | 'RESTORE' | 'REVERT';

/** CURRENT is the head · BEHIND in the head's past · UNDONE: redo leads to it · ABANDONED: left behind by a move after an undo. */
export type CheckpointState = 'CURRENT' | 'BEHIND' | 'UNDONE' | 'ABANDONED';

/** One forward move of a branch: `before` → `oid`. The prompt lives in an erasable row of its own and is read separately. */
export interface CheckpointRecord {
  readonly id: number;
  readonly repoId: number;
  readonly branchId: number;
  readonly number: number;
  readonly origin: CheckpointOrigin;
  readonly state: CheckpointState;
  readonly oid: string;
  /** The head that was moved away from; null where there was none (a first commit, an import). */
  readonly before: string | null;
  readonly parentId: number | null;
  readonly message: string;
  readonly metadata: readonly Label[];
  readonly runId: string | null;
  readonly sessionId: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly keyId: string;
}
