import { describe, expect, it } from 'vitest';
import { decodeBase85Line, encodeBase85 } from '../../../src/git/diff/base85.js';
import { quotePath, unquotePath } from '../../../src/git/diff/quote-path.js';
import { finish } from '../../../src/git/diff/steps.js';
import { isSpace, normalizeLines } from '../../../src/git/diff/whitespace.js';
import { fc } from '../../support/fast-check.js';

describe('base 85', () => {
  it('writes the lines that git writes', () => {
    const git = 'KcmZQb;sO8w(Ex1#\n';
    const bytes = decodeBase85Line(Buffer.from(git.trim()));
    expect(bytes?.length).toBe(11);
    expect(finish(encodeBase85(bytes ?? Buffer.alloc(0))).toString()).toBe(git);
  });

  it('reads back what it writes, in lines of at most 52 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const lines = finish(encodeBase85(Buffer.from(bytes))).toString('latin1').split('\n').slice(0, -1);
        const decoded = lines.map((line) => decodeBase85Line(Buffer.from(line, 'latin1')) ?? Buffer.from('refused'));
        expect(Buffer.concat(decoded)).toEqual(Buffer.from(bytes));
        expect(decoded.every((line) => line.length > 0 && line.length <= 52)).toBe(true);
      }),
    );
  });

  it.each(['', 'A', 'A0000', 'B000000', '000000', 'A"0000', 'D~~~~~'])('refuses the line %j', (line) => {
    expect(decodeBase85Line(Buffer.from(line))).toBeNull();
  });
});

describe('a quoted path', () => {
  it('is quoted as git does, and only where it must be', () => {
    expect(quotePath('a b/c-d.ts')).toBe('a b/c-d.ts');
    expect(quotePath('tab\there')).toBe('"tab\\there"');
    expect(quotePath('q"b\\s')).toBe('"q\\"b\\\\s"');
    expect(quotePath(Buffer.from('é').toString('latin1'))).toBe('"\\303\\251"');
    expect(quotePath('\u0001\u007f')).toBe('"\\001\\177"');
  });

  it('reads back as it was, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (bytes) => {
        const path = Buffer.from(bytes).toString('latin1');
        const quoted = quotePath(path);
        expect(quoted.startsWith('"') ? unquotePath(quoted) : { path: quoted, end: quoted.length }).toEqual({ path, end: quoted.length });
      }),
    );
  });

  it.each(['plain', '"open', '"bad \\x"', '"cut \\'])('is not read from %j', (text) => {
    expect(unquotePath(text)).toBeNull();
  });
});

describe('white space', () => {
  it('is space, tab, carriage return and newline, and nothing else', () => {
    const found = Array.from({ length: 256 }, (_, byte) => byte).filter(isSpace);
    expect(found).toEqual([0x09, 0x0a, 0x0d, 0x20]);
  });

  it('is folded or dropped line by line, and a missing last newline is made up for', () => {
    const bytes = Buffer.from(' a\t b \r\n\n  \nc');
    expect(finish(normalizeLines(bytes, 'SHOW'))).toBe(bytes);
    expect(finish(normalizeLines(bytes, 'IGNORE_CHANGE')).toString()).toBe(' a b\n\n\nc\n');
    expect(finish(normalizeLines(bytes, 'IGNORE_ALL')).toString()).toBe('ab\n\n\nc\n');
    expect(finish(normalizeLines(Buffer.alloc(0), 'IGNORE_ALL'))).toHaveLength(0);
  });
});
