import { setTimeout as sleep } from 'node:timers/promises';
import { and, asc, desc, eq, gte, sql } from 'drizzle-orm';
import { eventPosition, operation } from '../../drizzle/index.js';
import type { EventCursor, EventLog, LoggedEvent } from '../domain/ports/event-log.js';
import type { Bell } from './bell.js';
import type { Database } from './database.js';
import type { Queries } from './sending.js';
import { becomeSequencer } from './locks.js';
import { decodePayload, type LogPayload } from './log-row.js';
import type { FaultPoints } from './packs/write-pack.js';
import { SingleFlight } from './single-flight.js';

/** Operations that one transaction of the sequencer places. */
const PLACED_AT_ONCE = 1000;

/**
 * Waits between tries for the sequencer's lock, in milliseconds. Its holder needs a few; who holds it for longer than all of
 * them together is stuck, and then the next bell or the poll behind it tries again.
 */
const WAITS = [2, 5, 10, 20, 40, 80, 160, 320];

/** Bells of one gateway are at least this far apart, in milliseconds: a notification takes a lock that all commits share. */
const BELL_INTERVAL_MS = 50;

/** The log as one ordered stream of events, and this gateway's share in ordering it. */
export class PostgresEventLog implements EventLog {
  readonly #database: Database;
  readonly #bell: Bell;
  readonly #faults: FaultPoints | undefined;
  readonly #placing = new SingleFlight(() => this.#placeAll());
  readonly #sounding = new SingleFlight(() => this.#sound());
  #lastRing = 0;
  #due: NodeJS.Timeout | null = null;

  /** `faults`: points at which crash tests stop the process, with events placed but not committed, and committed but not told of. */
  constructor(database: Database, bell: Bell, faults?: FaultPoints) {
    this.#database = database;
    this.#bell = bell;
    this.#faults = faults;
  }

  async latest(): Promise<number> {
    const [row] = await this.#database.run((queries) => queries.select({ position: eventPosition.position }).from(eventPosition).orderBy(desc(eventPosition.position)).limit(1));
    return row?.position ?? 0;
  }

  /** One operation more than `limit` is read, since the one that the cursor stands in may have nothing left. */
  async after(cursor: EventCursor, limit: number): Promise<readonly LoggedEvent[]> {
    const rows = await this.#database.run((queries) =>
      queries
        .select({ position: eventPosition.position, payload: operation.payload, at: operation.at })
        .from(eventPosition)
        .innerJoin(operation, and(eq(operation.stream, eventPosition.stream), eq(operation.seq, eventPosition.seq)))
        .where(gte(eventPosition.position, cursor.position))
        .orderBy(asc(eventPosition.position))
        .limit(limit + 1),
    );
    return rows.flatMap((row) => eventsOf(row.position, row.at, decodePayload(row.payload))).filter((event) => isBehind(event.cursor, cursor));
  }

  place(): Promise<number> {
    return this.#placing.run();
  }

  listen(wake: () => void): Promise<() => Promise<void>> {
    return this.#bell.listen(wake);
  }

  /** Places first, so that who wakes finds something to read, then tells every gateway. */
  ring(): void {
    if (this.#due !== null) return;
    const wait = this.#lastRing + BELL_INTERVAL_MS - performance.now();
    this.#due = setTimeout(
      () => {
        this.#due = null;
        this.#lastRing = performance.now();
        void this.#sounding.run();
      },
      Math.max(0, wait),
    );
  }

  /** Sounds a bell that is due and waits for it. */
  async close(): Promise<void> {
    const due = this.#due !== null;
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    if (due) await this.#sounding.run();
    else await this.#sounding.settled();
  }

  async #sound(): Promise<void> {
    try {
      await this.place();
    } catch {
      // The rows are committed and stay unplaced; the poll of any gateway places them.
      return;
    }
    await this.#bell.sound();
  }

  async #placeAll(): Promise<number> {
    let placed = 0;
    for (const wait of WAITS) {
      const taken = await this.#database.transaction(async (queries) => {
        const count = await placeBatch(queries);
        if (count !== null && count > 0) this.#faults?.at('events.before-commit');
        return count;
      });
      if (taken !== null && taken > 0) this.#faults?.at('events.placed');
      if (taken === null) await sleep(wait);
      else placed += taken;
      if (taken !== null && taken < PLACED_AT_ONCE) return placed;
    }
    return placed;
  }
}

/**
 * Moves committed operations into the order of all events. Because a stream's rows commit in the order of `seq`, what this
 * statement sees of a stream is a beginning of what is unplaced, never a later row without an earlier one. The lock comes
 * first and the statement's snapshot after it, so it sees all that the sequencer before it has placed. null: not the sequencer.
 */
async function placeBatch(queries: Queries): Promise<number | null> {
  if (!(await becomeSequencer(queries))) return null;
  const placed = await queries.execute(sql`
    with taken as (
      delete from unplaced where (stream, seq) in (select stream, seq from unplaced order by stream, seq limit ${PLACED_AT_ONCE})
      returning stream, seq
    )
    insert into event_position (position, stream, seq)
    select (select coalesce(max(position), 0) from event_position) + row_number() over (order by stream, seq), stream, seq
    from taken
    returning position`);
  return placed.length;
}

function eventsOf(position: number, at: Date, payload: LogPayload): LoggedEvent[] {
  const { stream, seq, actor, keyId, runId } = payload;
  return payload.events.map((event, index) => ({ cursor: { position, index }, stream, seq, at, actor, keyId, runId, payload: event }));
}

function isBehind(cursor: EventCursor, other: EventCursor): boolean {
  return cursor.position > other.position || (cursor.position === other.position && cursor.index > other.index);
}
