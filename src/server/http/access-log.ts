import type { Log } from '../../operations/gateway.js';

/** What is noted of a request on its way, for its line in the log. Ids and names of the schema only: no key, no variable, no text of a client. */
export interface RequestNotes {
  /** The public id of the key, once it is known to be good. */
  keyId: string | null;
  /** `query repo`, `mutation createCheckpoint`: type and root fields of each operation that was run. */
  readonly operations: string[];
  /** The trace that the request is part of, by its caller's word or by ours; null when there is none. */
  traceId: string | null;
}

/** Notes of a request of which nothing is known yet. */
export function openNotes(): RequestNotes {
  return { keyId: null, operations: [], traceId: null };
}

/** What is known of a request once it was answered. */
export interface Answered {
  readonly requestId: string;
  readonly method: string;
  /** The pattern of the route, or `websocket`; never the address, which may name what is nobody's business. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Of the body as it was sent; null where it was not sent over a socket of ours, and for operations of a WebSocket. */
  readonly bytes: number | null;
}

/** One line a request, or a null log that writes none. */
export class AccessLog {
  readonly #log: Log | null;

  constructor(log: Log | null) {
    this.#log = log;
  }

  /** Writes the line. */
  answered({ requestId, method, route, status, milliseconds, bytes }: Answered, { keyId, operations, traceId }: RequestNotes): void {
    this.#log?.info({ requestId, method, route, status, ms: Math.round(milliseconds * 100) / 100, bytes, keyId, operations, ...(traceId === null ? {} : { traceId }) }, 'request');
  }
}
