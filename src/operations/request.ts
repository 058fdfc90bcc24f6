import type { Viewer } from '../auth/viewer.js';
import type { Reader } from '../domain/ports/reader.js';
import type { Gateway } from './gateway.js';

/** One request: who asks, with what reader, until when. Every operation and every read takes it first. */
export interface Request {
  readonly gateway: Gateway;
  readonly viewer: Viewer;
  readonly reader: Reader;
  /** Quoted in the log, in error bodies and in the response header `x-request-id`. */
  readonly requestId: string;
  /** Aborted when the client has gone or the time is up. */
  readonly signal: AbortSignal;
  /** Tells that the request only waits from here on, in the line of a branch or for the database; what it answers tells the end of that. Without it nobody counts. */
  readonly aside?: () => () => void;
}
