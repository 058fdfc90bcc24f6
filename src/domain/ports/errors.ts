import { errorCode } from '../../shared/start-refused.js';

/**
 * What a full, read-only or failing disk answers, a process without descriptors left, and a file system that is mounted over a network or
 * served by a program when that goes away or cannot do what is asked (errno(3)).
 */
const DISK_FAULTS: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'ESTALE', 'ENODEV', 'ENXIO', 'ENOSYS']);

/** Whether the system refused to read or write a file for a reason that passes: no object is known to be damaged. */
export function isDiskFault(error: unknown): boolean {
  return DISK_FAULTS.has(errorCode(error) ?? '');
}

/**
 * The database could not be reached, or ended the connection. Whether a transaction that was being committed took effect is
 * unknown; its idempotency key tells. The cause is kept for the log, never for the client.
 */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
  constructor(options?: ErrorOptions) {
    super('the database is not available', options);
  }
}

/** The database gave up waiting for a lock, broke a deadlock or ran out of time: nothing was written, the same call may succeed. */
export class StorageBusy extends Error {
  override readonly name = 'StorageBusy';
  constructor(options?: ErrorOptions) {
    super('the database is busy', options);
  }
}

/** A page key that this store did not make, or made for another order. */
export class PageKeyInvalid extends Error {
  override readonly name = 'PageKeyInvalid';
  constructor() {
    super('the page key is not one of this list');
  }
}

/** An operation was to be appended to a stream that does not exist: a mistake of the caller, never of a client. */
export class StreamMissing extends Error {
  override readonly name = 'StreamMissing';
  constructor(readonly stream: number) {
    super(`the log has no stream ${stream}`);
  }
}

/** A transaction was handed to a store that did not begin it: a mistake of the caller, never of a client. */
export class ForeignTransaction extends Error {
  override readonly name = 'ForeignTransaction';
  constructor() {
    super('the transaction belongs to another store');
  }
}

/** A row that this very transaction wrote or holds was not answered: a defect of the store, never of a client. */
export class RowMissing extends Error {
  override readonly name = 'RowMissing';
  constructor(readonly noun: string, readonly id: number | string) {
    super(`the row of ${noun} ${id} is missing`);
  }
}

/** A statement was sent in a transaction that has ended: a mistake of the caller, never of a client. */
export class TransactionOver extends Error {
  override readonly name = 'TransactionOver';
  constructor() {
    super('the transaction has ended');
  }
}
