import type { EventFilter } from '../domain/event-filter.js';
import type { EventKind } from '../domain/operation.js';
import type { Reader } from '../domain/ports/reader.js';
import type { EventCursor, LoggedEvent } from '../domain/ports/event-log.js';

export type { EventFilter } from '../domain/event-filter.js';

/** The kinds that tell of a proposal. */
export const PROPOSAL_KINDS: readonly EventKind[] = [
  'PROPOSAL_OPENED', 'PROPOSAL_UPDATED', 'PROPOSAL_REVISED', 'PROPOSAL_REVIEWED', 'PROPOSAL_COMMENTED', 'PROPOSAL_MERGED',
  'PROPOSAL_REJECTED', 'PROPOSAL_CLOSED', 'PROPOSAL_REOPENED',
];

/** True when the event passes the filter. Whether the subscriber may read it is another question, asked at delivery. */
export function matchesFilter(filter: EventFilter, { stream, payload, runId, actor }: LoggedEvent): boolean {
  const { branch } = filter;
  return (
    (filter.repos === null || filter.repos.includes(stream) || filter.repos.includes(payload.repoName)) &&
    (filter.kinds === null || filter.kinds.includes(payload.kind)) &&
    (branch === null || ((branch.name === payload.branchName || branch.name === payload.sourceName) && (branch.stream ?? stream) === stream)) &&
    (filter.proposal === null || filter.proposal === payload.proposalNumber) &&
    (filter.runId === null || filter.runId === runId) &&
    (filter.actor === null || filter.actor === actor)
  );
}

/** An index behind every event of an operation: a cursor with it stands after the whole operation. */
export const END_OF_OPERATION = 2 ** 31 - 1;

/** True when `a` stands before `b` in the one order of all events. */
export function isBefore(a: EventCursor, b: EventCursor): boolean {
  return a.position < b.position || (a.position === b.position && a.index < b.index);
}

/** The live stream of events that subscriptions read. */
export interface EventFeed {
  /** The cursor after everything placed so far: begin here and every later event follows. */
  now(): Promise<EventCursor>;
  /** True when the log has come as far as the cursor. False for cursors of another server, and of this one before it was restored from a backup. */
  reaches(cursor: EventCursor): Promise<boolean>;
  /**
   * Events after the cursor, in order, without gaps, each once, until `signal` aborts; then it ends. Waits for new ones. A slow
   * consumer costs a cursor: nothing is queued for it. `stillAllowed` is asked before each batch, and when it answers false the
   * stream ends; whoever waits for events is not asked. Rejects when the database cannot be read.
   */
  follow(after: EventCursor, stillAllowed: () => Promise<boolean>, signal: AbortSignal): AsyncIterable<LoggedEvent>;
  /** Events after the cursor that are known by now, oldest first, some hundreds at most: from memory for whoever is not far behind. Rejects as `follow`. */
  after(cursor: EventCursor): Promise<readonly LoggedEvent[]>;
  /** The last event that is known here. */
  readonly newest: EventCursor;
  /** Resolves when there is an event after the cursor, and when `signal` aborts or the feed ends. */
  change(cursor: EventCursor, signal: AbortSignal): Promise<void>;
  /** What to resolve an event with: shared by all who are told of it at about the same time, and never older than the event. */
  readerFor(event: LoggedEvent): Reader;
}
