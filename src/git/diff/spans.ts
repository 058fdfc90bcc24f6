import { lineBytes, type Lines } from './line-table.js';
import type { LineChange } from './line-diff.js';
import { MyersSearch } from './myers.js';
import { finish } from './steps.js';
import type { TextDiff } from './text-diff.js';

/** A changed range of a line's text in UTF-16 units, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The spans of each deleted and of each added line of one change, in order. */
export interface ChangeSpans {
  readonly old: readonly (readonly Span[])[];
  readonly new: readonly (readonly Span[])[];
}

/** A line cut into words, runs of white space and single other characters. */
interface Words {
  readonly text: string;
  /** `ids.length + 1` offsets into `text`. */
  readonly starts: readonly number[];
  readonly ids: Int32Array;
}

// Above these a change is a rewrite that spans would only clutter; they also bound the cost to some milliseconds.
const MAX_LINE_LENGTH = 2000;
const MAX_CHANGE_LINES = 400;
const MAX_ALIGNED_PAIRS = 2500;
// Words of one line times words of the other: 140 words each. A page of 500 hostile lines then takes some tens of milliseconds.
const MAX_WORD_PAIRS = 20_000;
// A pair of lines with less than this share of its text in common is no edit of one line but another line.
const MIN_SIMILARITY = 0.4;
const WORD = /[\p{L}\p{N}_]+|\s+|./gsu;

/**
 * Word-level differences within a change. Deleted and added lines are paired in order; where their numbers differ, by the
 * pairing in order that keeps the most text (a small dynamic program). Each pair is diffed word by word, and differences
 * that only a blank parts are joined. A line without a counterpart, or with one that shares less than two fifths of its
 * text, has no spans: all of it changed.
 */
export function changeSpans(diff: TextDiff, change: LineChange): ChangeSpans {
  const before: Span[][] = Array.from({ length: change.oldLines }, () => []);
  const after: Span[][] = Array.from({ length: change.newLines }, () => []);
  if (change.oldLines === 0 || change.newLines === 0 || change.oldLines + change.newLines > MAX_CHANGE_LINES) return { old: before, new: after };
  const ids = new Map<string, number>();
  const oldWords = wordsOf(diff.old, change.oldStart, change.oldLines, ids);
  const newWords = wordsOf(diff.new, change.newStart, change.newLines, ids);
  for (const [i, j] of pair(oldWords, newWords)) {
    const left = oldWords[i];
    const right = newWords[j];
    if (left === undefined || right === undefined) continue;
    const spans = pairSpans(left, right);
    before[i] = spans.old;
    after[j] = spans.new;
  }
  return { old: before, new: after };
}

function wordsOf(lines: Lines, from: number, count: number, ids: Map<string, number>): Words[] {
  return Array.from({ length: count }, (_, k) => {
    const bytes = lineBytes(lines, from + k);
    const text = bytes.toString('utf8').replace(/\n$/u, '');
    if (text.length > MAX_LINE_LENGTH) return { text, starts: [0], ids: new Int32Array(0) };
    const found = text.match(WORD) ?? [];
    const starts = [0];
    let at = 0;
    for (const word of found) starts.push((at += word.length));
    return { text, starts, ids: Int32Array.from(found, (word) => numberOf(word, ids)) };
  });
}

function numberOf(word: string, ids: Map<string, number>): number {
  const known = ids.get(word);
  if (known !== undefined) return known;
  ids.set(word, ids.size);
  return ids.size - 1;
}

/** Which old line became which new one, in order. */
function pair(before: readonly Words[], after: readonly Words[]): [number, number][] {
  if (before.length === after.length || before.length * after.length > MAX_ALIGNED_PAIRS) {
    return Array.from({ length: Math.min(before.length, after.length) }, (_, i) => [i, i]);
  }
  const columns = after.length + 1;
  const best = new Float64Array((before.length + 1) * columns);
  const gain = new Float64Array(before.length * after.length);
  const bags = after.map((words) => new Set(words.ids));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const shared = sharedText(before[i], after[j], bags[j]);
      gain[i * after.length + j] = shared;
      const paired = shared + (best[(i + 1) * columns + j + 1] ?? 0);
      best[i * columns + j] = Math.max(paired, best[(i + 1) * columns + j] ?? 0, best[i * columns + j + 1] ?? 0);
    }
  }
  const pairs: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    const here = best[i * columns + j] ?? 0;
    const shared = gain[i * after.length + j] ?? 0;
    if (shared > 0 && here === shared + (best[(i + 1) * columns + j + 1] ?? 0)) pairs.push([i++, j++]);
    else if (here === best[(i + 1) * columns + j]) i++;
    else j++;
  }
  return pairs;
}

/** The share of text that two lines have in common, judged by words whatever their order; 0 below what counts as similar. */
function sharedText(left: Words | undefined, right: Words | undefined, bag: ReadonlySet<number> | undefined): number {
  if (left === undefined || right === undefined || bag === undefined) return 0;
  let shared = 0;
  for (let k = 0; k < left.ids.length; k++) if (bag.has(left.ids[k] ?? -1)) shared += (left.starts[k + 1] ?? 0) - (left.starts[k] ?? 0);
  const share = shared / Math.max(1, left.text.length, right.text.length);
  return share < MIN_SIMILARITY ? 0 : share;
}

function pairSpans(left: Words, right: Words): { old: Span[]; new: Span[] } {
  if (left.ids.length * right.ids.length > MAX_WORD_PAIRS) return { old: [], new: [] };
  const leftChanged = new Uint8Array(left.ids.length);
  const rightChanged = new Uint8Array(right.ids.length);
  finish(
    new MyersSearch(left.ids, right.ids).run(
      (i) => {
        leftChanged[i] = 1;
      },
      (j) => {
        rightChanged[j] = 1;
      },
    ),
  );
  let kept = 0;
  for (let k = 0; k < leftChanged.length; k++) {
    const start = left.starts[k] ?? 0;
    const end = left.starts[k + 1] ?? start;
    if (leftChanged[k] === 0 && left.text.slice(start, end).trim() !== '') kept += end - start;
  }
  const longer = Math.max(inkOf(left.text), inkOf(right.text));
  if (kept < longer * MIN_SIMILARITY) return { old: [], new: [] };
  return { old: spansOf(left, leftChanged), new: spansOf(right, rightChanged) };
}

/** Characters that are not white space. */
function inkOf(text: string): number {
  return text.replaceAll(/\s+/gu, '').length;
}

/** Runs of changed words; two that only white space parts are one. */
function spansOf(words: Words, changed: Uint8Array): Span[] {
  const spans: Span[] = [];
  for (let k = 0; k < changed.length; k++) {
    if (changed[k] === 0) continue;
    const start = words.starts[k] ?? 0;
    const end = words.starts[k + 1] ?? start;
    const last = spans.at(-1);
    if (last !== undefined && words.text.slice(last.end, start).trim() === '') spans[spans.length - 1] = { start: last.start, end };
    else spans.push({ start, end });
  }
  return spans;
}
