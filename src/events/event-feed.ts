import type { Reader } from '../domain/ports/reader.js';
import type { EventCursor, LoggedEvent } from '../domain/ports/event-log.js';
import type { LogTail } from './log-tail.js';
import { SharedReader } from './shared-reader.js';
import type { EventFeed } from './topics.js';

/** The feed over a tail of the log: a cursor and a bell, nothing else per subscriber. `makeReader` answers a reader that has read nothing yet. */
export function eventFeed(tail: LogTail, makeReader: () => Reader): EventFeed {
  const shared = new SharedReader(makeReader);
  return {
    now: () => tail.now(),
    reaches: (cursor) => tail.reaches(cursor),
    follow: (after, stillAllowed, signal) => followTail(tail, after, stillAllowed, signal),
    after: (cursor) => tail.after(cursor),
    get newest() {
      return tail.newest;
    },
    change: (cursor, signal) => tail.change(cursor, signal),
    readerFor: ({ cursor }) => shared.at(cursor, tail.newest),
  };
}

async function* followTail(tail: LogTail, after: EventCursor, stillAllowed: () => Promise<boolean>, signal: AbortSignal): AsyncGenerator<LoggedEvent, void, undefined> {
  let cursor = after;
  while (!signal.aborted && !tail.closed) {
    const events = await tail.after(cursor);
    if (events.length === 0) {
      await tail.change(cursor, signal);
      continue;
    }
    if (!(await stillAllowed())) return;
    for (const event of events) {
      cursor = event.cursor;
      yield event;
      if (signal.aborted) return;
    }
  }
}
