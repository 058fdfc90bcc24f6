import { expect, test } from 'vitest';
import type { BranchRecord } from '../../src/domain/branch.js';
import type { Problem } from '../../src/domain/problem.js';
import * as problems from '../../src/domain/problems.js';
import { quote } from '../../src/domain/violation.js';

const OID = 'a'.repeat(40);

const branch: BranchRecord = {
  id: 7, repoId: 1, name: 'session/1', head: OID, version: 3, baseName: 'main', forkOid: OID, protected: false, createdAt: new Date(0), createdBy: 'ada',
  lastActivityAt: new Date(0), expiresAt: null, mergedAt: null, markedAt: null, deletedAt: null, forgottenAt: null, runId: null, sessionId: null, metadata: [], checkpointId: null, nextCheckpoint: 1,
};

const EVERY: readonly Problem[] = [
  problems.invalidInput('name', { rule: 'branch-name/empty', message: 'The branch name is empty.', hint: null }),
  problems.idempotencyMismatch(),
  problems.notFound('branch', 'x'),
  problems.notFound('proposal', 3),
  problems.forbidden('WRITE'),
  problems.outsideGlobs('branches', 'main'),
  problems.keyReachesFurther('repos'),
  problems.ownContribution(3),
  problems.nameTaken('branch', 'x'),
  problems.nameTaken('repository', 'x'),
  problems.staleHead(branch, { head: null, version: 2 }),
  problems.mergeConflicted({ repoId: 1, ours: OID, theirs: OID, conflicts: [{ path: 'a', paths: ['a'], kind: 'CONTENT' }] }),
  problems.protectedBranch('main', 'it takes changes by proposals only'),
  problems.defaultBranchKept('main'),
  problems.rulesUnmet(3, [{ rule: 'approvals', satisfied: false, explanation: 'It needs one approval by another actor.' }]),
  problems.proposalState(3, 'MERGED', 'reviewed'),
  problems.proposalState(3, 'CHANGES_REQUESTED', 'merged'),
  problems.headNotReviewed(3, OID),
  problems.repoArchived('x'),
  problems.alreadyProposed('a', 'main', 3),
  problems.nothingToPropose('a', 'main'),
  problems.notFastForward('a', 'main'),
  problems.unrelatedHistories('a', 'main'),
  problems.limitExceeded('pageSize', 100, 101),
  problems.objectCorrupt(OID),
  problems.busy(250),
  problems.unavailable(),
];

test.each(EVERY.map((problem) => [problem.message, problem] as const))('%s', (message, problem) => {
  expect(message).toMatch(/^[A-Z"].*[.]$/su);
  expect(message).not.toMatch(/undefined|null|NaN|\[object/u);
  expect(problem.hint ?? 'None.').toMatch(/^[A-Z].*[.]$/su);
});

test('the catalogue has a maker for every code', () => {
  expect(new Set(EVERY.map((problem) => problem.code))).toEqual(
    new Set([
      'INVALID_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'NAME_TAKEN', 'STALE_HEAD', 'MERGE_CONFLICTED', 'PROTECTED_BRANCH', 'RULES_UNMET', 'INVALID_STATE',
      'LIMIT_EXCEEDED', 'OBJECT_CORRUPT', 'BUSY', 'UNAVAILABLE',
    ]),
  );
});

test('a stale head tells where the branch is now', () => {
  expect(problems.staleHead(branch, { head: 'b'.repeat(40), version: null })).toMatchObject({
    branchId: 7, expectedHead: 'b'.repeat(40), actualHead: OID, expectedVersion: null, actualVersion: 3,
  });
});

test('several conflicts are counted and the first is named', () => {
  const conflict = { path: 'b.txt', paths: ['b.txt'], kind: 'CONTENT' } as const;
  expect(problems.mergeConflicted({ repoId: 1, ours: OID, theirs: OID, conflicts: [conflict, conflict] }).message).toBe('The merge has 2 conflicts, the first in "b.txt".');
});

test('a quotation escapes what a terminal would obey, and is cut', () => {
  expect(quote('a\u0000"\n')).toBe(String.raw`"a\u0000\"\n"`);
  expect(quote('😀'.repeat(500))).toBe(`"${'😀'.repeat(80)}…"`);
});
