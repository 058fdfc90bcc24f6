import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { Log } from '../../operations/gateway.js';
import { asQueryError, type QueryErrorCode } from '../../operations/reading/query-error.js';
import { statusOf } from '../http/responses.js';

/** The closed set, by which an error is known to be one that a client may see. */
const CODES: ReadonlySet<string> = new Set<QueryErrorCode>([
  'UNKNOWN_REV', 'AMBIGUOUS_REV', 'NO_MERGE_BASE', 'OBJECT_CORRUPT', 'OBJECT_MISSING', 'BUDGET_EXCEEDED', 'CURSOR_INVALID', 'INVALID_ARGUMENT',
  'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'BUSY', 'TIMEOUT', 'UNAVAILABLE', 'INTERNAL', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED',
]);

/** Codes whose cause lies on this side: it goes to the log, under an id that the client can quote. */
const OURS: ReadonlySet<QueryErrorCode> = new Set<QueryErrorCode>(['OBJECT_CORRUPT', 'OBJECT_MISSING', 'UNAVAILABLE', 'INTERNAL']);

/** Characters of a message that a client is shown. */
const LONGEST_MESSAGE = 1_000;

const masked = new WeakSet<GraphQLError>();

/**
 * The error as a client sees it: a code of the closed set, words of ours or of graphql-js about the client's own input, and for faults
 * on this side an `errorId` under which the log has the cause. Anything unforeseen is INTERNAL and says nothing more. Idempotent.
 */
export function maskError(error: unknown, log: Log, requestId: string | null = null): GraphQLError {
  if (error instanceof GraphQLError && masked.has(error)) return error;
  const located = error instanceof GraphQLError ? error : null;
  const cause = rootCause(error);
  const shown = cause instanceof GraphQLError ? ofGraphql(cause, located) : ofOthers(cause);
  const errorId = OURS.has(shown.code) ? randomUUID() : null;
  if (errorId !== null) logCause(cause, { errorId, requestId, code: shown.code, path: located?.path?.join('.') ?? null }, log);
  const answer = new GraphQLError(shortened(shown.message), {
    nodes: located?.nodes ?? null,
    source: located?.source ?? null,
    positions: located?.positions ?? null,
    path: located?.path ?? null,
    extensions: { code: shown.code, ...(errorId === null ? {} : { errorId }), http: httpOf(located, shown.code) },
  });
  masked.add(answer);
  return answer;
}

/** A message as far as a client is shown it: graphql-js quotes what it refuses, however long that is. */
export function shortened(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}

interface Shown {
  readonly code: QueryErrorCode;
  readonly message: string;
}

/** graphql-js wraps what a resolver throws, once for each place that it passes. */
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
}

/** Errors that graphql-js, Yoga or a scalar made about the request itself. */
function ofGraphql(cause: GraphQLError, located: GraphQLError | null): Shown {
  const { code } = cause.extensions;
  if (typeof code === 'string' && isCode(code)) return { code, message: cause.message };
  if (code === 'OPERATION_RESOLUTION_FAILURE') return { code: 'GRAPHQL_VALIDATION_FAILED', message: cause.message };
  // A result that does not fit its type is a bug here; its message would quote the value.
  if (located?.path !== undefined && cause.nodes === undefined && typeof code !== 'string') return internal();
  return { code: 'INVALID_ARGUMENT', message: cause.message };
}

function ofOthers(cause: unknown): Shown {
  const known = asQueryError(cause);
  if (known !== null) return { code: known.code, message: known.message };
  if (cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'ClientGone')) return { code: 'TIMEOUT', message: 'The request was given up before it was answered.' };
  return internal();
}

function internal(): Shown {
  return { code: 'INTERNAL', message: 'Something went wrong on this server. Tell its operator the errorId.' };
}

/** What Yoga makes of an error that leaves no data: its status, unless the client accepts plain JSON only. */
function httpOf(located: GraphQLError | null, code: QueryErrorCode): { readonly status?: number; readonly spec: boolean } {
  const http: unknown = located?.extensions['http'];
  if (typeof http === 'object' && http !== null && 'status' in http && typeof http.status === 'number') {
    return { ...http, status: http.status, spec: 'spec' in http && http.spec === true };
  }
  // An error of one field leaves the others' data, which is a success of HTTP.
  if (located?.path !== undefined) return { spec: true };
  return { status: statusOf(code), spec: true };
}

function isCode(text: string): text is QueryErrorCode {
  return CODES.has(text);
}

function logCause(cause: unknown, fields: Readonly<Record<string, unknown>>, log: Log): void {
  const underneath = cause instanceof Error && cause.cause !== undefined ? { cause: describe(cause.cause) } : {};
  log.error({ ...fields, error: describe(cause), ...underneath }, 'a request failed on this side');
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
