import type { Hunk } from './hunks.js';
import { lineBytes } from './line-table.js';
import type { TextDiff } from './text-diff.js';

/**
 * The old content with the changes of these hunks made and no others: what `git apply` makes of a patch that holds just them.
 * `hunks` are hunks of `diff`, in any order; all of them give the new content, byte for byte, none the old.
 */
export function takeHunks(diff: TextDiff, hunks: readonly Hunk[]): Buffer {
  const changes = hunks.flatMap((hunk) => hunk.changes).sort((a, b) => a.oldStart - b.oldStart || a.newStart - b.newStart);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { oldStart, oldLines, newStart, newLines } of changes) {
    pieces.push(lineBytes(diff.old, from, oldStart), lineBytes(diff.new, newStart, newStart + newLines));
    from = oldStart + oldLines;
  }
  pieces.push(lineBytes(diff.old, from, diff.old.count));
  return Buffer.concat(pieces);
}
