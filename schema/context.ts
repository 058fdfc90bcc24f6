import type { EventCursor, LoggedEvent } from '../src/domain/ports/event-log.js';
import type { Request } from '../src/operations/request.js';

/**
 * What resolvers are given. The server makes one for every HTTP request and one for every subscription.
 *
 * `request` is replaced by {@link renew} after each mutation and by {@link tell} for each event of a subscription, because a reader answers
 * the same id once and for all: what follows a write must not see rows from before it.
 */
export interface Context {
  request: Request;
  /** Of a subscription: the cursor that its transport says was the last to arrive; it counts more than the argument `after`. */
  readonly resumeAfter?: string | null;
  /** Of a subscription: whoever resumes here misses nothing and sees no more than the last event again. */
  place?: EventCursor;
  /** Where the event that is being told stands, once `request` has a reader for it. */
  telling?: EventCursor;
}

/** Makes the context one that tells an event, with a reader that is no older than the event. */
export function tell(context: Context, event: LoggedEvent): void {
  if (context.telling === event.cursor) return;
  context.telling = event.cursor;
  context.request = { ...context.request, reader: context.request.gateway.events.readerFor(event) };
}

/** Gives the context a request with an empty reader, same viewer, id and deadline; answers it. */
export function renew(context: Context): Request {
  context.request = { ...context.request, reader: context.request.gateway.storage.reader() };
  return context.request;
}
