import type { EventCursor } from '../domain/ports/event-log.js';
import { isBefore } from './topics.js';

/** How old a shared reader may be, in milliseconds: what is told as it is now was so this long ago at most. */
const SHARED_MS = 250;

/**
 * One reader for all subscribers that are told of the same events: what an event leads to is read once, not once for each of
 * ten thousand. It moves forward only, so nobody is shown an older state with a later event.
 */
export class SharedReader<Reader> {
  readonly #make: () => Reader;
  #current: { readonly reader: Reader; readonly upTo: EventCursor; readonly until: number } | null = null;

  /** `make` answers a reader that has read nothing yet. */
  constructor(make: () => Reader) {
    this.#make = make;
  }

  /** A reader that was made after `event` was committed. `newest` is the last event that is known now: the reader is good for all up to it. */
  at(event: EventCursor, newest: EventCursor): Reader {
    const now = performance.now();
    const current = this.#current;
    if (current !== null && now < current.until && !isBefore(current.upTo, event)) return current.reader;
    const reader = this.#make();
    this.#current = { reader, upTo: isBefore(event, newest) ? newest : event, until: now + SHARED_MS };
    return reader;
  }
}
