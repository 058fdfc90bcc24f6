import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, type ExecutionResult } from 'graphql';
import { parseKey } from '../../auth/key-format.js';
import type { KeyedAnswer } from '../routes.js';
import { bearerKey } from '../access/admission.js';
import type { Turnstile } from '../access/turnstile.js';
import type { BodyRoom } from '../http/body-room.js';
import { crowded, CROWDED, refuse } from '../http/responses.js';
import type { GraphqlOverHttp } from './over-http.js';
import type { Caller } from './run.js';

/** Where GraphQL requests wait until they are begun. */
export interface Doorway {
  readonly turnstile: Turnstile;
  readonly bodies: BodyRoom;
  /** The longest body that is taken. */
  readonly requestBytes: number;
  /** Told of each request for which there was no place. */
  readonly refused: () => void;
}

/** When a body for which there was no room may come again: as soon as one of the others is answered. */
const ROOM_RETRY_MS = 1_000;

/**
 * Answers GraphQL requests for whom there is a place, before anything of them is parsed; the others with 503, `Retry-After` and the code BUSY.
 * A body comes first: whoever sends it slowly would keep the place from others.
 */
export function inTurn(graphql: GraphqlOverHttp, { turnstile, bodies, requestBytes, refused }: Doorway): KeyedAnswer {
  return async (exchange, viewer) => {
    const { request: { headers }, gone } = exchange;
    const away = (retryAfterMs: number): Response => {
      refused();
      return refuse(crowded(retryAfterMs), headers.get('accept'));
    };
    const hopeless = turnstile.refusal(viewer.key.id);
    if (hopeless !== null) return away(hopeless);
    const received = await bodies.receive(exchange.request, requestBytes);
    if (received === null) return away(ROOM_RETRY_MS);
    try {
      const entry = await turnstile.enter(viewer.key.id, gone);
      if (!entry.ok) return away(entry.retryAfterMs);
      try {
        return await graphql(exchange, received.bytes, viewer, entry.place.aside);
      } finally {
        entry.place.leave();
      }
    } finally {
      received.release();
    }
  };
}

/** The same for an operation that came over a WebSocket: its result, or one with the error BUSY. */
export async function resultInTurn<T>(caller: Caller, turnstile: Turnstile, refused: () => void, work: (caller: Caller) => Promise<T>): Promise<T | ExecutionResult> {
  const entry = await turnstile.enter(caller.viewer.key.id, caller.gone);
  if (!entry.ok) {
    refused();
    return { errors: [new GraphQLError(CROWDED, { extensions: { code: 'BUSY', retryAfterMs: entry.retryAfterMs } })] };
  }
  try {
    return await work({ ...caller, aside: entry.place.aside });
  } finally {
    entry.place.leave();
  }
}

/** What every answer has, see `dress`; an origin that is listed is answered the long way. */
const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' } as const;

/**
 * Answers a GraphQL request at once where {@link Turnstile.refusal} says that it has no chance, without a look at its body or whether the
 * key that it names is good, which costs about a hundredth of an operation; answers the id of the request, null where it did nothing. The key's id is believed here: whoever names
 * another's is sent away a little earlier or later, and never let in by it.
 */
export function turnedAway(request: IncomingMessage, response: ServerResponse, turnstile: Turnstile): string | null {
  if (turnstile.waiting === 0 || request.headers.origin !== undefined || !isGraphql(request.url)) return null;
  const key = bearerKey(request.headers.authorization ?? null);
  const retryAfterMs = turnstile.refusal((key === null ? null : parseKey(key)?.id) ?? '');
  if (retryAfterMs === null) return null;
  const requestId = randomUUID();
  const { message, hint, retryAfterSeconds } = crowded(retryAfterMs);
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BUSY', hint, retryAfterMs } }] });
  response.writeHead(503, { ...HEADERS, 'retry-after': String(retryAfterSeconds), 'x-request-id': requestId, 'content-length': Buffer.byteLength(body) });
  response.end(body);
  return requestId;
}

function isGraphql(url: string | undefined): boolean {
  return url === '/graphql' || url?.startsWith('/graphql?') === true;
}
