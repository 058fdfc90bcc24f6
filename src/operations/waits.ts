import { SERVER_STREAM, type OperationKind } from '../domain/operation.js';
import type { Storage } from '../domain/ports/storage.js';
import type { LogPlace } from './outcome.js';

/** How an operation ended for whoever waited. */
export type WaitOutcome = 'done' | 'repeated' | 'refused' | 'failed';

/** How long somebody waited for an operation. */
export interface Wait {
  readonly kind: OperationKind;
  readonly outcome: WaitOutcome;
  /** The repository; null for operations of the server, and where a refusal came before it was known. */
  readonly repoId: number | null;
  readonly milliseconds: number;
}

/** What is told of every wait. Must be quick, and must not throw. */
export type WaitListener = (wait: Wait) => void;

/** Where waits are told: those for work that was done are kept by the storage, all are told to whoever listens in this process. */
export class Waits {
  readonly #storage: Pick<Storage, 'recordLatency'>;
  readonly #listeners: WaitListener[] = [];

  constructor(storage: Pick<Storage, 'recordLatency'>) {
    this.#storage = storage;
  }

  /** Tells `listener` of every wait from now on. */
  listen(listener: WaitListener): void {
    this.#listeners.push(listener);
  }

  /** A verb ended; with a place in the log when it did something. */
  verb(kind: OperationKind, outcome: WaitOutcome, place: LogPlace | null, milliseconds: number): void {
    const repoId = place === null || place.stream === SERVER_STREAM ? null : place.stream;
    if (place !== null) this.#storage.recordLatency(kind, repoId, milliseconds, place.seq);
    this.#tell({ kind, outcome, repoId, milliseconds });
  }

  /** A request that read diffs of this repository was answered. */
  diff(repoId: number, milliseconds: number): void {
    this.#storage.recordLatency('DIFF', repoId, milliseconds, null);
    this.#tell({ kind: 'DIFF', outcome: 'done', repoId, milliseconds });
  }

  #tell(wait: Wait): void {
    for (const listener of this.#listeners) listener(wait);
  }
}
