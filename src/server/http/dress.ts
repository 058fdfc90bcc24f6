import type { Exchange } from './exchange.js';
import type { ServerSettings } from '../settings.js';

const ALLOWED_HEADERS = 'authorization, content-type, weir-actor, last-event-id, x-request-id, range, if-none-match, traceparent, tracestate';
const EXPOSED_HEADERS = 'x-request-id, retry-after, etag, content-range, traceresponse';
/** How long a browser may remember a preflight: the longest that any of them does. */
const PREFLIGHT_SECONDS = '7200';

/** The answer to a preflight of a listed origin; null for other requests. Origins that are not listed get no header, which refuses them. */
export function preflight({ request }: Exchange, settings: ServerSettings): Response | null {
  if (request.method !== 'OPTIONS' || request.headers.get('access-control-request-method') === null) return null;
  if (!settings.corsOrigins.includes(request.headers.get('origin') ?? '')) return new Response(null, { status: 204 });
  return new Response(null, {
    status: 204,
    headers: { 'access-control-allow-methods': 'GET, HEAD, POST', 'access-control-allow-headers': ALLOWED_HEADERS, 'access-control-max-age': PREFLIGHT_SECONDS },
  });
}

/**
 * The headers that every answer has: its id, no sniffing, no referrer, no caching unless the route says otherwise, and CORS for listed
 * origins (Fetch standard, 3.2). Never with credentials: a key travels in a header that a page must set itself.
 */
export function dress(response: Response, { request, requestId }: Exchange, settings: ServerSettings): Response {
  const { headers } = response;
  headers.set('x-request-id', requestId);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  if (settings.corsOrigins.length === 0) return response;
  headers.append('vary', 'origin');
  const origin = request.headers.get('origin');
  if (origin === null || !settings.corsOrigins.includes(origin)) return response;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', EXPOSED_HEADERS);
  return response;
}
