import type { EventCursor, LoggedEvent } from '../domain/ports/storage.js';
import type { LogTail } from './log-tail.js';
import type { EventFeed } from './topics.js';

/** How often a quiet subscription asks whether its key is still good: revocation closes an open socket within a second. */
const ALLOWANCE_MS = 900;

/** The feed over a tail of the log: a cursor and a bell, nothing else per subscriber. */
export function eventFeed(tail: LogTail): EventFeed {
  return {
    now: () => tail.now(),
    follow: (after, stillAllowed, signal) => followTail(tail, after, stillAllowed, signal),
  };
}

async function* followTail(tail: LogTail, after: EventCursor, stillAllowed: () => Promise<boolean>, signal: AbortSignal): AsyncGenerator<LoggedEvent, void, undefined> {
  let cursor = after;
  while (!signal.aborted) {
    if (!(await stillAllowed())) return;
    const events = await tail.after(cursor);
    for (const event of events) {
      cursor = event.cursor;
      yield event;
      if (signal.aborted) return;
    }
    if (events.length === 0) await tail.change(cursor, ALLOWANCE_MS, signal);
  }
}
