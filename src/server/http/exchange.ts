import { randomUUID } from 'node:crypto';
import { openNotes, type RequestNotes } from './access-log.js';

/** What is known of a request besides itself: where it came from, and whether anybody still waits for the answer. */
export interface Connection {
  /** The peer's address, as the socket has it. */
  readonly address: string;
  /** Aborted when the client has gone before the answer was complete. */
  readonly gone: AbortSignal;
  /** Resolves, never rejects, when the answer was sent or given up, with the bytes of its body that went out. */
  readonly sent?: Promise<number>;
}

/** One request on its way through the edge. */
export interface Exchange extends Connection {
  readonly request: Request;
  readonly url: URL;
  /** In the answer's `x-request-id`, the log, and the rows that a mutation writes. */
  readonly requestId: string;
  readonly notes: RequestNotes;
}

/** Ids of clients are taken over when they are plain, so that one id follows a request through every system. */
const PLAIN_ID = /^[A-Za-z0-9._:-]{1,64}$/u;

/** The exchange of a request; without a connection (tests, calls within the process) it is a local one. */
export function openExchange(request: Request, connection?: Connection): Exchange {
  const given = request.headers.get('x-request-id');
  return {
    request,
    url: new URL(request.url),
    requestId: given !== null && PLAIN_ID.test(given) ? given : randomUUID(),
    address: connection?.address ?? 'local',
    gone: connection?.gone ?? request.signal,
    ...(connection?.sent === undefined ? {} : { sent: connection.sent }),
    notes: openNotes(),
  };
}

/** A header of text beyond ASCII: HTTP gives its bytes one by one (RFC 9110, 5.5), clients mean UTF-8. Null when absent. */
export function textHeader(headers: Headers, name: string): string | null {
  const value = headers.get(name);
  if (value === null) return null;
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\u{fffd}') ? value : text;
}
