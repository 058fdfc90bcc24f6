import { describe, expect, it } from 'vitest';
import { hunkLines } from '../../../src/git/diff/hunk-lines.js';
import { groupHunks, hunkLineCount } from '../../../src/git/diff/hunks.js';
import { changeSpans } from '../../../src/git/diff/spans.js';
import { finish } from '../../../src/git/diff/steps.js';
import { textDiffSteps, type TextDiff } from '../../../src/git/diff/text-diff.js';
import { Dice, filePairs } from '../../support/file-pairs.js';

function diffOf(before: string, after: string): TextDiff {
  return finish(textDiffSteps(Buffer.from(before), Buffer.from(after), 'SHOW'));
}

/** Each line's spans as the text that they cover. */
function marked(before: string, after: string): { old: string[][]; new: string[][] } {
  const diff = diffOf(before, after);
  const lines = groupHunks(diff, 0).flatMap((hunk) => hunkLines(diff, hunk, { spans: true }));
  const of = (kind: string): string[][] => lines.filter((line) => line.kind === kind).map(({ text, spans }) => spans.map(({ start, end }) => text.slice(start, end)));
  return { old: of('DELETED'), new: of('ADDED') };
}

describe('the lines of a hunk', () => {
  it('have their kind, both numbers, their text without its newline, and say where the file ends without one', () => {
    const diff = diffOf('a\nb\nc\r\nd', 'a\nB\nc\r\nd\n');
    const [hunk] = groupHunks(diff, 3);
    expect(hunk === undefined ? [] : hunkLines(diff, hunk)).toEqual([
      { kind: 'CONTEXT', oldNumber: 1, newNumber: 1, text: 'a', noNewline: false, spans: [] },
      { kind: 'DELETED', oldNumber: 2, newNumber: null, text: 'b', noNewline: false, spans: [] },
      { kind: 'ADDED', oldNumber: null, newNumber: 2, text: 'B', noNewline: false, spans: [] },
      { kind: 'CONTEXT', oldNumber: 3, newNumber: 3, text: 'c\r', noNewline: false, spans: [] },
      { kind: 'DELETED', oldNumber: 4, newNumber: null, text: 'd', noNewline: true, spans: [] },
      { kind: 'ADDED', oldNumber: null, newNumber: 4, text: 'd', noNewline: false, spans: [] },
    ]);
  });

  it('read non-ASCII text and replace what is no UTF-8', () => {
    const diff = finish(textDiffSteps(Buffer.from('é\n'), Buffer.from([0xc3, 0xa9, 0x0a, 0xff, 0x0a, 0x61]), 'SHOW'));
    const texts = groupHunks(diff, 3).flatMap((hunk) => hunkLines(diff, hunk).map((line) => line.text));
    expect(texts).toEqual(['é', '\uFFFD', 'a']);
  });

  it('are the same in slices as all at once, and as many as the hunk says', () => {
    const dice = new Dice(41);
    for (const [before, after] of filePairs(60, dice, 60, () => `l${dice.below(2)}`)) {
      const diff = diffOf(before, after);
      for (const hunk of groupHunks(diff, 2)) {
        const all = hunkLines(diff, hunk, { spans: true });
        expect(all).toHaveLength(hunkLineCount(hunk));
        for (const take of [1, 3, 7]) {
          const slices = [];
          for (let skip = 0; skip < all.length; skip += take) slices.push(...hunkLines(diff, hunk, { skip, take, spans: true }));
          expect(slices).toEqual(all);
        }
        expect(hunkLines(diff, hunk, { skip: all.length, take: 5 })).toEqual([]);
        const numbers = all.map((line) => line.newNumber).filter((number) => number !== null);
        expect(numbers).toEqual(Array.from({ length: hunk.newLines }, (_, i) => hunk.newStart + i));
      }
    }
  });
});

describe('the spans of a changed line', () => {
  it('cover the words that differ', () => {
    expect(marked('const limit = 10;\n', 'const limit = 2000;\n')).toEqual({ old: [['10']], new: [['2000']] });
    expect(marked('return add(a, b);\n', 'return add(a, b, c);\n')).toEqual({ old: [[]], new: [[', c']] });
  });

  it('join words that only a blank parts', () => {
    expect(marked('it was the best of times\n', 'it was a very worst of times\n')).toEqual({ old: [['the best']], new: [['a very worst']] });
  });

  it('count in UTF-16 units, beyond the basic plane too', () => {
    expect(marked('say 😀 hello wide world\n', 'say 😀 hullo wide world\n')).toEqual({ old: [['hello']], new: [['hullo']] });
    const diff = diffOf('say 😀 hello wide world\n', 'say 😀 hullo wide world\n');
    const [change] = diff.changes;
    expect(change === undefined ? null : changeSpans(diff, change).old).toEqual([[{ start: 7, end: 12 }]]);
  });

  it('are none for lines that have little in common, and for lines without a counterpart', () => {
    expect(marked('alpha beta gamma\n', 'import x from "y";\n')).toEqual({ old: [[]], new: [[]] });
    expect(marked('a\n', 'a\nb\n')).toEqual({ old: [], new: [[]] });
  });

  it('find the counterpart of a line when others were put before it', () => {
    const after = '# a comment that is new\n# and another\nvalue = compute(first, other)\n';
    expect(marked('value = compute(first, second)\n', after)).toEqual({ old: [['second']], new: [[], [], ['other']] });
  });

  it('show changed indentation alone', () => {
    expect(marked('  call(me)\n', '    call(me)\n')).toEqual({ old: [['  ']], new: [['    ']] });
  });

  it('stay affordable on hostile lines', () => {
    const dice = new Dice(42);
    const hostile = [
      (): string => 'a b '.repeat(450),
      (): string => Array.from({ length: 130 }, () => dice.pick(['a', 'b', '+', ' '])).join(''),
      (): string => 'x'.repeat(100_000),
    ];
    for (const line of hostile) {
      const text = (): string => Array.from({ length: 190 }, (_, i) => `${line()}${i}\n`).join('');
      const diff = diffOf(text(), `new\n${text()}`);
      const began = process.cpuUsage();
      for (const hunk of groupHunks(diff, 3)) hunkLines(diff, hunk, { spans: true, take: 500 });
      expect(process.cpuUsage(began).user / 1000).toBeLessThan(500);
    }
  });
});
