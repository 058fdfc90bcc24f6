import { IDLE_AFTER_MS } from './branch.js';
import type { ProblemOf } from './problem.js';
import { limitExceeded } from './problems.js';

/**
 * Every size and time that verbs and reads keep to, by the names that refusals and `server.limits` quote. A deployment sets them;
 * its configuration is one of these and may hold more.
 */
export interface Limits {
  /** A request's body, in bytes. */
  readonly requestBytes: number;
  /** One file sent or answered within a request, in bytes after decoding. */
  readonly inlineFileBytes: number;
  /** One file streamed to `/blobs`, in bytes. */
  readonly streamedFileBytes: number;
  /** File changes in one checkpoint. */
  readonly changesPerCheckpoint: number;
  /** Bytes of the files that one checkpoint writes, all together, each time it writes one; what it only moves is not counted. */
  readonly checkpointBytes: number;
  /** Rows in one page of a connection. */
  readonly pageSize: number;
  /** Components of a path. */
  readonly treeDepth: number;
  /** Levels that a GraphQL document may nest. */
  readonly queryDepth: number;
  /** Fields that a GraphQL document may resolve if every page were full. */
  readonly queryCost: number;
  /** How long a query may run, in milliseconds. */
  readonly queryTimeoutMs: number;
  /** How long a mutation may run, in milliseconds. */
  readonly mutationTimeoutMs: number;
  /** The size of a file, in bytes of either side, above which a diff says TOO_LARGE. */
  readonly diffBytes: number;
  /** How long one diff of a file may compute before it says TOO_LARGE, in milliseconds. */
  readonly diffMs: number;
  /** How long one merge may compare lines before it is refused, in milliseconds. */
  readonly mergeMs: number;
  /** Live repositories that one key has made. */
  readonly reposPerKey: number;
  /** Live branches of one repository. */
  readonly branchesPerRepo: number;
  /** Proposals of one repository that can still be reviewed and merged. */
  readonly openProposalsPerRepo: number;
  /** Bytes on disk of the packs of one repository. */
  readonly repoBytes: number;
  /** How long a deleted repository can be restored, in milliseconds; then it is removed for good. */
  readonly keepDeletedReposMs: number;
  /** Webhooks in all, deleted ones not counted. */
  readonly webhooks: number;
  /** How long a branch may rest before it is IDLE, in milliseconds, where its repository does not say otherwise. */
  readonly idleAfterMs: number;
  /** Live keys that are derived from one key, directly or not. */
  readonly derivedKeysPerKey: number;
  /** The longest life of a derived key, in milliseconds. */
  readonly derivedKeyMs: number;
  /** How long the secret of a key works on after its rotation, in milliseconds. */
  readonly keyRotationMs: number;
}

/** The limits of a deployment that sets none. */
export const DEFAULT_LIMITS: Limits = {
  requestBytes: 8 * 1024 * 1024,
  inlineFileBytes: 25 * 1024 * 1024,
  streamedFileBytes: 100 * 1024 * 1024,
  changesPerCheckpoint: 10_000,
  checkpointBytes: 1024 * 1024 * 1024,
  pageSize: 100,
  treeDepth: 64,
  queryDepth: 20,
  queryCost: 50_000,
  queryTimeoutMs: 10_000,
  mutationTimeoutMs: 30_000,
  diffBytes: 10 * 1024 * 1024,
  diffMs: 2_000,
  mergeMs: 10_000,
  reposPerKey: 100_000,
  branchesPerRepo: 100_000,
  openProposalsPerRepo: 10_000,
  repoBytes: 64 * 1024 * 1024 * 1024,
  keepDeletedReposMs: 30 * 24 * 3600_000,
  webhooks: 1000,
  idleAfterMs: IDLE_AFTER_MS,
  derivedKeysPerKey: 10_000,
  derivedKeyMs: 7 * 86_400_000,
  keyRotationMs: 86_400_000,
};

/** Rows in a page when the client names no number. */
export const DEFAULT_PAGE_SIZE = 50;

/** The refusal when `requested` is above this limit, or null. */
export function exceeds(limits: Limits, limit: keyof Limits, requested: number): ProblemOf<'LIMIT_EXCEEDED'> | null {
  return requested > limits[limit] ? limitExceeded(limit, limits[limit], requested) : null;
}
