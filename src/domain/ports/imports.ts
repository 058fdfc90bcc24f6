import type { ImportJobRecord } from '../import-job.js';
import type { RemoteUrlRules } from '../remote-url.js';
import type { Problem } from '../problem.js';
import type { ImportSource } from './import-source.js';

/** A new job's row. */
export type NewImportJob = Pick<ImportJobRecord, 'repoName' | 'description' | 'url' | 'keyId' | 'createdBy' | 'onBehalfOf' | 'requestId'>;

/**
 * What those who work on imports ask of the store. `owner` names a gateway; what is asked in the name of one that no longer holds the job
 * changes nothing and answers false.
 */
export interface ImportStore {
  /** Takes running jobs that nobody holds, those that were asked for first, `count` at most, for `leaseMs`. Counts an attempt of each. */
  take(owner: string, leaseMs: number, count: number): Promise<readonly ImportJobRecord[]>;
  /** Holds one for `leaseMs` more, and notes what was received. false: it was called off, or another gateway has it by now. */
  keep(id: number, owner: string, leaseMs: number, receivedBytes: number): Promise<boolean>;
  /** Ends one that cannot be done. */
  fail(id: number, owner: string, problem: Problem): Promise<boolean>;
  /** Lets go of everything at once, without counting the attempts, so that another gateway goes on where this one stops. */
  release(owner: string): Promise<void>;
  /** Removes those that had come to an end by `before`, oldest first, `count` at most; answers how many. The log keeps that they were asked for. */
  forget(before: Date, count: number): Promise<number>;
}

/** A repository that was fetched from an address, and the room that it takes until it is closed. */
export interface FetchedSource {
  readonly source: ImportSource;
  close(): Promise<void>;
}

/** How a fetch is watched and ended. */
export interface FetchWatch {
  readonly signal: AbortSignal;
  /** Told how many bytes have come over the network so far. */
  received(bytes: number): void;
}

/** What imports from addresses need of a deployment. */
export interface ImportRoom {
  readonly rules: RemoteUrlRules;
  /** Jobs that may wait or run at once, on all gateways together. */
  readonly most: number;
  /** How long one that has ended is kept, in milliseconds: longer than a retry may still be answered with it, which is seven days. */
  readonly keepMs: number;
  /**
   * Fetches a repository whole, by the git program. Rejects with ImportRefused for what its address, its server or its size are the reason
   * of, with GitBusy where too many programs run, and with the signal's reason.
   */
  fetch(url: string, watch: FetchWatch): Promise<FetchedSource>;
  /** Has this gateway look for work now. */
  wake(): void;
  /** Sets what {@link wake} does; null: nothing. */
  onWake(look: (() => void) | null): void;
}
