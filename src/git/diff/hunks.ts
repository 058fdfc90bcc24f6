import type { LineChange } from './line-diff.js';
import type { Lines } from './line-table.js';
import type { TextDiff } from './text-diff.js';

/**
 * Neighbouring changes with the lines around them. The four numbers are those of the `@@` line: from 1; where a count is 0
 * the start is the line before, as in git.
 */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** The nearest line above the hunk that looks like the head of a function, as git prints it after `@@`; null when there is none. */
  readonly section: string | null;
  readonly changes: readonly LineChange[];
}

/** A run of lines of one kind within a hunk; line numbers from 0, `oldAt` unmoved by ADDED and `newAt` by DELETED. */
export interface HunkSegment {
  readonly kind: 'CONTEXT' | 'ADDED' | 'DELETED';
  readonly oldAt: number;
  readonly newAt: number;
  readonly count: number;
}

/** Columns of a section heading, in bytes, that git prints at most. */
const MAX_SECTION_BYTES = 80;

/**
 * Hunks with `context` unchanged lines around the changes, as `git diff -U<context>` groups them: two changes share a
 * hunk when no more than twice the context lies between them. The changed lines are the same for every context; git's are
 * not quite: with `-U0` alone it cuts off the common end of both files before it compares, and in one file of some
 * hundred groups the changes another way than with `-U1`.
 */
export function groupHunks(diff: TextDiff, context: number): Hunk[] {
  const { changes } = diff;
  const hunks: Hunk[] = [];
  let searched = 0;
  let section: string | null = null;
  let first = 0;
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i];
    const next = changes[i + 1];
    if (change === undefined) break;
    if (next !== undefined && next.oldStart - (change.oldStart + change.oldLines) <= 2 * context) continue;
    const opening = changes[first] ?? change;
    const before = Math.min(context, opening.oldStart, opening.newStart);
    const oldEnd = change.oldStart + change.oldLines;
    const newEnd = change.newStart + change.newLines;
    const after = Math.min(context, diff.old.count - oldEnd, diff.new.count - newEnd);
    const oldAt = opening.oldStart - before;
    const newAt = opening.newStart - before;
    section = findSection(diff.old, searched, oldAt) ?? section;
    searched = oldAt;
    const oldLines = oldEnd + after - oldAt;
    const newLines = newEnd + after - newAt;
    hunks.push({
      oldStart: oldLines === 0 ? oldAt : oldAt + 1,
      oldLines,
      newStart: newLines === 0 ? newAt : newAt + 1,
      newLines,
      section,
      changes: changes.slice(first, i + 1),
    });
    first = i + 1;
  }
  return hunks;
}

/** How many lines a hunk shows. */
export function hunkLineCount(hunk: Hunk): number {
  let count = hunk.oldLines;
  for (const change of hunk.changes) count += change.newLines;
  return count;
}

/** The runs of a hunk in the order in which they are printed: of each change what was deleted, then what was added. */
export function hunkSegments(hunk: Hunk): HunkSegment[] {
  const segments: HunkSegment[] = [];
  const push = (kind: HunkSegment['kind'], oldAt: number, newAt: number, count: number): void => {
    if (count > 0) segments.push({ kind, oldAt, newAt, count });
  };
  let oldAt = hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1;
  let newAt = hunk.newLines === 0 ? hunk.newStart : hunk.newStart - 1;
  const oldEnd = oldAt + hunk.oldLines;
  for (const change of hunk.changes) {
    push('CONTEXT', oldAt, newAt, change.oldStart - oldAt);
    push('DELETED', change.oldStart, change.newStart, change.oldLines);
    push('ADDED', change.oldStart + change.oldLines, change.newStart, change.newLines);
    oldAt = change.oldStart + change.oldLines;
    newAt = change.newStart + change.newLines;
  }
  push('CONTEXT', oldAt, newAt, oldEnd - oldAt);
  return segments;
}

/** The last line of `from … to` that starts with a letter, `_` or `$`: git's pattern where no attribute names a language. */
function findSection(lines: Lines, from: number, to: number): string | null {
  for (let line = to - 1; line >= from; line--) {
    const start = lines.starts[line] ?? 0;
    if (!startsName(lines.bytes[start] ?? 0)) continue;
    let end = Math.min(lines.starts[line + 1] ?? 0, start + MAX_SECTION_BYTES);
    while (end > start && isBlank(lines.bytes[end - 1] ?? 0)) end--;
    return validText(lines.bytes.subarray(start, end));
  }
  return null;
}

function startsName(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte === 0x24;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/**
 * What stands before the first byte that is no UTF-8: where git cuts a heading, be it at a bad byte or within the last
 * character. The two noncharacters U+FFFE and U+FFFF end it too.
 */
function validText(bytes: Buffer): string {
  let text = bytes.toString('utf8');
  while (!bytes.subarray(0, Buffer.byteLength(text)).equals(Buffer.from(text))) text = text.slice(0, text.lastIndexOf('\uFFFD'));
  const end = text.search(/[\uFFFE\uFFFF]/u);
  return end < 0 ? text : text.slice(0, end);
}
