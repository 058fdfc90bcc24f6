import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coloursOf, languageOf } from '../../../src/review/colours/colouring.js';
import { piecesOf } from '../../../src/review/diff/pieces.js';
import { fc } from '../../support/fast-check.js';

const STYLE = readFileSync('src/review/style.css', 'utf8');
const INKS = ['ink', 'keyword', 'string', 'number', 'title', 'type', 'comment'];
const GROUNDS = ['paper', 'plus', 'minus', 'plus-mark', 'minus-mark'];

/** The colours of a theme by their names: the first rule of the style is light, the second dark. */
function themes(): readonly ReadonlyMap<string, string>[] {
  return [...STYLE.matchAll(/:root \{([^}]*)\}/gu)].map(([, rule = '']) => new Map([...rule.matchAll(/--([\w-]+): (#\w+)/gu)].map(([, name = '', value = '']) => [name, value])));
}

/** The relative luminance of a colour (WCAG 2.2). */
function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.slice(1).replaceAll(/./gu, '$&$&') : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [high = 0, low = 0] = [luminance(left), luminance(right)].sort((one, other) => other - one);
  return (high + 0.05) / (low + 0.05);
}

describe('the colours of a diff', () => {
  it('are read against every ground in either theme, as WCAG AA asks', () => {
    const both = themes();
    expect(both.length).toBe(2);
    const weak = both.flatMap((theme) => INKS.flatMap((ink) => GROUNDS.flatMap((ground) => {
      const ratio = contrast(theme.get(ink) ?? '#000', theme.get(ground) ?? '#000');
      return ratio >= 4.5 ? [] : [`${ink} on ${ground}: ${ratio.toFixed(2)}`];
    })));
    expect(weak).toEqual([]);
  });

  it('stand where the words stand, through escapes, nested spans and many lines', () => {
    const lines = ['const a = "<b> & \'c\'"; // 1 < 2', '/* from here', 'to `here` */ return `x ${y + 1} z`;'];
    const words = coloursOf('src/a.ts', lines).map((row, index) => row.map(({ start, end, kind }) => [kind, (lines[index] ?? '').slice(start, end)]));
    expect(words[0]).toEqual([['keyword', 'const'], ['string', '"<b> & \'c\'"'], ['comment', '// 1 < 2']]);
    expect(words[1]).toEqual([['comment', '/* from here']]);
    expect(words[2]?.[0]).toEqual(['comment', 'to `here` */']);
    expect(words[2]).toContainEqual(['keyword', 'return']);
  });

  it('know a language by the end of the name, and leave lines plain that have none or are data', () => {
    expect(['a/Makefile', 'x.mts', 'y.pyi', 'z.unheard-of', 'plain'].map(languageOf)).toEqual(['makefile', 'typescript', 'python', null, null]);
    expect(coloursOf('a.json', [`"${'x'.repeat(3_000)}"`, 'true'])).toEqual([[], []]);
  });

  it('answer a row for each line, within it and in order, whatever stands there', () => {
    fc.assert(fc.property(fc.constantFrom('a.ts', 'b.py', 'c.html', 'd.md', 'e.css'), fc.array(fc.string({ maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/gu, ' ')), { minLength: 1, maxLength: 8 }), (path, lines) => {
      const rows = coloursOf(path, lines);
      expect(rows.length).toBe(lines.length);
      rows.forEach((row, index) => row.forEach(({ start, end }, at) => expect(start >= (row[at - 1]?.end ?? 0) && end > start && end <= (lines[index] ?? '').length).toBe(true)));
    }));
  });

  it('cut a line where they change and where marks begin and end, and lose no character', () => {
    expect(piecesOf(10, [{ start: 2, end: 6 }], [{ start: 0, end: 4, kind: 'keyword' }, { start: 8, end: 10, kind: 'string' }])).toEqual([
      { start: 0, end: 2, kind: 'keyword', isMarked: false },
      { start: 2, end: 4, kind: 'keyword', isMarked: true },
      { start: 4, end: 6, kind: null, isMarked: true },
      { start: 6, end: 8, kind: null, isMarked: false },
      { start: 8, end: 10, kind: 'string', isMarked: false },
    ]);
    expect(piecesOf(0, [], [])).toEqual([]);
  });
});
