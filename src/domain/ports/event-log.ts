import type { EventPayload } from '../operation.js';

/** Where an event stands in the one order of all events: the operation's position, and the event's index within it. */
export interface EventCursor {
  readonly position: number;
  readonly index: number;
}

/** An event with its place and the operation it came from. */
export interface LoggedEvent {
  readonly cursor: EventCursor;
  readonly stream: number;
  readonly seq: number;
  readonly at: Date;
  readonly actor: string;
  readonly keyId: string;
  readonly runId: string | null;
  readonly payload: EventPayload;
}

/** The log as an ordered stream of events. */
export interface EventLog {
  /** The newest position that has been given out; 0 before the first. */
  latest(): Promise<number>;
  /** Events behind the cursor in order, at most `limit` operations' worth; an operation is never cut in two. */
  after(cursor: EventCursor, limit: number): Promise<readonly LoggedEvent[]>;
  /** Gives positions to committed rows that have none, if this gateway holds the sequencer's lock; answers how many. */
  place(): Promise<number>;
  /** Calls `wake` when another gateway, or this one, has rung; answers a function that stops listening. */
  listen(wake: () => void): Promise<() => Promise<void>>;
  /** Rings: empty, coalesced, outside of any transaction. Never rejects. */
  ring(): void;
}
