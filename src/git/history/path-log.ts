import { Pace } from '../objects/pace.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import type { CommitGraph } from './commit-graph.js';
import { DateQueue } from './date-queue.js';
import { PathEntries } from './path-entries.js';
import { treeOf } from './tree-of.js';

/** How a path's history is walked. */
export interface PathLogOptions {
  /** Called for every commit that is looked at, shown or not; what it throws ends the walk. */
  readonly visit?: () => void;
}

/** What is known of a commit and a path: nothing yet, that it changed it, or (from here up) which parent has it the same. */
const UNKNOWN = 0;
const CHANGED = 1;
const SAME_AS_FIRST = 2;

/**
 * The commits that changed a path (a file, or a directory with all in it), in the order of `git log TIPS -- PATH`, lazily.
 * Follows git-log(1), History Simplification, default mode: a commit that has the path as one of its parents has it is left
 * out, and of its parents only the first such one is followed; so side branches that came to nothing are never visited.
 *
 * What was found of a commit is remembered with the graph, a byte for each commit and path: a walk that was made before costs
 * about a microsecond a commit. The first costs a read of one small tree a commit, or of none where the root tree is the same.
 *
 * Rejects as `ObjectSource.read` does, and with {@link ObjectMissing} for tips that the graph lacks.
 */
export async function* pathLog(source: ObjectSource, graph: CommitGraph, tips: readonly Oid[], path: string, options: PathLogOptions = {}): AsyncGenerator<Oid, void, undefined> {
  const { arrays } = graph;
  const entries = new PathEntries(source, path);
  const verdicts = graph.pathVerdicts(path);
  const queue = new DateQueue();
  const seen = new Uint8Array(arrays.size);
  const pace = new Pace();
  const take = (commit: number): void => {
    if (seen[commit] === 1) return;
    seen[commit] = 1;
    queue.push(commit, arrays.secondsAt(commit));
  };
  for (const tip of tips) take(arrays.indexOf(tip));
  for (let commit = queue.pop(); commit !== undefined; commit = queue.pop()) {
    options.visit?.();
    if (pace.due()) await pace.breathe();
    let verdict = verdicts[commit] ?? UNKNOWN;
    if (verdict === UNKNOWN) {
      verdict = await judge(source, graph, entries, commit);
      if (verdict <= 0xff) verdicts[commit] = verdict;
    }
    const parents = arrays.parentsAt(commit);
    if (verdict === CHANGED) for (const parent of parents) take(parent);
    else if (verdict - SAME_AS_FIRST < parents.length) take(parents[verdict - SAME_AS_FIRST] ?? 0);
    if (verdict === CHANGED) yield arrays.oidAt(commit);
  }
}

async function judge(source: ObjectSource, graph: CommitGraph, entries: PathEntries, commit: number): Promise<number> {
  const own = await treeOf(source, graph, commit);
  const parents = graph.arrays.parentsAt(commit);
  // A root is compared with the empty tree.
  if (parents.length === 0) return (await entries.at(own)) === null ? SAME_AS_FIRST : CHANGED;
  for (const [at, parent] of parents.entries()) if (await entries.same(own, await treeOf(source, graph, parent))) return SAME_AS_FIRST + at;
  return CHANGED;
}
