import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventCursor, EventLog, LoggedEvent } from '../../src/domain/ports/storage.js';
import { eventFeed } from '../../src/events/event-feed.js';
import { LogTail } from '../../src/events/log-tail.js';
import { END_OF_OPERATION, isBefore } from '../../src/events/topics.js';

/** A log in memory: what is committed becomes readable when it is placed, as with the sequencer. */
class MemoryLog implements EventLog {
  readonly #placed: LoggedEvent[] = [];
  readonly #waiting: number[] = [];
  readonly #bells = new Set<() => void>();
  #position = 0;
  /** Reads of events, with the cursor of each. */
  reads: EventCursor[] = [];
  rings = 0;
  failure: Error | null = null;

  /** Commits operations of so many events each, without ringing. */
  commit(...sizes: readonly number[]): void {
    this.#waiting.push(...sizes);
  }

  async latest(): Promise<number> {
    return this.#position;
  }

  async place(): Promise<number> {
    if (this.failure !== null) throw this.failure;
    const sizes = this.#waiting.splice(0);
    for (const size of sizes) {
      const position = ++this.#position;
      for (let index = 0; index < size; index++) this.#placed.push(eventAt({ position, index }));
    }
    return sizes.length;
  }

  async after(cursor: EventCursor, limit: number): Promise<readonly LoggedEvent[]> {
    this.reads.push(cursor);
    const later = this.#placed.filter((event) => isBefore(cursor, event.cursor));
    const positions = [...new Set(later.map((event) => event.cursor.position))].slice(0, limit);
    return later.filter((event) => positions.includes(event.cursor.position));
  }

  async listen(wake: () => void): Promise<() => Promise<void>> {
    this.#bells.add(wake);
    return async () => void this.#bells.delete(wake);
  }

  ring(): void {
    this.rings++;
    for (const wake of this.#bells) wake();
  }

  get listeners(): number {
    return this.#bells.size;
  }
}

function eventAt(cursor: EventCursor): LoggedEvent {
  return { cursor, stream: 1, seq: cursor.position, at: new Date(0), actor: 'ada', keyId: 'k', runId: null, payload: { kind: 'REPO_UPDATED', repoName: 'r' } };
}

const START: EventCursor = { position: 0, index: END_OF_OPERATION };
const places = (events: readonly LoggedEvent[]): string[] => events.map(({ cursor }) => `${cursor.position}.${cursor.index}`);

let log: MemoryLog;
let tail: LogTail;
let faults: unknown[];

beforeEach(async () => {
  vi.useFakeTimers();
  log = new MemoryLog();
  faults = [];
  tail = new LogTail(log, (error) => faults.push(error));
});
afterEach(async () => {
  await tail.close();
  vi.useRealTimers();
});

/** Lets what is under way come to rest; the clock stands still. */
function settle(): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(0);
}

/** Whether a wait is over, without waiting for it. */
function watched(wait: Promise<void>): { over: boolean } {
  const state = { over: false };
  void wait.then(() => (state.over = true));
  return state;
}

const allowed = async (): Promise<boolean> => true;

/** Takes the next `count` events of a stream. */
async function take(stream: AsyncIterator<LoggedEvent>, count: number): Promise<LoggedEvent[]> {
  const taken: LoggedEvent[] = [];
  while (taken.length < count) {
    const next = await stream.next();
    if (next.done === true) return taken;
    taken.push(next.value);
  }
  return taken;
}

describe('the tail of the log', () => {
  it('begins at the present end: what came before is read from the database', async () => {
    log.commit(1, 2);
    await tail.start();
    expect(await tail.now()).toEqual({ position: 2, index: END_OF_OPERATION });
    expect(await tail.after(await tail.now())).toEqual([]);
    expect(log.reads).toEqual([]);
    expect(places(await tail.after(START))).toEqual(['1.0', '2.0', '2.1']);
    expect(log.reads).toEqual([START]);
  });

  it('has what is committed once the bell rings, in order, and answers it from memory', async () => {
    await tail.start();
    log.commit(2, 1);
    log.ring();
    await settle();
    log.reads = [];
    expect(places(await tail.after(START))).toEqual(['1.0', '1.1', '2.0']);
    expect(places(await tail.after({ position: 1, index: 0 }))).toEqual(['1.1', '2.0']);
    expect(places(await tail.after({ position: 1, index: END_OF_OPERATION }))).toEqual(['2.0']);
    expect(await tail.after({ position: 2, index: 0 })).toEqual([]);
    expect(log.reads).toEqual([]);
  });

  it('finds it within a second without any bell', async () => {
    await tail.start();
    log.commit(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(await tail.after(START)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(places(await tail.after(START))).toEqual(['1.0']);
  });

  it('tells other gateways once it has placed what they were told of too early', async () => {
    await tail.start();
    log.commit(1);
    tail.wake();
    await settle();
    expect(log.rings).toBe(1);
    tail.wake();
    await settle();
    // Nothing was placed, so there is nothing to tell.
    expect(log.rings).toBe(1);
  });

  it('looks once more for a bell that rings while it looks, however often it rings', async () => {
    await tail.start();
    log.commit(1);
    tail.wake();
    log.commit(1);
    for (let n = 0; n < 100; n++) tail.wake();
    await settle();
    expect(places(await tail.after(START))).toEqual(['1.0', '2.0']);
    expect(log.reads.length).toBeLessThan(8);
  });

  it('takes over more than one batch', async () => {
    await tail.start();
    log.commit(...Array.from({ length: 1000 }, () => 1));
    log.ring();
    await settle();
    let cursor = START;
    const seen: string[] = [];
    for (let events = await tail.after(cursor); events.length > 0; events = await tail.after(cursor)) {
      seen.push(...places(events));
      cursor = events.at(-1)?.cursor ?? cursor;
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, n) => `${n + 1}.0`));
  });

  it('forgets the oldest beyond its capacity, and then reads the database for whoever is that far behind', async () => {
    await tail.start();
    log.commit(...Array.from({ length: 2100 }, () => 2));
    log.ring();
    await settle();
    log.reads = [];
    // 4,200 events, of which 4,096 are kept: those from 53.0 on, so that a cursor at 52.1 needs nothing older.
    expect(places(await tail.after({ position: 52, index: 1 }))[0]).toBe('53.0');
    expect(log.reads).toEqual([]);
    expect(places(await tail.after({ position: 52, index: 0 })).slice(0, 2)).toEqual(['52.1', '53.0']);
    expect(log.reads).toEqual([{ position: 52, index: 0 }]);
  });

  it('reports a fault and goes on with the next poll', async () => {
    await tail.start();
    log.failure = new TypeError('the database is gone');
    log.commit(1);
    log.ring();
    await settle();
    expect(faults).toEqual([log.failure]);
    log.failure = null;
    await vi.advanceTimersByTimeAsync(1000);
    expect(places(await tail.after(START))).toEqual(['1.0']);
    expect(faults).toHaveLength(1);
  });

  it('stops listening and looking when it is closed, and wakes everyone who waits', async () => {
    await tail.start();
    const waiting = tail.change(START, 60_000, new AbortController().signal);
    await tail.close();
    await waiting;
    expect(log.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    log.commit(1);
    tail.wake();
    await vi.advanceTimersByTimeAsync(5000);
    expect(log.reads).toEqual([]);
    // Nobody waits for what will not come.
    await tail.change(START, 60_000, new AbortController().signal);
  });
});

describe('waiting for a change', () => {
  beforeEach(() => tail.start());

  it('ends when there is an event, for everyone who waits', async () => {
    const waits = Array.from({ length: 3 }, () => watched(tail.change(START, 60_000, new AbortController().signal)));
    await settle();
    expect(waits.map(({ over }) => over)).toEqual([false, false, false]);
    log.commit(1);
    log.ring();
    await settle();
    expect(waits.map(({ over }) => over)).toEqual([true, true, true]);
  });

  it('does not begin when there is one already', async () => {
    log.commit(1);
    log.ring();
    await settle();
    const wait = watched(tail.change(START, 60_000, new AbortController().signal));
    await Promise.resolve();
    await Promise.resolve();
    expect(wait.over).toBe(true);
  });

  it('ends after its time, and at the abort, and leaves no timer behind', async () => {
    const before = vi.getTimerCount();
    const timed = watched(tail.change(START, 300, new AbortController().signal));
    const gone = new AbortController();
    const aborted = watched(tail.change(START, 60_000, gone.signal));
    await vi.advanceTimersByTimeAsync(299);
    expect([timed.over, aborted.over]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect([timed.over, aborted.over]).toEqual([true, false]);
    gone.abort();
    await settle();
    expect(aborted.over).toBe(true);
    expect(vi.getTimerCount()).toBe(before);
  });
});

describe('the feed of one subscriber', () => {
  beforeEach(() => tail.start());

  it('gives every event once, in order, whether it was there before or comes later', async () => {
    const stream = eventFeed(tail).follow(START, allowed, new AbortController().signal)[Symbol.asyncIterator]();
    log.commit(2);
    log.ring();
    await settle();
    const first = await take(stream, 2);
    const later = take(stream, 3);
    await settle();
    log.commit(1, 2);
    log.ring();
    await settle();
    expect(places([...first, ...(await later)])).toEqual(['1.0', '1.1', '2.0', '3.0', '3.1']);
  });

  it('resumes in the middle of an operation', async () => {
    log.commit(3);
    log.ring();
    await settle();
    const stream = eventFeed(tail).follow({ position: 1, index: 0 }, allowed, new AbortController().signal)[Symbol.asyncIterator]();
    expect(places(await take(stream, 2))).toEqual(['1.1', '1.2']);
  });

  it('loses nothing for a consumer that is slower than the tail is long', async () => {
    const stream = eventFeed(tail).follow(START, allowed, new AbortController().signal)[Symbol.asyncIterator]();
    log.commit(1);
    log.ring();
    await settle();
    const seen = places(await take(stream, 1));
    // While it dawdles, more than the tail holds goes by.
    for (let n = 0; n < 10; n++) {
      log.commit(...Array.from({ length: 1000 }, () => 1));
      log.ring();
      await settle();
    }
    seen.push(...places(await take(stream, 10_000)));
    expect(seen).toEqual(Array.from({ length: 10_001 }, (_, n) => `${n + 1}.0`));
  });

  it('ends at the abort, also while it waits', async () => {
    const gone = new AbortController();
    const stream = eventFeed(tail).follow(START, allowed, gone.signal)[Symbol.asyncIterator]();
    const next = stream.next();
    await settle();
    gone.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('ends within a second once its key is refused, though nothing happens', async () => {
    let good = true;
    const stream = eventFeed(tail).follow(START, async () => good, new AbortController().signal)[Symbol.asyncIterator]();
    let over = false;
    const next = stream.next().then((result) => {
      over = true;
      return result;
    });
    await settle();
    good = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(over).toBe(true);
    expect((await next).done).toBe(true);
  });

  it('gives nothing that comes after its key was refused', async () => {
    let good = true;
    const stream = eventFeed(tail).follow(START, async () => good, new AbortController().signal)[Symbol.asyncIterator]();
    log.commit(1);
    log.ring();
    await settle();
    expect(places(await take(stream, 1))).toEqual(['1.0']);
    good = false;
    log.commit(1);
    log.ring();
    await settle();
    expect((await stream.next()).done).toBe(true);
  });
});
