import { describe, expect, it } from 'vitest';
import { branchKind, branchState, IDLE_AFTER_MS, type BranchRecord } from '../../src/domain/branch.js';

const branch: BranchRecord = {
  id: 1, repoId: 1, name: 'x', head: 'a'.repeat(40), version: 1, baseName: null, forkOid: null, protected: false, createdAt: new Date(0), createdBy: 'ada', lastActivityAt: new Date(0),
  expiresAt: null, mergedAt: null, markedAt: null, deletedAt: null, forgottenAt: null, runId: null, sessionId: null, metadata: [], checkpointId: null, nextCheckpoint: 1,
};

describe('the kind of a branch', () => {
  it.each([
    ['main', 'DEFAULT'], ['trunk', 'OTHER'], ['session/1', 'SESSION'], ['session/a.b-c_d', 'SESSION'], ['session', 'OTHER'], ['session/1/2', 'OTHER'], ['my/session/1', 'OTHER'], ['Session/1', 'OTHER'],
    ['proposal/login-42', 'PROPOSAL'], ['proposal/a-b-c', 'PROPOSAL'], ['proposal/login', 'OTHER'], ['proposal/login-', 'OTHER'], ['proposal/-1', 'OTHER'], ['proposal/a/b-1', 'OTHER'], ['feature/x', 'OTHER'],
  ])('%s is %s', (name, kind) => {
    expect(branchKind(name, 'main')).toBe(kind);
  });

  it('is the default one’s whatever its name', () => {
    for (const name of ['session/1', 'proposal/a-1', 'x']) expect(branchKind(name, name)).toBe('DEFAULT');
  });
});

describe('the state of a branch', () => {
  it('is idle once it has not moved for longer than fourteen days, and not before', () => {
    expect(IDLE_AFTER_MS).toBe(14 * 24 * 60 * 60 * 1000);
    expect(branchState(branch, new Date(0), IDLE_AFTER_MS)).toBe('ACTIVE');
    expect(branchState(branch, new Date(IDLE_AFTER_MS), IDLE_AFTER_MS)).toBe('ACTIVE');
    expect(branchState(branch, new Date(IDLE_AFTER_MS + 1), IDLE_AFTER_MS)).toBe('IDLE');
  });

  it('is merged rather than idle, and deleted rather than merged', () => {
    const later = new Date(IDLE_AFTER_MS + 1);
    const merged = { ...branch, mergedAt: new Date(1) };
    expect(branchState(merged, later, IDLE_AFTER_MS)).toBe('MERGED');
    expect(branchState({ ...merged, deletedAt: new Date(2) }, later, IDLE_AFTER_MS)).toBe('DELETED');
    expect(branchState({ ...branch, deletedAt: new Date(2) }, new Date(2), IDLE_AFTER_MS)).toBe('DELETED');
  });
});
