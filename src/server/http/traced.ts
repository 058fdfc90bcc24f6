import { traceIdOf, type Tracing } from '../../shared/tracing.js';
import type { Exchange } from './exchange.js';

/** Methods by their own name in spans; whatever else a client makes up is `_OTHER` (OpenTelemetry, semantic conventions for HTTP spans). */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Asked every few seconds by machines: traces of them say nothing and hide the others. */
const UNTRACED = /^\/(?:health\/.*|metrics)$/u;

/**
 * Answers within a span of the request, which ends when the answer is there, not when its last byte was sent. The span stands below the
 * caller's `traceparent`; the answer names it in `traceresponse` (W3C Trace Context Level 2, 4), and the notes name the trace, also
 * where nothing is traced but the caller does.
 */
export async function traced(tracing: Tracing, exchange: Exchange, route: string, answer: () => Promise<Response>): Promise<Response> {
  const { request, requestId, notes } = exchange;
  const caller = { traceparent: request.headers.get('traceparent'), tracestate: request.headers.get('tracestate') };
  notes.traceId = traceIdOf(caller.traceparent);
  if (UNTRACED.test(route)) return answer();
  const method = METHODS.has(request.method) ? request.method : '_OTHER';
  const attributes = { 'http.request.method': method, 'http.route': route, 'weir.request.id': requestId };
  return tracing.request(`${method === '_OTHER' ? 'HTTP' : method} ${route}`, attributes, caller, async (span) => {
    if (span.traceparent !== null) notes.traceId = traceIdOf(span.traceparent);
    const response = await answer();
    span.set({ 'http.response.status_code': response.status, ...(notes.keyId === null ? {} : { 'weir.key.id': notes.keyId }) });
    if (response.status >= 500) span.fail(String(response.status));
    if (span.traceparent !== null) response.headers.set('traceresponse', span.traceparent);
    return response;
  });
}
