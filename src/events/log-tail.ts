import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventCursor, EventLog, LoggedEvent } from '../domain/ports/event-log.js';
import { END_OF_OPERATION, isBefore } from './topics.js';

/** Notifications are a hint: without any, new rows are found after this long, in milliseconds. */
const POLL_MS = 1000;
/** Events kept for all subscribers together; whoever is further behind reads the database. About 1 MB at 250 bytes each. */
const CAPACITY = 4096;
/** Subscribers that are woken in one turn of the event loop: telling one takes a tenth of a millisecond, and others wait for that long times this. */
const WOKEN_AT_ONCE = 100;
/** Operations read from the database at a time. */
const BATCH = 256;

/** Told of faults in the background; they are tried again with the next poll. */
export type OnFault = (error: unknown) => void;

/**
 * The newest part of the log, followed once a gateway and shared by all subscribers: ten thousand of them are not ten thousand
 * statements an event. Also drives the sequencer: each wake first places what is committed and has no position yet.
 */
export class LogTail {
  readonly #log: EventLog;
  readonly #onFault: OnFault;
  #events: LoggedEvent[] = [];
  /** Everything after this cursor, up to `#newest`, is in `#events`. */
  #oldest: EventCursor = { position: 0, index: END_OF_OPERATION };
  #newest: EventCursor = { position: 0, index: END_OF_OPERATION };
  #waiting = new Set<() => void>();
  #running: Promise<void> | null = null;
  #again = false;
  #timer: NodeJS.Timeout | null = null;
  #stopListening: (() => Promise<void>) | null = null;
  #closed = false;

  constructor(log: EventLog, onFault: OnFault) {
    this.#log = log;
    this.#onFault = onFault;
  }

  /** The last event that is known here. */
  get newest(): EventCursor {
    return this.#newest;
  }

  /** True once it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Begins to follow from the present end of the log. */
  async start(): Promise<void> {
    await this.#log.place();
    const position = await this.#log.latest();
    this.#oldest = { position, index: END_OF_OPERATION };
    this.#newest = this.#oldest;
    this.#stopListening = await this.#log.listen(() => this.wake());
    this.#timer = setInterval(() => this.wake(), POLL_MS);
    this.#timer.unref();
  }

  /** Looks for new rows now; calls while it looks make it look once more. */
  wake(): void {
    this.#again = true;
    if (this.#running !== null || this.#closed) return;
    this.#running = this.#advance().finally(() => {
      this.#running = null;
      if (this.#again && !this.#closed) this.wake();
    });
  }

  /** The cursor after everything committed so far: places first, so that nothing from before this call can follow it. */
  async now(): Promise<EventCursor> {
    await this.#log.place();
    return { position: await this.#log.latest(), index: END_OF_OPERATION };
  }

  /** True when the log has come as far as the cursor; the database is asked only about what is not known here. */
  async reaches({ position }: EventCursor): Promise<boolean> {
    return position <= this.#newest.position || position <= (await this.#log.latest());
  }

  /** Events after the cursor, in order; an empty list when there are none yet. Reads the database only for what is no longer in the tail. */
  async after(cursor: EventCursor): Promise<readonly LoggedEvent[]> {
    if (isBefore(cursor, this.#oldest)) return this.#log.after(cursor, BATCH);
    if (!isBefore(cursor, this.#newest)) return [];
    const from = firstAfter(this.#events, cursor);
    return this.#events.slice(from, from + BATCH);
  }

  /** Resolves when there is an event after the cursor, at the abort, or when the tail is closed. */
  async change(cursor: EventCursor, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed || isBefore(cursor, this.#newest)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }

  /** Stops following and wakes everyone who waits. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#stopListening?.();
    await this.#running;
    await this.#wakeAll();
  }

  async #advance(): Promise<void> {
    this.#again = false;
    try {
      // Whoever holds the sequencer tells the others: their bell rang before the rows had positions.
      if ((await this.#log.place()) > 0) this.#log.ring();
      for (;;) {
        const events = await this.#log.after(this.#newest, BATCH);
        const last = events.at(-1);
        if (last === undefined) return;
        this.#append(events, last.cursor);
        await this.#wakeAll();
      }
    } catch (error) {
      if (!this.#closed) this.#onFault(error);
    }
  }

  #append(events: readonly LoggedEvent[], newest: EventCursor): void {
    this.#events.push(...events);
    this.#newest = newest;
    const surplus = this.#events.length - CAPACITY;
    if (surplus > 0) {
      const dropped = this.#events.splice(0, surplus).at(-1);
      if (dropped !== undefined) this.#oldest = dropped.cursor;
    }
  }

  async #wakeAll(): Promise<void> {
    const waiting = [...this.#waiting];
    for (let from = 0; from < waiting.length; from += WOKEN_AT_ONCE) {
      if (from > 0) await nextTurn();
      for (const resume of waiting.slice(from, from + WOKEN_AT_ONCE)) resume();
    }
  }
}

/** Index of the first event after the cursor, by binary search. */
function firstAfter(events: readonly LoggedEvent[], cursor: EventCursor): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const event = events[middle];
    if (event !== undefined && isBefore(cursor, event.cursor)) high = middle;
    else low = middle + 1;
  }
  return low;
}
