import type { LineChange } from './line-diff.js';

/**
 * Where a line of the old file is in the new one, both counted from 1, when these changes (in order, as a diff gives them) turn one into the
 * other; null where the line itself was deleted or changed. A line between changes moves by what they add and take away above it.
 */
export function mapLine(changes: readonly LineChange[], line: number): number | null {
  const at = line - 1;
  let shift = 0;
  for (const { oldStart, oldLines, newStart, newLines } of changes) {
    if (oldStart > at) break;
    if (at < oldStart + oldLines) return null;
    shift = newStart + newLines - (oldStart + oldLines);
  }
  return line + shift;
}
