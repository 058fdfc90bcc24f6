import { encodeEventCursor } from '../src/domain/cursor.js';
import { DEFAULT_PAGE_SIZE } from '../src/domain/limits.js';
import type { LoggedEvent } from '../src/domain/ports/event-log.js';
import { eventFilter, placeInLog, readEvents, type EventFilterInput } from '../src/operations/reading/read-events.js';
import { QueryError } from '../src/operations/reading/query-error.js';
import type { Request } from '../src/operations/request.js';
import type { Connection, PageArgs } from './pagination.js';

/**
 * A page of events. Unlike other cursors theirs are good for every event field, filter and subscription, so `endCursor` is where
 * the search stands even when the page is empty.
 */
export async function connectEvents(request: Request, { first, after }: PageArgs, input: EventFilterInput | null | undefined): Promise<Connection<LoggedEvent>> {
  const count = first ?? DEFAULT_PAGE_SIZE;
  const maximum = request.gateway.limits.pageSize;
  if (count < 0 || count > maximum) throw new QueryError('INVALID_ARGUMENT', `A page has 0 to ${maximum} items; "first" was ${count}.`);
  const start = after === null || after === undefined ? null : await placeInLog(request, after);
  const page = await readEvents(request, await eventFilter(request, input), start, count);
  const edges = page.events.map((node) => ({ node, cursor: encodeEventCursor(node.cursor) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: start !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: encodeEventCursor(page.reached),
    },
  };
}
