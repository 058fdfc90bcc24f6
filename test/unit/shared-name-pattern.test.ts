import { fc } from '../support/fast-check.js';
import { describe, expect, it } from 'vitest';
import { exampleOf, matchesPattern, patternFault } from '../../src/shared/name-pattern.js';

describe('a pattern of names', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['session/<id>', ['session/1', 'session/a.b-c'], ['session/', 'session', 'session/a/b', 'Session/1', 'x/session/1']],
    ['proposal/<feature>-<run-id>', ['proposal/a-b', 'proposal/a-b-c'], ['proposal/ab', 'proposal/-b', 'proposal/a-']],
    ['v<major>.<minor>', ['v1.2', 'v10.2.3'], ['v.2', 'v1.', 'v1', '1.2']],
    ['main', ['main'], ['mainx', 'mai', 'MAIN']],
    ['<team>/<who>/x', ['a/b/x', 'a.b/c/x'], ['a/b/y', 'a/b', 'a/b/x/y']],
    ['<a>aa<b>', ['xaay', 'aaaa'], ['aaa', 'aa', 'xay']],
    ['aa<x>aa', ['aaxaa', 'aaaaa'], ['aaaa', 'aaa']],
  ])('%s', (pattern, fitting, others) => {
    expect(patternFault(pattern)).toBeNull();
    expect(fitting.filter((name) => !matchesPattern(pattern, name))).toEqual([]);
    expect(others.filter((name) => matchesPattern(pattern, name))).toEqual([]);
  });

  it.each(['', '<a><b>', 'a<', 'a>b', '<>', '<A>', '<a b>', 'a//b', '/a', 'a/', 'a b', 'a*', 'x'.repeat(201)])('is not %j', (pattern) => {
    expect(patternFault(pattern)).not.toBeNull();
  });

  const literal = fc.stringMatching(/^[a-c.]{1,3}$/u);
  const segment = fc.tuple(literal, fc.array(literal, { maxLength: 3 })).map(([first, rest]) => [first, ...rest].join('<x>'));
  const patterns = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));

  it('fits what it says in other words', () => {
    fc.assert(
      fc.property(patterns, fc.stringMatching(/^[a-c./]{0,14}$/u), (pattern, name) => {
        const source = pattern.split('<x>').map((text) => text.replaceAll('.', String.raw`\.`)).join('[^/]+');
        expect(matchesPattern(pattern, name)).toBe(new RegExp(`^${source}$`, 'u').test(name));
      }),
      { numRuns: 500 },
    );
  });

  it('has an example that fits', () => {
    fc.assert(fc.property(patterns, (pattern) => matchesPattern(pattern, exampleOf(pattern))));
    expect(exampleOf('proposal/<feature>-<run-id>')).toBe('proposal/feature1-runid1');
  });

  it('takes no longer for a name that nearly fits', () => {
    const pattern = Array.from({ length: 40 }, () => '<x>a').join('');
    const started = performance.now();
    expect(matchesPattern(pattern, `${'a'.repeat(100_000)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
