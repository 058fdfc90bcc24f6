import { describe, expect, it } from 'vitest';
import { diffLines, type LineChange } from '../../../src/git/diff/line-diff.js';
import { LineInterner } from '../../../src/git/diff/line-table.js';
import { mapLine } from '../../../src/git/diff/map-line.js';
import { fc } from '../../support/fast-check.js';

function changesOf(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const interner = new LineInterner('SHOW');
  const table = (lines: readonly string[]) => interner.add(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return diffLines(table(before), table(after));
}

describe('a line', () => {
  it('moves by what is added and taken away above it, and not by what is below', () => {
    const changes = changesOf(['a', 'b', 'c', 'd', 'e', 'f'], ['x', 'y', 'a', 'c', 'd', 'e', 'g', 'f']);
    expect([1, 2, 3, 4, 5, 6].map((line) => mapLine(changes, line))).toEqual([3, null, 4, 5, 6, 8]);
  });

  it('is gone where it was changed, to the very edges of the change', () => {
    const changes: LineChange[] = [{ oldStart: 2, oldLines: 2, newStart: 2, newLines: 3 }];
    expect([1, 2, 3, 4, 5].map((line) => mapLine(changes, line))).toEqual([1, 2, null, null, 6]);
  });

  it('stays where nothing changed', () => {
    expect(mapLine([], 7)).toBe(7);
  });

  it('is always the same text when it is found, and in the same order', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 24 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = changesOf(before, after);
        const found = before.map((_, index) => mapLine(changes, index + 1));
        expect(found.filter((line, index) => line !== null && after[line - 1] !== before[index])).toEqual([]);
        const kept = found.filter((line) => line !== null);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept.length).toBe(before.length - changes.reduce((sum, { oldLines }) => sum + oldLines, 0));
      }),
    );
  });
});
