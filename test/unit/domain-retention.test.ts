import { describe, expect, it } from 'vitest';
import type { BranchRecord } from '../../src/domain/branch.js';
import { DEFAULT_REPO_SETTINGS, readSettings, type RepoSettings, type RepoSettingsInput } from '../../src/domain/repo-settings.js';
import { isMarked, retentionVerdict, type RetentionFacts, type RetentionRule, type RetentionVerdict } from '../../src/domain/retention.js';

const DAY = 86_400_000;
const NOW = new Date(1000 * DAY);

function ago(days: number): Date {
  return new Date(NOW.getTime() - days * DAY);
}

function facts(branch: Partial<BranchRecord> = {}, more: Partial<RetentionFacts> = {}): RetentionFacts {
  return {
    branch: {
      id: 1, repoId: 1, name: 'session/1', head: 'a'.repeat(40), version: 1, baseName: 'main', forkOid: null, protected: false, createdAt: ago(100), createdBy: 'ada', lastActivityAt: ago(50),
      expiresAt: null, mergedAt: null, markedAt: null, deletedAt: null, forgottenAt: null, runId: null, sessionId: null, metadata: [], checkpointId: null, nextCheckpoint: 1, ...branch,
    },
    defaultBranch: 'main', settings: DEFAULT_REPO_SETTINGS, pendingFrom: 0, pendingInto: 0, ...more,
  };
}

function settingsOf(input: RepoSettingsInput): RepoSettings {
  return readSettings(input);
}

function rule(more: Partial<RetentionRule> = {}): RetentionRule {
  return { name: 'rule', branches: ['**'], kinds: null, maxAge: null, maxInactivity: null, merged: false, action: 'DELETE', ...more };
}

function verdict(rules: readonly RetentionRule[], of: RetentionFacts = facts()): RetentionVerdict | null {
  return retentionVerdict({ rules }, of, NOW);
}

describe('a rule of retention', () => {
  it('is for names that one of its globs matches, of one of its kinds', () => {
    expect(verdict([rule({ branches: ['proposal/**', 'session/*'] })])).toMatchObject({ action: 'DELETE', rule: 'rule' });
    expect(verdict([rule({ branches: ['proposal/**'] })])).toBeNull();
    expect(verdict([rule({ kinds: ['SESSION', 'OTHER'] })])).not.toBeNull();
    expect(verdict([rule({ kinds: ['PROPOSAL', 'OTHER'] })])).toBeNull();
    expect(verdict([rule({ branches: [] })])).toBeNull();
  });

  it.each([
    ['maxAge', 'createdAt', 'it is older than 30 days'],
    ['maxInactivity', 'lastActivityAt', 'it has not moved for 30 days'],
  ] as const)('by %s is for branches beyond it, not for those at it', (condition, instant, reason) => {
    const old = { createdAt: ago(1000), lastActivityAt: ago(1000) };
    const rules = [rule({ [condition]: 30 * DAY })];
    expect(verdict(rules, facts({ ...old, [instant]: ago(30) }))).toBeNull();
    expect(verdict(rules, facts({ ...old, [instant]: new Date(ago(30).getTime() - 1) }))).toMatchObject({ reason });
    expect(verdict(rules, facts({ ...old, [instant]: ago(31) }))).toMatchObject({ since: ago(1) });
  });

  it('for merged branches is for no other', () => {
    expect(verdict([rule({ merged: true })])).toBeNull();
    expect(verdict([rule({ merged: true })], facts({ mergedAt: ago(3) }))).toMatchObject({ reason: 'it was merged', since: ago(3) });
  });

  it('needs all of its conditions, and tells since when the last of them has held', () => {
    const rules = [rule({ merged: true, maxAge: 10 * DAY, maxInactivity: 5 * DAY })];
    expect(verdict(rules, facts({ createdAt: ago(40), lastActivityAt: ago(20), mergedAt: ago(2) }))).toEqual({
      action: 'DELETE', rule: 'rule', reason: 'it was merged, it is older than 10 days, it has not moved for 5 days', since: ago(2),
    });
    expect(verdict(rules, facts({ createdAt: ago(40), lastActivityAt: ago(20), mergedAt: ago(18) }))?.since).toEqual(ago(15));
    expect(verdict(rules, facts({ createdAt: ago(9), lastActivityAt: ago(9), mergedAt: ago(8) }))).toBeNull();
  });

  it('without conditions is for every branch of its names, since it was made', () => {
    expect(verdict([rule({ action: 'MARK' })])).toEqual({ action: 'MARK', rule: 'rule', reason: 'its name matches', since: ago(100) });
  });

  it.each([[DAY, '1 day'], [36 * 3_600_000, '36 hours'], [90_000, '90 seconds'], [120_000, '2 minutes'], [1, '1 millisecond'], [1500, '1500 milliseconds'], [0, '0 milliseconds']])('tells %i milliseconds as %s', (maxAge, shown) => {
    expect(verdict([rule({ maxAge })])?.reason).toBe(`it is older than ${shown}`);
  });
});

describe('of several rules', () => {
  const DELETE = rule({ name: 'second', maxInactivity: DAY });

  it('the first that is for the branch decides', () => {
    expect(verdict([rule({ name: 'first', action: 'MARK' }), DELETE])).toMatchObject({ rule: 'first', action: 'MARK' });
    expect(verdict([rule({ name: 'first', action: 'MARK', maxInactivity: 80 * DAY }), DELETE])).toMatchObject({ rule: 'second', action: 'DELETE' });
    expect(verdict([rule({ name: 'first', action: 'KEEP', branches: ['session/*'] }), DELETE])).toBeNull();
  });

  it('the first decides even where it has nothing left to do', () => {
    expect(verdict([rule({ action: 'MARK' }), DELETE], facts({ markedAt: ago(1) }))).toBeNull();
    expect(verdict([rule({ action: 'CLOSE_PROPOSAL' }), DELETE])).toBeNull();
    expect(verdict([rule({ action: 'CLOSE_PROPOSAL' }), DELETE], facts({}, { pendingFrom: 1 }))).toMatchObject({ action: 'CLOSE_PROPOSAL' });
  });
});

describe('a mark', () => {
  it('stands until the branch moves', () => {
    const marked = facts({ markedAt: ago(10) });
    expect(isMarked(marked.branch)).toBe(true);
    expect(isMarked(facts().branch)).toBe(false);
    const moved = facts({ markedAt: ago(10), lastActivityAt: ago(9) });
    expect(isMarked(moved.branch)).toBe(false);
    expect(verdict([rule({ action: 'MARK' })], moved)).toMatchObject({ action: 'MARK' });
  });
});

describe('a branch that expires', () => {
  it('is deleted from that instant on, before any rule is asked', () => {
    const rules = [rule({ action: 'KEEP' })];
    expect(verdict(rules, facts({ expiresAt: NOW }))).toEqual({ action: 'DELETE', rule: null, reason: 'it has expired', since: NOW });
    expect(verdict([], facts({ expiresAt: ago(1) }))).toMatchObject({ action: 'DELETE', since: ago(1) });
    expect(verdict(rules, facts({ expiresAt: new Date(NOW.getTime() + 1) }))).toBeNull();
  });
});

describe('retention never touches', () => {
  it.each([
    ['the default branch', facts({}, { defaultBranch: 'session/1' })],
    ['a protected branch', facts({ protected: true })],
    ['a branch that the settings protect', facts({}, { settings: settingsOf({ review: { rules: [{ targets: ['session/*'], protected: true }] } }) })],
    ['a deleted branch', facts({ deletedAt: ago(1) })],
    ['a branch into which a proposal is open', facts({}, { pendingInto: 1 })],
  ])('%s, not even when it has expired', (_what, exempt) => {
    expect(verdict([rule()], exempt)).toBeNull();
    expect(verdict([rule()], { ...exempt, branch: { ...exempt.branch, expiresAt: ago(1) } })).toBeNull();
  });
});
