import type { EventKind } from '../domain/operation.js';
import type { EventCursor, LoggedEvent } from '../domain/ports/storage.js';

/** Which events a subscriber wants; null members do not filter. Repositories and branches by exact name. */
export interface EventFilter {
  readonly repos: readonly string[] | null;
  readonly kinds: readonly EventKind[] | null;
  readonly branch: string | null;
  readonly proposal: number | null;
  readonly runId: string | null;
  readonly actor: string | null;
}

/** The filter that lets everything through. */
export const EVERY_EVENT: EventFilter = { repos: null, kinds: null, branch: null, proposal: null, runId: null, actor: null };

/** The kinds that tell of a proposal. */
export const PROPOSAL_KINDS: readonly EventKind[] = [
  'PROPOSAL_OPENED', 'PROPOSAL_UPDATED', 'PROPOSAL_REVISED', 'PROPOSAL_REVIEWED', 'PROPOSAL_COMMENTED', 'PROPOSAL_MERGED',
  'PROPOSAL_REJECTED', 'PROPOSAL_CLOSED', 'PROPOSAL_REOPENED',
];

/** True when the event passes the filter. Whether the subscriber may read it is another question, asked at delivery. */
export function matchesFilter(filter: EventFilter, { payload, runId, actor }: LoggedEvent): boolean {
  return (
    (filter.repos === null || filter.repos.includes(payload.repoName)) &&
    (filter.kinds === null || filter.kinds.includes(payload.kind)) &&
    (filter.branch === null || filter.branch === payload.branchName) &&
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
  /**
   * Events after the cursor, in order, without gaps, each once, until `signal` aborts; then it ends. Waits for new ones. A slow
   * consumer costs a cursor: nothing is queued for it. `stillAllowed` is asked at least once a second and before each batch; when
   * it answers false the stream ends. Rejects when the database cannot be read.
   */
  follow(after: EventCursor, stillAllowed: () => Promise<boolean>, signal: AbortSignal): AsyncIterable<LoggedEvent>;
}
