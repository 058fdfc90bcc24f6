import { diffLinesSteps, type LineChange } from './line-diff.js';
import { cutLines, LineInterner, type Lines } from './line-table.js';
import type { Steps } from './steps.js';
import type { Whitespace } from './whitespace.js';

/** Two contents cut into lines and the changes between them: what hunks, patches and counts are derived from. Immutable. */
export interface TextDiff {
  readonly old: Lines;
  readonly new: Lines;
  /** In order; what lies between them is equal, in the sense of the white space option. */
  readonly changes: readonly LineChange[];
  readonly additions: number;
  readonly deletions: number;
}

const NUL_SEARCH_BYTES = 8000;

/** git's test for binary content: a NUL byte among the first 8000. */
export function isBinaryContent(content: Buffer): boolean {
  const nul = content.indexOf(0);
  return nul >= 0 && nul < NUL_SEARCH_BYTES;
}

/** The differences of two texts as `git diff` finds them by default, as suspendable work. */
export function* textDiffSteps(oldBytes: Buffer, newBytes: Buffer, whitespace: Whitespace): Steps<TextDiff> {
  if (oldBytes.length === 0 || newBytes.length === 0) return wholeDiff(oldBytes, newBytes);
  const interner = new LineInterner(whitespace);
  const before = yield* interner.addSteps(oldBytes);
  const after = yield* interner.addSteps(newBytes, before);
  const changes = yield* diffLinesSteps(before, after, 'myers');
  return diffOf(before, after, changes);
}

/** Every old line deleted and every new line added, whatever they hold: how a change of a file's type is shown. */
export function wholeDiff(oldBytes: Buffer, newBytes: Buffer): TextDiff {
  const before = cutLines(oldBytes);
  const after = cutLines(newBytes);
  const all = { oldStart: 0, oldLines: before.count, newStart: 0, newLines: after.count };
  return diffOf(before, after, before.count + after.count === 0 ? [] : [all]);
}

/** About how many bytes a diff keeps alive, for a cache that is bounded in bytes. */
export function textDiffBytes(diff: TextDiff): number {
  return diff.old.bytes.length + diff.new.bytes.length + 4 * (diff.old.count + diff.new.count) + 64 * diff.changes.length + 256;
}

function diffOf(before: Lines, after: Lines, changes: readonly LineChange[]): TextDiff {
  let additions = 0;
  let deletions = 0;
  for (const change of changes) {
    additions += change.newLines;
    deletions += change.oldLines;
  }
  return { old: plain(before), new: plain(after), changes, additions, deletions };
}

/** Drops the numbers of lines, which are of no use once the changes are known. */
function plain({ bytes, count, starts }: Lines): Lines {
  return { bytes, count, starts };
}
