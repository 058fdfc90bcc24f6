import { CursorInvalid } from '../../domain/cursor.js';
import { isDiskFault, PageKeyInvalid, StorageBusy, StorageUnavailable } from '../../domain/ports/errors.js';
import { GitDataError } from '../../git/objects/errors.js';

/** The closed set of codes that a failed field or request carries as `extensions.code`. */
export type QueryErrorCode =
  | 'UNKNOWN_REV' | 'AMBIGUOUS_REV' | 'NO_MERGE_BASE' | 'OBJECT_CORRUPT' | 'OBJECT_MISSING' | 'BUDGET_EXCEEDED' | 'CURSOR_INVALID'
  | 'INVALID_ARGUMENT' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'RATE_LIMITED' | 'BUSY' | 'TIMEOUT' | 'UNAVAILABLE' | 'INTERNAL'
  | 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED';

/**
 * A read that cannot be answered, in words that a client may see. `extensions` is what graphql-js copies to the error of
 * the field (GraphQL October 2021, 7.1.2), so throwing it from a resolver is enough.
 */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly extensions: { readonly code: QueryErrorCode };

  constructor(readonly code: QueryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.extensions = { code };
  }
}

/** The error that a client sees for a fault of stored data or of the storage itself; null when it is neither (a bug). */
export function asQueryError(error: unknown): QueryError | null {
  if (error instanceof QueryError) return error;
  if (error instanceof GitDataError) {
    // A pack is refused on the way in only; what a read meets of one is damage.
    const code = error.code === 'PACK_INVALID' ? 'OBJECT_CORRUPT' : error.code;
    if (code === 'OBJECT_CORRUPT' || code === 'OBJECT_MISSING' || code === 'BUDGET_EXCEEDED') return new QueryError(code, error.message, { cause: error });
    return null;
  }
  if (error instanceof CursorInvalid) return new QueryError('CURSOR_INVALID', error.message, { cause: error });
  if (error instanceof PageKeyInvalid) return new QueryError('CURSOR_INVALID', 'The cursor belongs to another list or order.');
  if (error instanceof StorageUnavailable || error instanceof StorageBusy) {
    return new QueryError('UNAVAILABLE', 'The database does not answer at the moment; try again.', { cause: error });
  }
  if (isDiskFault(error)) return new QueryError('UNAVAILABLE', 'The disk of the objects does not answer at the moment; try again.', { cause: error });
  return null;
}

/** Runs a read of git data; faults of it reject as {@link QueryError}, everything else as it is. */
export async function gitRead<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asQueryError(error) ?? error;
  }
}
