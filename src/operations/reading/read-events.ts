import { isStillGood } from '../../auth/authenticate.js';
import { authorize, mayReadEvent } from '../../auth/authorize.js';
import { decodeEventCursor, encodeEventCursor } from '../../domain/cursor.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import type { EventCursor, LoggedEvent } from '../../domain/ports/event-log.js';
import { END_OF_OPERATION, matchesFilter, type EventFilter } from '../../events/topics.js';
import type { Request } from '../request.js';
import { asQueryError, QueryError } from './query-error.js';
import { readableBranchById } from './readable-branch.js';
import { readableRepo } from './readable-repo.js';

type Maybe<T> = T | null | undefined;

/** Which events a client asks for; repositories and the branch by name or node id. */
export interface EventFilterInput extends Partial<{ readonly [K in Exclude<keyof EventFilter, 'repos' | 'branch'>]: Maybe<EventFilter[K]> }> {
  readonly repos?: Maybe<readonly string[]>;
  readonly branch?: Maybe<string>;
}

/** A stretch of the log. `reached` is where the search stood at its end, which may be behind the last event that was found. */
export interface EventPage {
  readonly events: readonly LoggedEvent[];
  readonly reached: EventCursor;
  readonly hasNext: boolean;
}

/** Before the first event. */
const BEGINNING: EventCursor = { position: 0, index: END_OF_OPERATION };
/** Operations read at a time, after as many as the page may take, and in all for one page: a filter that matches little ends its page early and says that there is more. */
const BATCH = 500;
const MAX_BATCHES = 20;

/** The filter in the words of the log, so that matching needs no row. What the key may not read stays as given and matches nothing it sees. */
export async function eventFilter(request: Request, input: Maybe<EventFilterInput>): Promise<EventFilter> {
  const repos = input?.repos ?? null;
  return {
    repos: repos === null ? null : await Promise.all(repos.map(async (ref) => (await readableRepo(request, ref))?.id ?? ref)),
    kinds: input?.kinds ?? null,
    branch: await branchFilter(request, input?.branch ?? null),
    proposal: input?.proposal ?? null,
    runId: input?.runId ?? null,
    actor: input?.actor ?? null,
  };
}

async function branchFilter(request: Request, ref: string | null): Promise<EventFilter['branch']> {
  if (ref === null) return null;
  const id = decodeGlobalId(ref);
  const branch = id?.type === 'Branch' ? await readableBranchById(request, id.id) : null;
  return branch === null ? { name: ref, stream: null } : { name: branch.name, stream: branch.repoId };
}

/** The cursor after everything that has happened: events after it are those that nobody has read yet. */
export async function readEventCursor(request: Request): Promise<string> {
  return encodeEventCursor(await request.gateway.events.now());
}

/** Events after a cursor (from the beginning of the log without one) that pass the filter and that the key may read, oldest first. */
export async function readEvents(request: Request, filter: EventFilter, after: EventCursor | null, count: number): Promise<EventPage> {
  if (authorize(request.viewer, 'readEvents') !== null) return { events: [], reached: after ?? BEGINNING, hasNext: false };
  const events: LoggedEvent[] = [];
  let reached = after ?? BEGINNING;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const read = await request.gateway.storage.events.after(reached, batch === 0 ? Math.min(count + 1, BATCH) : BATCH);
    for (const event of read) {
      const wanted = matchesFilter(filter, event) && mayReadEvent(request.viewer, event.payload);
      if (wanted && events.length >= count) return { events, reached, hasNext: true };
      if (wanted) events.push(event);
      reached = event.cursor;
    }
    if (read.length === 0) return { events, reached, hasNext: false };
  }
  return { events, reached, hasNext: true };
}

/** One event by its place; null when there is none, or not for this key. */
export async function readEvent(request: Request, cursor: EventCursor): Promise<LoggedEvent | null> {
  const before = cursor.index === 0 ? { position: cursor.position - 1, index: END_OF_OPERATION } : { position: cursor.position, index: cursor.index - 1 };
  const [event] = await request.gateway.storage.events.after(before, 1);
  if (event === undefined || event.cursor.position !== cursor.position || event.cursor.index !== cursor.index) return null;
  return mayReadEvent(request.viewer, event.payload) ? event : null;
}

/**
 * Events as they come: those after the cursor first, or from now on without one. Each is judged at delivery with what the key may
 * read; the stream ends when the key is revoked or expires before an event, and when the request is aborted.
 *
 * `passed` is told where the stream stands: at its beginning, and behind each event that it leaves out or that the reader has
 * come back from. Whoever resumes there misses nothing.
 */
export async function followEvents(request: Request, filter: EventFilter, after: Maybe<string>, passed: (place: EventCursor) => void): Promise<AsyncIterable<LoggedEvent>> {
  const refusal = authorize(request.viewer, 'readEvents');
  if (refusal !== null) throw new QueryError('FORBIDDEN', refusal.message);
  const { events, storage } = request.gateway;
  const start = after === null || after === undefined ? await events.now() : await placeInLog(request, after);
  passed(start);
  const stillAllowed = async (): Promise<boolean> => isStillGood(request.viewer.key, await storage.liveKey(request.viewer.key.id));
  return allowed(request, filter, events.follow(start, stillAllowed, request.signal), passed);
}

async function* allowed(request: Request, filter: EventFilter, stream: AsyncIterable<LoggedEvent>, passed: (place: EventCursor) => void): AsyncGenerator<LoggedEvent, void, undefined> {
  for await (const event of stream) {
    if (matchesFilter(filter, event) && mayReadEvent(request.viewer, event.payload)) yield event;
    passed(event.cursor);
  }
}

/** The place that a client's cursor names. Rejects with CURSOR_INVALID, also for a place that the log has not come to: events up to there would be left out. */
export async function placeInLog(request: Request, cursor: string): Promise<EventCursor> {
  const place = eventPlace(cursor);
  if (await request.gateway.events.reaches(place)) return place;
  throw new QueryError('CURSOR_INVALID', 'This cursor is ahead of the log: it is of another server, or of this one before it was restored. Begin again without one.');
}

function eventPlace(cursor: string): EventCursor {
  try {
    return decodeEventCursor(cursor);
  } catch (error) {
    throw asQueryError(error) ?? error;
  }
}
