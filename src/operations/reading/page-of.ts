import type { Page, PageRequest } from '../../domain/ports/pages.js';
import { QueryError } from './query-error.js';

/** Pages a list that is whole in memory and never changes under its id; keys are positions in it. */
export function pageOf<T>(items: readonly T[], request: PageRequest): Page<T> {
  const mark = request.after === null ? null : position(request.after, items.length);
  const [start, end] = request.backward
    ? [Math.max(0, (mark ?? items.length) - request.count), mark ?? items.length]
    : [mark === null ? 0 : mark + 1, Math.min(items.length, (mark === null ? 0 : mark + 1) + request.count)];
  return {
    edges: items.slice(start, end).map((node, at) => ({ node, key: String(start + at) })),
    hasNext: end < items.length,
    hasPrevious: start > 0,
  };
}

/** Parses a key of {@link pageOf}; throws CURSOR_INVALID for what is no position in a list of `length` items. */
function position(key: string, length: number): number {
  const at = /^\d{1,9}$/u.test(key) ? Number(key) : length;
  if (at >= length) throw new QueryError('CURSOR_INVALID', 'The cursor does not belong to this list.');
  return at;
}

/** The same page with its nodes turned into something else. */
export function mapPage<T, U>(page: Page<T>, turn: (node: T) => U): Page<U> {
  return { ...page, edges: page.edges.map(({ node, key }) => ({ node: turn(node), key })) };
}
