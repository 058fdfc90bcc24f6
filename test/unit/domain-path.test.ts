import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_PATH_RULES, leadsElsewhere, pathViolation, siblingClash, siblingViolation, specialContentViolation, symlinkViolation } from '../../src/domain/path.js';
import { fc } from '../support/fast-check.js';

describe('paths of new files', () => {
  test.each([
    ['README.md', null],
    ['src/a b/é😀.ts', null],
    ['.github/workflows/ci.yml', null],
    ['.gitignore', null],
    ['a/.gitattributes', null],
    ['.gitkeep', null],
    ['git', null],
    ['a.git', null],
    ['main~1', null],
    ['-x', null],
    ['...x', null],
    ['con', null],
    ['ab:c', null],
    [':memory:', null],
    ['x'.repeat(255), null],
    [Array.from({ length: 64 }, () => 'a').join('/'), null],
    ['', 'empty'],
    ['a\0', 'malformed'],
    ['a\ud800', 'malformed'],
    ['a\n', 'control-character'],
    ['a\u001b[2J', 'control-character'],
    ['a\u007f', 'control-character'],
    ['a\\b', 'backslash'],
    ['/etc/passwd', 'absolute'],
    ['C:/x', 'absolute'],
    ['a//b', 'empty-component'],
    ['a/', 'empty-component'],
    ['.', 'dots'],
    ['a/./b', 'dots'],
    ['../x', 'dots'],
    ['a/..', 'dots'],
    ['.\u200D.\u200D/x', 'dots'],
    ['\u200B', 'dots'],
    ['．．\u2060', 'dots'],
    ['a.', 'component-end'],
    ['a /b', 'component-end'],
    ['...', 'component-end'],
    ['x'.repeat(256), 'component-too-long'],
    ['é'.repeat(128), 'component-too-long'],
    [`${'x'.repeat(250)}/`.repeat(4) + 'x'.repeat(21), 'too-long'],
    [Array.from({ length: 65 }, () => 'a').join('/'), 'too-deep'],
    ['.git', 'dot-git'],
    ['.git/config', 'dot-git'],
    ['a/.GIT/hooks/x', 'dot-git'],
    ['.gI\u200Ct/x', 'dot-git'],
    ['\uFEFF.git/x', 'dot-git'],
    ['.g\u206Ait', 'dot-git'],
    ['.gıt', 'dot-git'],
    ['.ｇit', 'dot-git'],
    ['git~1', 'dot-git'],
    ['GIT~1/config', 'dot-git'],
    ['.git::$INDEX_ALLOCATION', 'dot-git'],
    ['.git:x/y', 'dot-git'],
    ['.git .:x', 'dot-git'],
    ['gitmod~1', 'dot-git'],
    ['GI7EBA~1', 'dot-git'],
    ['gi7eb~10', 'dot-git'],
    ['MABA30~1', 'dot-git'],
    ['.gitmodules', 'git-modules'],
    ['a/.gitmodules', 'git-modules'],
    ['.gitModules', 'git-file'],
    ['.gitattributes/x', 'git-file'],
    ['.mailmap\u200B', 'git-file'],
  ])('%j: %s', (path, rule) => {
    expect(pathViolation(path)?.rule ?? null).toBe(rule === null ? null : `path/${rule}`);
  });

  test.each([
    ['con', 'windows-device'],
    ['a/NUL.txt', 'windows-device'],
    ['com1', 'windows-device'],
    ['LPT².x', 'windows-device'],
    ['aux .c', 'windows-device'],
    ['conin$', 'windows-device'],
    ['a?b', 'windows-character'],
    ['ab:c', 'windows-character'],
    ['a"', 'windows-character'],
    ['console', null],
    ['com', null],
    ['com10', null],
  ])('where Windows names are refused, %j: %s', (path, rule) => {
    expect(pathViolation(path, { ...DEFAULT_PATH_RULES, windowsNames: true })?.rule ?? null).toBe(rule === null ? null : `path/${rule}`);
  });

  test('the depth is the deployment’s to choose', () => {
    expect(pathViolation('a/b/c', { maxDepth: 2, windowsNames: false })?.rule).toBe('path/too-deep');
  });

  test('no accepted path resolves to outside of the tree or to its own .git', () => {
    const part = fc.constantFrom('a', '.', '..', '/', '.git', '\\', ' ', '\u200D');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = parts.join('');
        fc.pre(pathViolation(path) === null);
        const resolved = posix.resolve('/root', path.replaceAll('\u200D', ''));
        expect(resolved.startsWith('/root/')).toBe(true);
        expect(resolved.split('/')).not.toContain('.git');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('siblings', () => {
  test.each([
    ['readme', ['README'], 'README'],
    ['é', ['e\u0301'], 'e\u0301'],
    ['straße', ['STRASSE'], 'STRASSE'],
    ['a', ['a'], null],
    ['a', ['b', 'ab'], null],
  ])('%j beside %j: %j', (name, siblings, clash) => {
    expect(siblingClash(name, siblings)).toBe(clash);
  });

  test('the refusal names both', () => {
    expect(siblingViolation('a/readme', 'README').message).toContain('"README"');
  });
});

describe('symbolic links', () => {
  test.each([
    ['a', 'b', null],
    ['a', 'b/c', null],
    ['a/b', '../c', null],
    ['a/b', '..', null],
    ['a/b/c', '../../d/e', null],
    ['a', '.', null],
    ['a', 'b/', null],
    ['a', '', 'empty'],
    ['a', 'b\0', 'malformed'],
    ['a', 'b\n', 'malformed'],
    ['a', '/etc/passwd', 'absolute'],
    ['a', 'C:x', 'absolute'],
    ['a', 'b\\c', 'absolute'],
    ['a', '..', 'outside'],
    ['a', '../a', 'outside'],
    ['a/b', '../../c', 'outside'],
    ['a/b/c', '../x/../..', 'zigzag'],
    ['a', 'b/../../c', 'zigzag'],
    ['a', './b', 'component'],
    ['a', 'b//c', 'component'],
    ['a', '.git/config', 'dot-git'],
    ['a', 'b/.GIT', 'dot-git'],
    ['.gitignore', 'b', 'git-file'],
    ['a', 'b'.repeat(1025), 'too-long'],
  ])('%j to %j: %s', (path, target, rule) => {
    expect(symlinkViolation(path, target)?.rule ?? null).toBe(rule === null ? null : `symlink/${rule}`);
  });

  test('no set of accepted links leads outside of the tree, however they are chained', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const link = fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')), fc.array(fc.constantFrom('a', 'b', 'c', '..', '.'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')));
    fc.assert(
      fc.property(fc.array(link, { maxLength: 6 }), fc.array(name, { minLength: 1, maxLength: 4 }), (links, walk) => {
        const tree = new Map(links.filter(([path, target]) => symlinkViolation(path, target) === null));
        // Paths below a link cannot be in a tree beside it.
        for (const path of tree.keys()) if (path.split('/').some((_, depth, all) => depth > 0 && tree.has(all.slice(0, depth).join('/')))) tree.delete(path);
        expect(resolvesInside(tree, walk)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Walks as a file system does, following every link; false as soon as it would climb above the root. Gives up after 40 links, as Linux does. */
function resolvesInside(tree: ReadonlyMap<string, string>, walk: readonly string[]): boolean {
  const pending = [...walk].reverse();
  const at: string[] = [];
  let followed = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === '.') continue;
    if (next === '..') {
      if (at.pop() === undefined) return false;
      continue;
    }
    const target = tree.get([...at, next].join('/'));
    if (target === undefined) at.push(next);
    else if (++followed > 40) return true;
    else pending.push(...target.split('/').reverse());
  }
  return true;
}

test('files without a meaning of git’s own may hold anything', () => {
  expect(specialContentViolation('a.txt', Buffer.alloc(5000, 'a'))).toBeNull();
  expect(specialContentViolation('.gitattributes', Buffer.from(`a\n${'b'.repeat(2047)}\n`))).toBeNull();
  expect(specialContentViolation('.gitattributes', Buffer.from(`a\n${'b'.repeat(2048)}\n`))?.rule).toBe('path/attributes-line');
});

describe('components that lead elsewhere', () => {
  test.each(['.', '..', 'a/b', '.git', '.GIT', '.git ', '.g\u200Cit', 'git~1', '.git::$INDEX_ALLOCATION'])('%j does', (name) => expect(leadsElsewhere(name)).toBe(true));
  test.each(['a', '...', '.gitignore', '.github', 'git', 'con', 'a\\b', 'x\u0001'])('%j does not, and stays in archives', (name) => expect(leadsElsewhere(name)).toBe(false));
});
