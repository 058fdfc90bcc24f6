import { HistogramSearch, type Region } from './histogram.js';
import type { LineTable } from './line-table.js';
import { MyersSearch } from './myers.js';
import { reduce } from './reduce.js';
import { slideGroups } from './slide.js';
import { finish, type Steps } from './steps.js';

/** `git diff`'s default, and the one that git's merge uses. */
export type DiffAlgorithm = 'myers' | 'histogram';

/**
 * One place where two files differ, as line numbers from 0: `oldLines` lines from `oldStart` became `newLines` lines from
 * `newStart`. Either count may be 0, never both; between two changes there is at least one equal line.
 */
export interface LineChange {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
}

/** How {@link diffLines} works; the defaults are git's. */
export interface LineDiffOptions {
  /** Whether groups that can slide are put where a reader expects them (`--indent-heuristic`); true unless told. */
  readonly indentHeuristic?: boolean;
}

/**
 * The changes that turn `a` into `b`, in order, equal to those of `git diff` (`--diff-algorithm` as told): same lines, same
 * groups, same places. Both tables must come from one `LineInterner`. Runs to the end without a pause, in time bounded as git's
 * is, a second or more for large files without much in common; {@link diffLinesSteps} can be suspended and abandoned.
 */
export function diffLines(a: LineTable, b: LineTable, algorithm: DiffAlgorithm = 'myers', options: LineDiffOptions = {}): LineChange[] {
  return finish(diffLinesSteps(a, b, algorithm, options));
}

/** {@link diffLines} as suspendable work. */
export function* diffLinesSteps(a: LineTable, b: LineTable, algorithm: DiffAlgorithm, options: LineDiffOptions = {}): Steps<LineChange[]> {
  const aChanged = new Uint8Array(a.count);
  const bChanged = new Uint8Array(b.count);
  if (algorithm === 'myers') yield* markMyers(a.ids, b.ids, aChanged, bChanged);
  else yield* markHistogram(a.ids, b.ids, aChanged, bChanged);
  yield a.count + b.count;
  const aGaps = gapSizes(aChanged);
  const bGaps = gapSizes(bChanged);
  const indentHeuristic = options.indentHeuristic ?? true;
  yield* slideGroups(a, aGaps, bGaps, indentHeuristic);
  yield a.count;
  yield* slideGroups(b, bGaps, aGaps, indentHeuristic);
  yield b.count;
  return changesOf(aGaps, bGaps);
}

function* markMyers(a: Int32Array, b: Int32Array, aChanged: Uint8Array, bChanged: Uint8Array): Steps<void> {
  const reduced = yield* reduce(a, b, classesOf(a, b), aChanged, bChanged);
  yield a.length + b.length;
  const mark = marker(aChanged, reduced.aAt);
  yield* new MyersSearch(reduced.a, reduced.b).run(mark, marker(bChanged, reduced.bAt));
}

function marker(changed: Uint8Array, at: Int32Array): (index: number) => void {
  return (index) => {
    changed[at[index] ?? 0] = 1;
  };
}

function* markHistogram(a: Int32Array, b: Int32Array, aChanged: Uint8Array, bChanged: Uint8Array): Steps<void> {
  // Unlike for Myers, git leaves the common ends in: their lines count as occurrences, and a run may reach into them.
  const search = new HistogramSearch(a, b, classesOf(a, b));
  const fallback = ({ aFrom, aTo, bFrom, bTo }: Region): Steps<void> =>
    markMyers(a.subarray(aFrom, aTo), b.subarray(bFrom, bTo), aChanged.subarray(aFrom, aTo), bChanged.subarray(bFrom, bTo));
  const deleted = (index: number): void => {
    aChanged[index] = 1;
  };
  const added = (index: number): void => {
    bChanged[index] = 1;
  };
  yield* search.run(deleted, added, fallback);
}

/** One more than the largest id. */
function classesOf(a: Int32Array, b: Int32Array): number {
  let largest = -1;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, a[i] ?? 0);
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, b[i] ?? 0);
  return largest + 1;
}

/** How many changed lines stand before each unchanged one, and after the last. */
function gapSizes(changed: Uint8Array): Int32Array {
  const sizes = new Int32Array(changed.length + 1);
  let gap = 0;
  for (let i = 0; i < changed.length; i++) {
    if (changed[i] === 1) sizes[gap] = (sizes[gap] ?? 0) + 1;
    else gap++;
  }
  return sizes.subarray(0, gap + 1);
}

function changesOf(aGaps: Int32Array, bGaps: Int32Array): LineChange[] {
  const changes: LineChange[] = [];
  let oldStart = 0;
  let newStart = 0;
  for (let gap = 0; gap < aGaps.length; gap++) {
    const oldLines = aGaps[gap] ?? 0;
    const newLines = bGaps[gap] ?? 0;
    if (oldLines > 0 || newLines > 0) changes.push({ oldStart, oldLines, newStart, newLines });
    oldStart += oldLines + 1;
    newStart += newLines + 1;
  }
  return changes;
}
