import { describe, expect, it } from 'vitest';
import { diffLines, diffLinesSteps, type DiffAlgorithm, type LineChange } from '../../../src/git/diff/line-diff.js';
import { LineInterner } from '../../../src/git/diff/line-table.js';
import { finish } from '../../../src/git/diff/steps.js';
import type { Whitespace } from '../../../src/git/diff/whitespace.js';
import { BudgetExceeded } from '../../../src/git/objects/errors.js';
import { changesOfPatch, Dice, filePairs, nativePatches, type FilePair } from '../../support/file-pairs.js';

function diff(before: string, after: string, algorithm: DiffAlgorithm = 'myers', whitespace: Whitespace = 'SHOW', indentHeuristic = true): LineChange[] {
  const interner = new LineInterner(whitespace);
  const left = interner.add(Buffer.from(before, 'latin1'));
  return diffLines(left, interner.add(Buffer.from(after, 'latin1')), algorithm, { indentHeuristic });
}

interface Disagreement {
  readonly pair: FilePair;
  readonly native: readonly LineChange[];
  readonly own: readonly LineChange[];
}

/** The shortest pair on which git and this engine disagree, null when there is none; fails where too few pairs differ at all to tell. */
function disagreement(pairs: readonly FilePair[], ours: (before: string, after: string) => LineChange[], args: readonly string[]): Disagreement | null {
  const patches = nativePatches(pairs, args);
  let changed = 0;
  let shortest: Disagreement | null = null;
  pairs.forEach((pair, index) => {
    const native = changesOfPatch(patches[index] ?? '');
    const own = ours(pair[0], pair[1]);
    if (native.length > 0) changed++;
    if (JSON.stringify(native) === JSON.stringify(own)) return;
    if (shortest === null || pair.join('').length < shortest.pair.join('').length) shortest = { pair, native, own };
  });
  expect(changed).toBeGreaterThan(pairs.length / 2);
  return shortest;
}

const ENDINGS = ['', ' ', '\r', '\t'] as const;

/** Makers of lines, each of which provokes something else. */
const LINES: Record<string, (dice: Dice) => () => string> = {
  'lines from a small pool': (dice) => () => `line ${dice.below(6)}`,
  'lines from a larger pool': (dice) => () => `line ${dice.below(25)}`,
  'indented code with blank lines': (dice) => () => {
    const text = dice.pick(['', '}', '{', 'if', 'end', `x${dice.below(4)}`]);
    if (text === '') return dice.pick(['', '  ', '\t', '\r']);
    return dice.pick(['', ' ', '    ', '\t', '\t\t', '        ']) + text + dice.pick(ENDINGS);
  },
  'mostly unique lines among a few very common ones': (dice) => () => (dice.below(3) === 0 ? `common ${dice.below(3)}` : `unique ${dice.below(1e9)}`),
};

describe('the lines that differ', () => {
  it.each(Object.entries(LINES))('are those of git diff for %s', (_, maker) => {
    const dice = new Dice(11);
    expect(disagreement([...filePairs(900, dice, 40, maker(dice)), ...filePairs(60, dice, 600, maker(dice))], (a, b) => diff(a, b), [])).toBeNull();
  });

  it.each(Object.entries(LINES))('are those of git diff --histogram for %s', (_, maker) => {
    const dice = new Dice(12);
    const pairs = [...filePairs(900, dice, 40, maker(dice)), ...filePairs(60, dice, 600, maker(dice))];
    expect(disagreement(pairs, (a, b) => diff(a, b, 'histogram'), ['--diff-algorithm=histogram'])).toBeNull();
  });

  it('are those of git where the search is so expensive that git cuts it short', () => {
    const dice = new Dice(13);
    const pairs = [
      ...filePairs(8, dice, 6000, () => `line ${dice.below(600)}`),
      ...filePairs(8, dice, 6000, () => `line ${dice.below(40)}`),
      ...filePairs(6, dice, 20_000, () => `line ${dice.below(8000)}`),
    ];
    expect(disagreement(pairs, (a, b) => diff(a, b), [])).toBeNull();
  });

  it.each([
    ['IGNORE_CHANGE', '-b'],
    ['IGNORE_ALL', '-w'],
  ] as const)('are those of git with white space taken as %s', (whitespace, flag) => {
    const dice = new Dice(14);
    const blank = (): string => dice.pick(['', ' ', '  ', '\t', '\r', '\v', '\f']);
    const line = (): string => `${blank()}a${blank()}${dice.below(2) === 0 ? `b${dice.below(3)}` : ''}${blank()}`;
    expect(disagreement(filePairs(900, dice, 30, line), (a, b) => diff(a, b, 'myers', whitespace), [flag])).toBeNull();
  });

  it('stay where the search left them when the indent heuristic is off, as with git diff --no-indent-heuristic', () => {
    const dice = new Dice(15);
    const maker = LINES['indented code with blank lines'];
    const pairs = filePairs(900, dice, 40, maker?.(dice) ?? (() => ''));
    expect(disagreement(pairs, (a, b) => diff(a, b, 'myers', 'SHOW', false), ['--no-indent-heuristic'])).toBeNull();
  });

  it('are none between equal files, and all of them beside an empty one', () => {
    expect(diff('a\nb\n', 'a\nb\n')).toEqual([]);
    expect(diff('', '')).toEqual([]);
    expect(diff('', 'a\nb')).toEqual([{ oldStart: 0, oldLines: 0, newStart: 0, newLines: 2 }]);
    expect(diff('a\nb\n', '')).toEqual([{ oldStart: 0, oldLines: 2, newStart: 0, newLines: 0 }]);
  });

  it('include a last line that only lost its newline', () => {
    expect(diff('a\nb\n', 'a\nb')).toEqual([{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1 }]);
    expect(diff('a\nb\n', 'a\nb', 'myers', 'IGNORE_CHANGE')).toEqual([]);
  });

  it('put a new function before the blank line that follows it, not across two functions', () => {
    const first = 'def a():\n    return 1\n';
    const last = 'def c():\n    return 3\n';
    const added = 'def b():\n    return 2\n';
    expect(diff(`${first}\n${last}`, `${first}\n${added}\n${last}`)).toEqual([{ oldStart: 3, oldLines: 0, newStart: 3, newLines: 3 }]);
  });
});

describe('the search for differing lines', () => {
  it('turns the old lines into the new ones whatever the algorithm', () => {
    const dice = new Dice(16);
    for (const [before, after] of filePairs(300, dice, 60, () => `l${dice.below(5)}`)) {
      for (const algorithm of ['myers', 'histogram'] as const) {
        const interner = new LineInterner();
        const a = interner.add(Buffer.from(before));
        const b = interner.add(Buffer.from(after));
        const rebuilt: number[] = [];
        let at = 0;
        for (const change of diffLines(a, b, algorithm)) {
          rebuilt.push(...a.ids.subarray(at, change.oldStart), ...b.ids.subarray(change.newStart, change.newStart + change.newLines));
          at = change.oldStart + change.oldLines;
        }
        rebuilt.push(...a.ids.subarray(at));
        expect(rebuilt).toEqual([...b.ids]);
      }
    }
  });

  it('pauses often enough to be stopped by a budget', () => {
    const dice = new Dice(17);
    const lines = (): Buffer => Buffer.from(Array.from({ length: 20_000 }, () => `l${dice.below(300)}\n`).join(''));
    const interner = new LineInterner();
    const a = interner.add(lines());
    const b = interner.add(lines());
    expect(() => finish(diffLinesSteps(a, b, 'myers'), 200_000)).toThrow(BudgetExceeded);
  });

  it('numbers equal lines alike in any number of files, and different ones differently', () => {
    const interner = new LineInterner();
    const texts = Array.from({ length: 5000 }, (_, i) => `${'x'.repeat(i % 90)}${i}\n`);
    const first = interner.add(Buffer.from(texts.join('')));
    expect(new Set(first.ids).size).toBe(5000);
    const second = interner.add(Buffer.from([...texts].reverse().join('')));
    expect([...second.ids].reverse()).toEqual([...first.ids]);
    expect(interner.size).toBe(5000);
  });

  it('numbers and cuts lines the same way when it is told which file they resemble', () => {
    const dice = new Dice(18);
    const line = (): string => dice.pick(['', 'a', 'b', 'ab', 'a\r', 'x'.repeat(5000)]);
    const pairs: FilePair[] = [...filePairs(1500, dice, 8, line), ['a', 'a\n'], ['a\n', 'a'], ['a\nb', 'a\nbc'], ['a\nbc', 'a\nb'], ['b', 'a\nb'], ['', 'a'], ['a', '']];
    for (const [before, after] of pairs) {
      const plain = new LineInterner();
      const expected = [plain.add(Buffer.from(before)), plain.add(Buffer.from(after))] as const;
      const guided = new LineInterner();
      const first = guided.add(Buffer.from(before));
      const second = finish(guided.addSteps(Buffer.from(after), first));
      expect([...second.starts]).toEqual([...expected[1].starts]);
      expect(second.count).toBe(expected[1].count);
      expect([...first.ids, ...second.ids]).toEqual([...expected[0].ids, ...expected[1].ids]);
    }
  });
});
