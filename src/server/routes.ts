import type { Viewer } from '../auth/viewer.js';
import { credentialsOf, type Door } from './access/admission.js';
import type { Exchange } from './http/exchange.js';
import { methodNotAllowed, refuse } from './http/responses.js';
import type { Metrics } from './status/metrics.js';

/** Answers what a route matches; `rest` is what the `*` of its pattern stands for. */
export type Answer = (exchange: Exchange, rest: string) => Promise<Response> | Response;

/** As {@link Answer}, for a key that is good. */
export type KeyedAnswer = (exchange: Exchange, viewer: Viewer, rest: string) => Promise<Response> | Response;

/** A path, or the beginning of paths where it ends in `*`, and what answers there. */
export type Routes = readonly (readonly [pattern: string, answer: Answer])[];

/** The route of a path, and what its `*` stands for; null when there is none, and where the path holds a NUL: nothing has such a name. */
export function findRoute(routes: Routes, path: string): { readonly pattern: string; readonly answer: Answer; readonly rest: string } | null {
  if (path.includes('%00')) return null;
  for (const [pattern, answer] of routes) {
    const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : null;
    if (prefix === null ? path === pattern : path.startsWith(prefix)) return { pattern, answer, rest: path.slice((prefix ?? pattern).length) };
  }
  return null;
}

/** A route that needs a key: without one the answer is 401, with a bad one too, and nothing behind it is asked. */
export function keyed(door: Door, metrics: Metrics, answer: KeyedAnswer): Answer {
  return async (exchange, rest) => {
    const { headers } = exchange.request;
    const admission = await door.admit(credentialsOf(headers), exchange.address);
    if (admission.ok) {
      exchange.notes.keyId = admission.viewer.key.id;
      return answer(exchange, admission.viewer, rest);
    }
    metrics.refused(admission.refusal.code);
    return refuse(admission.refusal, headers.get('accept'));
  };
}

/** A route that takes these methods only. */
export function only(methods: readonly string[], answer: Answer): Answer {
  return (exchange, rest) => (methods.includes(exchange.request.method) ? answer(exchange, rest) : methodNotAllowed(exchange.request.method, methods));
}
