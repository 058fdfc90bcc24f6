import { describe, expect, it } from 'vitest';
import { globMatches, globStart } from '../../../src/git/diff/glob.js';
import { PathFilter } from '../../../src/git/diff/path-filter.js';
import { MODE_FILE, MODE_SUBMODULE } from '../../../src/git/objects/tree.js';

function matches(path: string, ...patterns: string[]): boolean {
  return new PathFilter(patterns).matches(path, MODE_FILE);
}

describe('the paths that a diff is limited to', () => {
  it('name a file, or a directory with all that is beneath it', () => {
    expect(matches('src/a.ts', 'src/a.ts')).toBe(true);
    expect(matches('src/deep/a.ts', 'src')).toBe(true);
    expect(matches('src/deep/a.ts', 'src/deep/')).toBe(true);
    expect(matches('srcs/a.ts', 'src')).toBe(false);
    expect(matches('a/src', 'src')).toBe(false);
  });

  it('with a closing slash name a directory or a submodule, not a file', () => {
    expect(matches('src', 'src/')).toBe(false);
    expect(new PathFilter(['src/']).matches('src', MODE_SUBMODULE)).toBe(true);
  });

  it('add up', () => {
    expect(matches('docs/b', 'src', 'docs')).toBe(true);
    expect(matches('docs/b', 'src', 'test')).toBe(false);
    expect(new PathFilter([]).matches('a', MODE_FILE)).toBe(false);
  });

  it('match as globs across slashes, and as what they spell', () => {
    expect(matches('src/deep/a.ts', '*.ts')).toBe(true);
    expect(matches('src/deep/a.ts', 'src/*.ts')).toBe(true);
    expect(matches('a[b].ts', 'a[b].ts')).toBe(true);
    expect(matches('ab.ts', 'a[b].ts')).toBe(true);
    expect(matches('weird*dir/a', 'weird*dir')).toBe(true);
  });

  it('tell which directories need not be opened', () => {
    const filter = new PathFilter(['src/git/diff', 'docs/*.md', 'test/unit?']);
    expect(['src', 'src/git', 'src/git/diff', 'src/git/diff/deep', 'docs', 'docs/deep', 'test', 'test/unit1'].map((directory) => filter.mayHold(directory))).toEqual(Array(8).fill(true));
    expect(['srcs', 'src/git/merge', 'doc', 'docs2', 'test/api'].map((directory) => filter.mayHold(directory))).toEqual(Array(5).fill(false));
    expect(new PathFilter(['*.ts']).mayHold('anything')).toBe(true);
  });
});

describe('a glob', () => {
  it.each([
    ['*', '', true],
    ['*', 'a/b', true],
    ['?', '/', true],
    ['?', '', false],
    ['a*b*c', 'a/x/b/y/c', true],
    ['a*b*c', 'acb', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]]', ']', true],
    ['[!]]', ']', false],
    ['[a-]', '-', true],
    ['[[:digit:]_]', '7', true],
    ['[[:digit:]_]', '_', true],
    ['[[:space:]]', 'x', false],
    ['[[:nope:]]', ':', false],
    ['[c-a]', 'c', true],
    ['[c-a]', 'b', false],
    ['[a', 'a', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['[\\]]', ']', true],
    ['a\\', 'a\\', true],
  ])('%s against %j: %s', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });

  it('says what stands before its first special character', () => {
    expect(globStart('src/*.ts')).toBe('src/');
    expect(globStart('[ab]')).toBe('');
    expect(globStart('a\\b')).toBe('a');
    expect(globStart('plain/path')).toBeNull();
  });

  it('takes no more than the product of the lengths, also where naive matching takes for ever', () => {
    const began = process.cpuUsage();
    expect(globMatches(`${'*a'.repeat(50)}b`, 'a'.repeat(4000))).toBe(false);
    expect(globMatches('*'.repeat(4000), 'a'.repeat(4000))).toBe(true);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(1000);
  });
});
