import type { Request } from '../src/operations/request.js';

/**
 * What resolvers are given. The server makes one for every HTTP request and one for every subscription.
 *
 * `request` is replaced by {@link renew} after each mutation and for each event of a subscription, because a reader answers
 * the same id once and for all: what follows a write must not see rows from before it.
 */
export interface Context {
  request: Request;
}

/** Gives the context a request with an empty reader, same viewer, id and deadline; answers it. */
export function renew(context: Context): Request {
  context.request = { ...context.request, reader: context.request.gateway.storage.reader() };
  return context.request;
}
