import type { Problem } from './problem.js';

/** RUNNING: it waits or is worked on. DONE: the repository is there. FAILED: it is not, and `problem` says why. CANCELLED: somebody called it off. */
export type ImportState = 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';

/** An import from an address, as stored. Times are the database's. */
export interface ImportJobRecord {
  readonly id: number;
  /** The name that the repository is to have. */
  readonly repoName: string;
  readonly description: string | null;
  readonly url: string;
  readonly keyId: string;
  /** The actor who asked for it. */
  readonly createdBy: string;
  readonly onBehalfOf: string | null;
  readonly requestId: string;
  readonly state: ImportState;
  /** Why it failed; null in every other state. */
  readonly problem: Problem | null;
  /** The repository that it made; null until DONE. */
  readonly repoId: number | null;
  /** What the present attempt has received, in bytes on the network. */
  readonly receivedBytes: number;
  readonly attempts: number;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}
