import { DateQueue } from './date-queue.js';
import { reachableFrom } from './ancestry.js';
import type { GraphArrays } from './graph-arrays.js';

/**
 * Commit numbers in the order of a plain `git log`: the newest date among the commits whose child has been shown comes
 * next. Where clocks ran backwards a parent can come before one of its other children, as it does in git.
 * Lazy: a page of a long history costs only that page, except that `exclude` marks all it reaches first.
 */
export function* logOrder(graph: GraphArrays, from: readonly number[], exclude: readonly number[]): Generator<number, void, undefined> {
  const seen = exclude.length === 0 ? new Uint8Array(graph.size) : reachableFrom(graph, exclude);
  const queue = new DateQueue();
  const take = (commit: number): void => {
    if (seen[commit] === 1) return;
    seen[commit] = 1;
    queue.push(commit, graph.secondsAt(commit));
  };
  for (const tip of from) take(tip);
  for (let commit = queue.pop(); commit !== undefined; commit = queue.pop()) {
    for (const parent of graph.parentsAt(commit)) take(parent);
    yield commit;
  }
}

/** A commit, its first parent, that one's first parent, and so on to a root or to the first commit that `exclude` reaches. */
export function* firstParents(graph: GraphArrays, from: number, exclude: readonly number[]): Generator<number, void, undefined> {
  const excluded = exclude.length === 0 ? null : reachableFrom(graph, exclude);
  for (let commit: number | undefined = from; commit !== undefined; commit = graph.parentsAt(commit)[0]) {
    if (excluded?.[commit] === 1) return;
    yield commit;
  }
}

/**
 * Puts merge bases in the order in which `git merge-base --all` prints them: newest first and, among equal dates, in the
 * order in which a walk from `tips` comes upon them.
 */
export function orderedBases(graph: GraphArrays, bases: readonly number[], tips: readonly number[]): number[] {
  if (bases.length < 2) return [...bases];
  const byDate = [...bases].sort((x, y) => graph.secondsAt(y) - graph.secondsAt(x));
  const distinct = byDate.every((base, i) => i === 0 || graph.secondsAt(base) !== graph.secondsAt(byDate[i - 1] ?? -1));
  if (distinct) return byDate;
  const rank = new Map<number, number>();
  const wanted = new Set(bases);
  for (const commit of logOrder(graph, tips, [])) {
    if (wanted.has(commit)) rank.set(commit, rank.size);
    if (rank.size === wanted.size) break;
  }
  return byDate.sort((x, y) => graph.secondsAt(y) - graph.secondsAt(x) || (rank.get(x) ?? 0) - (rank.get(y) ?? 0));
}
