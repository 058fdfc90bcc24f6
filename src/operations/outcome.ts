import type { Problem } from '../domain/problem.js';

/** A row of the log by its place: the stream (repository id, 0 for the server) and the seq within it. */
export interface LogPlace {
  readonly stream: number;
  readonly seq: number;
}

/**
 * What an operation answers. A refusal is a value. The receipt is plain data (ids, not rows): it is stored under the
 * idempotency key and answered again, word for word, when the call is repeated (`replayed`).
 */
export type Outcome<Receipt> =
  | { readonly ok: true; readonly receipt: Receipt; readonly replayed: boolean }
  | { readonly ok: false; readonly problem: Problem };
