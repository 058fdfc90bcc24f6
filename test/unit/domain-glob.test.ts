import { describe, expect, test } from 'vitest';
import { globCovers, globSource, matchesAnyGlob, matchesGlob } from '../../src/domain/glob.js';
import { fc } from '../support/fast-check.js';

/** Globs and names over a small alphabet, so that they often meet. */
const globText = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '.', 'é'), { maxLength: 7 }).map((parts) => parts.join(''));
const nameText = fc.array(fc.constantFrom('a', 'b', '/', '.', 'é', '\n', '😀'), { maxLength: 7 }).map((parts) => parts.join(''));

describe('matching a glob', () => {
  test.each([
    ['session/*', 'session/42', true],
    ['session/*', 'session/42/x', false],
    ['session/*', 'session/', true],
    ['session/**', 'session/42/x', true],
    ['session/**', 'session', false],
    ['**', 'anything/at/all', true],
    ['**', '', true],
    ['*', 'main', true],
    ['*', 'a/b', false],
    ['main', 'main', true],
    ['main', 'Main', false],
    ['main', 'xmain', false],
    ['src/**/x.ts', 'src/x.ts', true],
    ['src/**/x.ts', 'src/a/b/x.ts', true],
    ['src/**/x.ts', 'src/ax.ts', false],
    ['**/x.ts', 'x.ts', true],
    ['**/x.ts', 'a/b/x.ts', true],
    ['**/x.ts', 'yx.ts', false],
    ['a**b', 'a/x/b', true],
    ['a.b', 'axb', false],
    ['a?', 'ab', false],
    ['a?', 'a?', true],
    ['[ab]', 'a', false],
    ['a\\*', 'a\\b', true],
    ['*-*', 'fix-😀', true],
    ['proposal/*-*', 'proposal/feature-run', true],
  ])('%s and %s: %s', (glob, name, expected) => {
    expect(matchesGlob(glob, name)).toBe(expected);
  });

  test('agrees with its own regular expression', () => {
    fc.assert(
      fc.property(globText, nameText, (glob, name) => {
        expect(matchesGlob(glob, name)).toBe(new RegExp(globSource(glob), 'u').test(name));
      }),
      { numRuns: 5000 },
    );
  });

  test('takes linear time where a backtracking engine would not end', () => {
    const glob = `${'*a'.repeat(100)}b`;
    const started = performance.now();
    expect(matchesGlob(glob, 'a'.repeat(1000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('any of several globs will do, and none of none', () => {
    expect(matchesAnyGlob(['x', 'ma*'], 'main')).toBe(true);
    expect(matchesAnyGlob([], 'main')).toBe(false);
  });
});

describe('the regular expression of a glob', () => {
  test('leaves every character but the star literal', () => {
    for (let code = 1; code < 0x180; code++) {
      const character = String.fromCharCode(code);
      if (character === '*') continue;
      const expression = new RegExp(globSource(character), 'u');
      expect(expression.test(character)).toBe(true);
      expect(expression.test(`${character}${character}`)).toBe(false);
      expect(expression.test('q')).toBe(character === 'q');
    }
  });

  test('is spelled so that Postgres reads it alike', () => {
    expect(globSource('session/*')).toBe('^session/[^/]*$');
    expect(globSource('a.b/**')).toBe(String.raw`^a\.b/(?:[^/]|/)*$`);
    expect(globSource('**/x')).toBe('^(?:(?:[^/]|/)*/)?x$');
  });
});

describe('a glob covers another', () => {
  test.each([
    [['**'], ['session/*'], true],
    [['session/*'], ['session/a*'], true],
    [['session/*'], ['session/**'], false],
    [['session/**'], ['session/*', 'session/a/b'], true],
    [['session/**'], ['session'], false],
    [['a', 'b'], ['b'], true],
    [['a', 'b'], ['c'], false],
    [['a'], [], true],
    [[], ['a'], false],
    [['**/x'], ['x'], true],
    [['**/x'], ['a/**/x'], true],
    [['**/x'], ['**/x'], true],
    [['a/**/x'], ['a/**/**/x'], true],
    [['a/**/x'], ['a/**x'], false],
    [['*'], ['*'], true],
    [['*'], ['**'], false],
    [['**'], ['**'], true],
  ])('%j over %j: %s', (parent, child, expected) => {
    expect(globCovers(parent, child)).toBe(expected);
  });

  test('only where every name of the child is a name of the parent', () => {
    const part = fc.constantFrom('a', 'b', '/', '*', '**', '.');
    // The parent is the child with some parts widened, the name is the child with its stars filled in.
    const case_ = fc.array(fc.record({ part, widened: fc.constantFrom(null, null, '*', '**', '**/'), segment: fc.constantFrom('', 'a', 'ab', 'b.'), run: nameText }), { maxLength: 7 });
    let covered = 0;
    fc.assert(
      fc.property(case_, (pieces) => {
        const parent = pieces.map((piece) => piece.widened ?? piece.part).join('');
        const child = pieces.map((piece) => piece.part).join('');
        const name = pieces.map((piece) => (piece.part === '*' ? piece.segment : piece.part === '**' ? piece.run : piece.part)).join('');
        const covers = globCovers([parent], [child]);
        if (covers) covered++;
        expect(covers && matchesGlob(child, name) && !matchesGlob(parent, name)).toBe(false);
      }),
      { numRuns: 5000 },
    );
    expect(covered).toBeGreaterThan(500);
  });

  test('and always itself', () => {
    fc.assert(
      fc.property(globText, (glob) => {
        expect(globCovers([glob], [glob])).toBe(true);
      }),
    );
  });
});
