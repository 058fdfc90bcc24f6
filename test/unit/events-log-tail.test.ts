import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventCursor, EventLog, LoggedEvent } from '../../src/domain/ports/event-log.js';
import { eventFeed } from '../../src/events/event-feed.js';
import { LogTail } from '../../src/events/log-tail.js';
import { SharedReader } from '../../src/events/shared-reader.js';
import { END_OF_OPERATION, isBefore, matchesFilter, type EventFeed, type EventFilter } from '../../src/events/topics.js';

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

/** A feed whose events nobody resolves. */
function feedOf(of: LogTail): EventFeed {
  return eventFeed(of, () => expect.fail('nothing is resolved here'));
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
    const waiting = tail.change(START, new AbortController().signal);
    await tail.close();
    await waiting;
    expect(log.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    log.commit(1);
    tail.wake();
    await vi.advanceTimersByTimeAsync(5000);
    expect(log.reads).toEqual([]);
    // Nobody waits for what will not come.
    await tail.change(START, new AbortController().signal);
  });
});

describe('waiting for a change', () => {
  beforeEach(() => tail.start());

  it('ends when there is an event, for everyone who waits', async () => {
    const waits = Array.from({ length: 3 }, () => watched(tail.change(START, new AbortController().signal)));
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
    const wait = watched(tail.change(START, new AbortController().signal));
    await Promise.resolve();
    await Promise.resolve();
    expect(wait.over).toBe(true);
  });

  it('ends at the abort, and has no timer of its own', async () => {
    const before = vi.getTimerCount();
    const gone = new AbortController();
    const [aborted, other] = [watched(tail.change(START, gone.signal)), watched(tail.change(START, new AbortController().signal))];
    expect(vi.getTimerCount()).toBe(before);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([aborted.over, other.over]).toEqual([false, false]);
    gone.abort();
    await settle();
    expect([aborted.over, other.over]).toEqual([true, false]);
  });

  it('ends for a hundred at a time, so that others have their turn in between', async () => {
    vi.useRealTimers();
    const waits = Array.from({ length: 250 }, () => watched(tail.change(START, new AbortController().signal)));
    const seen = new Set<number>();
    const watching = (async () => {
      while (!seen.has(250)) {
        seen.add(waits.filter(({ over }) => over).length);
        await new Promise(setImmediate);
      }
    })();
    log.commit(1);
    log.ring();
    await watching;
    expect([...seen]).toEqual([0, 100, 200, 250]);
  });
});

describe('the feed of one subscriber', () => {
  beforeEach(() => tail.start());

  it('gives every event once, in order, whether it was there before or comes later', async () => {
    const stream = feedOf(tail).follow(START, allowed, new AbortController().signal)[Symbol.asyncIterator]();
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
    const stream = feedOf(tail).follow({ position: 1, index: 0 }, allowed, new AbortController().signal)[Symbol.asyncIterator]();
    expect(places(await take(stream, 2))).toEqual(['1.1', '1.2']);
  });

  it('loses nothing for a consumer that is slower than the tail is long', async () => {
    const stream = feedOf(tail).follow(START, allowed, new AbortController().signal)[Symbol.asyncIterator]();
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
    const stream = feedOf(tail).follow(START, allowed, gone.signal)[Symbol.asyncIterator]();
    const next = stream.next();
    await settle();
    gone.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('ends when the tail is closed', async () => {
    const stream = feedOf(tail).follow(START, allowed, new AbortController().signal)[Symbol.asyncIterator]();
    const next = stream.next();
    await settle();
    await tail.close();
    expect((await next).done).toBe(true);
  });

  it('asks nothing of the database while it waits, for its key neither', async () => {
    let asked = 0;
    const stillAllowed = async (): Promise<boolean> => ++asked > 0;
    const next = feedOf(tail).follow(START, stillAllowed, new AbortController().signal)[Symbol.asyncIterator]().next();
    await settle();
    log.reads = [];
    expect(asked).toBe(0);
    log.commit(1);
    log.ring();
    await settle();
    expect((await next).done).toBe(false);
    // The tail's own three reads: the event, that there is no more, and once more for the bell that it rings for the others.
    expect([asked, log.reads.length]).toEqual([1, 3]);
  });

  it('knows how far the log has come: cursors of the tail without asking, others by the database', async () => {
    const feed = feedOf(tail);
    log.commit(1);
    log.ring();
    await settle();
    const latest = vi.spyOn(log, 'latest');
    expect([await feed.reaches(START), await feed.reaches({ position: 1, index: END_OF_OPERATION })]).toEqual([true, true]);
    expect(latest).not.toHaveBeenCalled();
    log.commit(1);
    await log.place();
    expect([await feed.reaches({ position: 2, index: 0 }), await feed.reaches({ position: 3, index: 0 })]).toEqual([true, false]);
  });

  it('gives nothing that comes after its key was refused', async () => {
    let good = true;
    const stream = feedOf(tail).follow(START, async () => good, new AbortController().signal)[Symbol.asyncIterator]();
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

function at(position: number): EventCursor {
  return { position, index: 0 };
}

describe('the reader that subscribers share', () => {
  it('is one for all events that were known when it was made, and another for what came later', () => {
    const shared = new SharedReader(() => ({}));
    const first = shared.at(at(3), at(5));
    expect([shared.at(at(5), at(5)), shared.at(at(1), at(9))]).toEqual([first, first]);
    expect(shared.at(at(5), at(9))).toBe(first);
    const second = shared.at(at(6), at(9));
    expect(second).not.toBe(first);
    // Never back to the older one: nobody may see an older state with a later event.
    expect(shared.at(at(3), at(9))).toBe(second);
    // An event that the tail has not come to yet, read from the database.
    const third = shared.at(at(12), at(9));
    expect([third === second, shared.at(at(11), at(9)) === third]).toEqual([false, true]);
  });

  it('is another after a quarter of a second', () => {
    const shared = new SharedReader(() => ({}));
    const first = shared.at(at(1), at(1));
    vi.advanceTimersByTime(249);
    expect(shared.at(at(1), at(1))).toBe(first);
    vi.advanceTimersByTime(1);
    expect(shared.at(at(1), at(1))).not.toBe(first);
  });
});

describe('a filter', () => {
  const EVERYTHING: EventFilter = { repos: null, kinds: null, branch: null, proposal: null, runId: null, actor: null };
  const event: LoggedEvent = {
    ...eventAt({ position: 1, index: 0 }), stream: 7, actor: 'ada', runId: 'run-1',
    payload: { kind: 'PROPOSAL_OPENED', repoName: 'team/a', proposalId: 1, proposalNumber: 4, sourceName: 'session/a' },
  };

  it.each<[string, Partial<EventFilter>, boolean]>([
    ['nothing', {}, true],
    ['its repository by id, whatever that is called by now', { repos: [3, 7] }, true],
    ['its repository by name', { repos: ['team/a'] }, true],
    ['another repository', { repos: [3, 'team/b'] }, false],
    ['no repository at all', { repos: [] }, false],
    ['its kind', { kinds: ['BRANCH_MOVED', 'PROPOSAL_OPENED'] }, true],
    ['another kind', { kinds: ['BRANCH_MOVED'] }, false],
    ['the branch that the proposal comes from', { branch: { name: 'session/a', stream: null } }, true],
    ['that branch of its repository', { branch: { name: 'session/a', stream: 7 } }, true],
    ['a branch of that name in another repository', { branch: { name: 'session/a', stream: 8 } }, false],
    ['another branch', { branch: { name: 'session', stream: null } }, false],
    ['its number', { proposal: 4 }, true],
    ['another number', { proposal: 5 }, false],
    ['its run', { runId: 'run-1' }, true],
    ['another run', { runId: 'run-2' }, false],
    ['its actor', { actor: 'ada' }, true],
    ['another actor', { actor: 'ad' }, false],
    ['its kind in another repository', { kinds: ['PROPOSAL_OPENED'], repos: [8] }, false],
  ])('for %s', (_what, filter, passes) => {
    expect(matchesFilter({ ...EVERYTHING, ...filter }, event)).toBe(passes);
  });

  it('for a branch lets its moves through, and no event that is not about a branch', () => {
    const moved = { ...event, payload: { kind: 'BRANCH_MOVED', repoName: 'team/a', branchName: 'session/a' } } as const;
    const filter = { ...EVERYTHING, branch: { name: 'session/a', stream: null } };
    expect([matchesFilter(filter, moved), matchesFilter(filter, eventAt({ position: 1, index: 0 }))]).toEqual([true, false]);
  });
});
