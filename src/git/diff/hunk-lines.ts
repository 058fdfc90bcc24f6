import { isAscii } from 'node:buffer';
import { hunkSegments, type Hunk, type HunkSegment } from './hunks.js';
import type { LineChange } from './line-diff.js';
import { lacksNewline, type Lines } from './line-table.js';
import { changeSpans, type ChangeSpans, type Span } from './spans.js';
import type { TextDiff } from './text-diff.js';

/** One line of a hunk. Numbers from 1; null on the side where the line does not stand. */
export interface HunkLine {
  readonly kind: HunkSegment['kind'];
  readonly oldNumber: number | null;
  readonly newNumber: number | null;
  /** Without the newline, with a carriage return where there is one; bytes that are no UTF-8 read as U+FFFD. */
  readonly text: string;
  /** True when the file ends here without a newline. */
  readonly noNewline: boolean;
  /** The changed ranges within the line; empty for context, and where a line has no counterpart or little in common with it. */
  readonly spans: readonly Span[];
}

/** Which lines of a hunk, and whether their spans are wanted, which cost more than the lines. */
export interface HunkLinesOptions {
  readonly skip?: number;
  readonly take?: number;
  readonly spans?: boolean;
}

const NO_SPANS: readonly Span[] = [];

/** The lines of a hunk, `take` of them after `skip`; costs in proportion to what is taken. Context shows the new file's lines. */
export function hunkLines(diff: TextDiff, hunk: Hunk, options: HunkLinesOptions = {}): HunkLine[] {
  const skip = options.skip ?? 0;
  const end = skip + (options.take ?? Number.POSITIVE_INFINITY);
  const lines: HunkLine[] = [];
  const spans = options.spans === true ? spansByLine(diff, hunk) : null;
  let at = 0;
  for (const segment of hunkSegments(hunk)) {
    const from = Math.max(0, skip - at);
    const to = Math.min(segment.count, end - at);
    if (from < to) pushSegment(lines, diff, segment, from, to, spans);
    at += segment.count;
    if (at >= end) break;
  }
  return lines;
}

function pushSegment(into: HunkLine[], diff: TextDiff, segment: HunkSegment, from: number, to: number, spans: SpanFinder | null): void {
  const { kind, oldAt, newAt } = segment;
  const side = kind === 'DELETED' ? diff.old : diff.new;
  const start = kind === 'DELETED' ? oldAt : newAt;
  const textOf = textReader(side, start + from, start + to);
  for (let i = from; i < to; i++) {
    into.push({
      kind,
      oldNumber: kind === 'ADDED' ? null : oldAt + i + 1,
      newNumber: kind === 'DELETED' ? null : newAt + i + 1,
      text: textOf(start + i),
      noNewline: lacksNewline(side, start + i),
      spans: spans === null || kind === 'CONTEXT' ? NO_SPANS : spans(kind, start + i),
    });
  }
}

/**
 * Reads lines `from … to` as text. Decoding a run of ASCII once and slicing it is several times cheaper than decoding line
 * by line, which non-ASCII text needs because offsets are in bytes.
 */
function textReader(lines: Lines, from: number, to: number): (line: number) => string {
  const { bytes, starts } = lines;
  const base = starts[from] ?? 0;
  const run = bytes.subarray(base, starts[to]);
  const ascii = isAscii(run) ? run.toString('latin1') : null;
  return (line) => {
    const start = starts[line] ?? 0;
    const next = starts[line + 1] ?? start;
    const end = next > start && bytes[next - 1] === 0x0a ? next - 1 : next;
    return ascii === null ? bytes.toString('utf8', start, end) : ascii.slice(start - base, end - base);
  };
}

type SpanFinder = (kind: 'ADDED' | 'DELETED', line: number) => readonly Span[];

/** Finds spans change by change, each computed when its first line is asked for; lines are asked for in their order. */
function spansByLine(diff: TextDiff, hunk: Hunk): SpanFinder {
  let index = 0;
  let foundAt = -1;
  let found: ChangeSpans = { old: [], new: [] };
  return (kind, line) => {
    let change = hunk.changes[index];
    while (change !== undefined && !stands(change, kind, line)) change = hunk.changes[++index];
    if (change === undefined) return NO_SPANS;
    if (foundAt !== index) found = changeSpans(diff, change);
    foundAt = index;
    return (kind === 'DELETED' ? found.old[line - change.oldStart] : found.new[line - change.newStart]) ?? NO_SPANS;
  };
}

function stands(change: LineChange, kind: 'ADDED' | 'DELETED', line: number): boolean {
  const start = kind === 'DELETED' ? change.oldStart : change.newStart;
  return line >= start && line < start + (kind === 'DELETED' ? change.oldLines : change.newLines);
}
