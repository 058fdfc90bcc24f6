import type { ProblemCode, ProblemPartsFragment } from './documents.js';

/** Anything that went wrong between this client and the gateway. */
export abstract class WeirError extends Error {
  /** A code of the API: of a Problem, or of an error of a request; `CONNECTION` when the gateway was not reached. */
  abstract readonly code: string;
}

/** One variant of Problem, by its code. */
export type ProblemOf<Code extends ProblemCode> = Extract<ProblemPartsFragment, { readonly __typename: ProblemName[Code] }>;

interface ProblemName {
  readonly BUSY: 'Busy';
  readonly FORBIDDEN: 'Forbidden';
  readonly INVALID_INPUT: 'InvalidInput';
  readonly INVALID_STATE: 'InvalidState';
  readonly LIMIT_EXCEEDED: 'LimitExceeded';
  readonly MERGE_CONFLICTED: 'MergeConflicted';
  readonly NAME_TAKEN: 'NameTaken';
  readonly NOT_FOUND: 'NotFound';
  readonly OBJECT_CORRUPT: 'ObjectCorrupt';
  readonly PROTECTED_BRANCH: 'ProtectedBranch';
  readonly RULES_UNMET: 'RulesUnmet';
  readonly STALE_HEAD: 'StaleHead';
  readonly UNAVAILABLE: 'Unavailable';
}

/** The gateway decided against a call: nothing was written. `is` gives the members of its kind, such as the conflicts of a merge. */
export class ProblemError extends WeirError {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  /** What the caller can do about it. */
  readonly hint: string | null;
  /** The whole answer, with the numbers. */
  readonly problem: ProblemPartsFragment;

  constructor(problem: ProblemPartsFragment) {
    super(problem.message);
    this.code = problem.code;
    this.hint = problem.hint;
    this.problem = problem;
  }

  /** Narrows by code: `if (error.is('STALE_HEAD')) error.problem.actualHead`. */
  is<Code extends ProblemCode>(code: Code): this is ProblemError & { readonly problem: ProblemOf<Code> } {
    return this.code === code;
  }
}

/** One error of an answer, as GraphQL has it (spec, 7.1.2). */
export interface GraphQLFailure {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly errorId?: string; readonly retryAfterMs?: number; readonly cursor?: string };
}

/** The gateway refused a request, or a part of it could not be answered. `data` holds the part that could. */
export class RequestError extends WeirError {
  override readonly name = 'RequestError';
  readonly code: string;
  /** The status of HTTP. */
  readonly status: number;
  readonly errors: readonly GraphQLFailure[];
  readonly data: unknown;

  constructor(status: number, errors: readonly GraphQLFailure[], data: unknown) {
    super(errors[0]?.message ?? `the gateway answered with status ${status}`);
    this.status = status;
    this.errors = errors;
    this.data = data;
    this.code = errors[0]?.extensions?.code ?? (status === 401 ? 'UNAUTHENTICATED' : 'INTERNAL');
  }
}

/** The gateway was not reached, or went away in the middle. Whether a mutation took effect is unknown unless it is asked again with its idempotency key. */
export class ConnectionError extends WeirError {
  override readonly name = 'ConnectionError';
  readonly code = 'CONNECTION';
}

/** What is asked for is not there, or this key may not read it; these cannot be told apart. */
export class MissingError extends WeirError {
  override readonly name = 'MissingError';
  readonly code = 'NOT_FOUND';
}

/** The success of an answer. Throws ProblemError for a problem. */
export function accepted<Result extends object>(result: Result): Exclude<Result, { readonly code: ProblemCode }> {
  if (isProblem(result)) throw new ProblemError(result);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that has a code is a problem
  return result as Exclude<Result, { readonly code: ProblemCode }>;
}

function isProblem(result: object): result is ProblemPartsFragment {
  return 'code' in result && 'message' in result;
}

/** What is there. Throws MissingError for what is not. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new MissingError(`${what} is absent, or this key may not read it`);
  return value;
}
