import type { Problem } from '../../domain/problem.js';
import type { QueryErrorCode } from '../../operations/reading/query-error.js';

/** Every code that an answer outside of GraphQL results can carry. */
export type ErrorCode = QueryErrorCode | Problem['code'];

/** The HTTP status of each code, for routes whose answer is one thing. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  UNKNOWN_REV: 404, AMBIGUOUS_REV: 400, NO_MERGE_BASE: 409, OBJECT_CORRUPT: 500, OBJECT_MISSING: 500, BUDGET_EXCEEDED: 413, CURSOR_INVALID: 400,
  INVALID_ARGUMENT: 400, UNAUTHENTICATED: 401, FORBIDDEN: 403, RATE_LIMITED: 429, TIMEOUT: 504, UNAVAILABLE: 503, INTERNAL: 500,
  GRAPHQL_PARSE_FAILED: 400, GRAPHQL_VALIDATION_FAILED: 400, INVALID_INPUT: 400, NOT_FOUND: 404, NAME_TAKEN: 409, STALE_HEAD: 409,
  MERGE_CONFLICTED: 409, PROTECTED_BRANCH: 409, RULES_UNMET: 409, INVALID_STATE: 409, LIMIT_EXCEEDED: 413, BUSY: 503,
};

/** What whoever comes to a gateway that has more to do than it can is told. */
export const CROWDED = 'More requests wait here than can be answered soon, so this one was not begun.';

/** The status that goes with a code. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** A refusal by the edge. `retryAfterSeconds` becomes the header of that name. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | null;
  readonly retryAfterSeconds?: number | null;
  /** The same more exactly, in the body. */
  readonly retryAfterMs?: number;
  /** Where the code's usual status does not fit, such as 405 and 415. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Under which the log has the cause. */
  readonly errorId?: string;
}

/** A refusal as an answer, in the form of a GraphQL response with nothing but errors: clients need to read one form only. */
export function refuse(refusal: Refusal, accept: string | null = null): Response {
  const { code, message, hint = null, retryAfterSeconds = null, retryAfterMs, errorId } = refusal;
  const headers = new Headers(refusal.headers);
  headers.set('content-type', accept?.includes('application/graphql-response+json') === true ? 'application/graphql-response+json; charset=utf-8' : 'application/json; charset=utf-8');
  if (retryAfterSeconds !== null) headers.set('retry-after', String(retryAfterSeconds));
  if (code === 'UNAUTHENTICATED') headers.set('www-authenticate', 'Bearer');
  const extensions = { code, ...(hint === null ? {} : { hint }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(errorId === undefined ? {} : { errorId }) };
  return new Response(JSON.stringify({ errors: [{ message, extensions }] }), { status: refusal.status ?? STATUS[code], headers });
}

/** More wait than can be answered soon: nothing was read of the request, nothing done. */
export function crowded(retryAfterMs: number): Refusal {
  return { code: 'BUSY', message: CROWDED, hint: `Repeat the same request in ${retryAfterMs} ms.`, retryAfterMs, retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
}

/** There is nothing at this address. */
export function noSuchRoute(path: string): Response {
  return refuse({ code: 'NOT_FOUND', message: `There is nothing at ${JSON.stringify(path.slice(0, 200))}.`, hint: 'The API is at /graphql.' });
}

/** The address takes other methods. */
export function methodNotAllowed(method: string, allowed: readonly string[]): Response {
  return refuse({ code: 'INVALID_ARGUMENT', status: 405, message: `${method} is not answered here.`, hint: `Use ${allowed.join(' or ')}.`, headers: { allow: allowed.join(', ') } });
}

/** Small JSON that is never cached. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json; charset=utf-8' } });
}
