import { describe, expect, test } from 'vitest';
import { branchNamesClash, branchNameViolation } from '../../src/domain/branch-name.js';
import { DEFAULT_LIMITS, exceeds } from '../../src/domain/limits.js';
import { repoNameViolation } from '../../src/domain/repo-name.js';

describe('branch names', () => {
  test.each([
    ['main', null],
    ['session/42', null],
    ['proposal/login-r7', null],
    ['_x/9.9-rc_1', null],
    ['release.1', null],
    ['deadbeef', null],
    ['refs', null],
    ['x'.repeat(100), null],
    [`${'x'.repeat(100)}/${'y'.repeat(99)}`, null],
    ['', 'empty'],
    ['x'.repeat(101), 'component-too-long'],
    [`${'x'.repeat(100)}/${'y'.repeat(100)}`, 'too-long'],
    ['a b', 'characters'],
    ['a:b', 'characters'],
    ['a@{1}', 'characters'],
    ['@', 'characters'],
    ['a~1', 'characters'],
    ['é', 'characters'],
    ['a\n', 'characters'],
    ['a\0', 'characters'],
    ['a\\b', 'characters'],
    ['*', 'characters'],
    ['-a', 'component-start'],
    ['a/-b', 'component-start'],
    ['.a', 'component-start'],
    ['a/.b', 'component-start'],
    ['a//b', 'empty-component'],
    ['/a', 'empty-component'],
    ['a/', 'empty-component'],
    ['a..b', 'double-dot'],
    ['a.', 'component-end'],
    ['a./b', 'component-end'],
    ['a.lock', 'component-end'],
    ['a.lock/b', 'component-end'],
    ['a.LOCK', 'component-end'],
    ['a'.repeat(40), 'object-id'],
    ['0123456789ABCDEF0123456789abcdef01234567', 'object-id'],
    ['a'.repeat(64), 'object-id'],
    ['refs/heads/x', 'reserved'],
    ['heads/x', 'reserved'],
    ['HEAD', 'reserved'],
  ])('%j: %s', (name, rule) => {
    expect(branchNameViolation(name)?.rule ?? null).toBe(rule === null ? null : `branch-name/${rule}`);
  });

  test.each([
    ['a', 'a', true],
    ['a', 'A', true],
    ['a', 'a/b', true],
    ['A/b', 'a', true],
    ['a', 'ab', false],
    ['a/b', 'a/c', false],
  ])('%s and %s clash: %s', (a, b, expected) => {
    expect(branchNamesClash(a, b)).toBe(expected);
    expect(branchNamesClash(b, a)).toBe(expected);
  });
});

describe('repository names', () => {
  test.each([
    ['app', null],
    ['team/app', null],
    ['a/b/c', null],
    ['0.x_y-z', null],
    ['x'.repeat(100), null],
    ['', 'empty'],
    ['x'.repeat(101), 'too-long'],
    ['App', 'characters'],
    ['a b', 'characters'],
    ['a:b', 'characters'],
    ['é', 'characters'],
    ['a\n', 'characters'],
    ['a/b/c/d', 'segments'],
    ['a//b', 'segment-start'],
    ['/a', 'segment-start'],
    ['a/', 'segment-start'],
    ['-a', 'segment-start'],
    ['..', 'segment-start'],
    ['a/../b', 'segment-start'],
    ['a.git', 'git-suffix'],
    ['a.git/b', 'git-suffix'],
  ])('%j: %s', (name, rule) => {
    expect(repoNameViolation(name)?.rule ?? null).toBe(rule === null ? null : `repo-name/${rule}`);
  });

  test('a deployment may narrow them by a pattern of its own', () => {
    expect(repoNameViolation('team/app', /^team\//u)).toBeNull();
    expect(repoNameViolation('other/app', /^team\//u)).toMatchObject({ rule: 'repo-name/deployment', message: expect.stringContaining('^team') });
    expect(repoNameViolation('Team/app', /^team\//iu)?.rule).toBe('repo-name/characters');
  });
});

describe('limits', () => {
  test('what is at a limit passes, and one more is refused with the limit, its maximum and what was asked for', () => {
    expect(exceeds(DEFAULT_LIMITS, 'pageSize', 100)).toBeNull();
    expect(exceeds(DEFAULT_LIMITS, 'pageSize', 101)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'pageSize', maximum: 100, requested: 101 });
  });
});
