import { describe, expect, it } from 'vitest';
import type { CheckpointRecord, CheckpointState } from '../../src/domain/checkpoint.js';
import { CHECKPOINT_STATES, CHECKPOINT_TRANSITIONS, ImpossibleTransition, isStandIn, stepsBack, stepsForward, type CheckpointEvent } from '../../src/domain/timeline.js';
import { fc } from '../support/fast-check.js';

const EVENTS: readonly CheckpointEvent[] = ['ADVANCE', 'STEP_BACK', 'STEP_FORWARD', 'ARRIVE', 'PUT_ASIDE'];

function row(id: number, parentId: number | null, state: CheckpointState, more: Partial<CheckpointRecord> = {}): CheckpointRecord {
  return {
    id, repoId: 1, branchId: 1, number: id, origin: 'API', state, oid: `oid${id}`, before: parentId === null ? 'fork' : `oid${parentId}`, parentId,
    message: '', metadata: [], runId: null, sessionId: null, createdAt: new Date(0), createdBy: 'a', keyId: 'k', ...more,
  };
}

/** Checkpoints 1 to `count`, each on the one before, the newest first. */
function line(count: number): CheckpointRecord[] {
  return Array.from({ length: count }, (_, index) => row(count - index, count - index - 1 || null, index === 0 ? 'CURRENT' : 'BEHIND'));
}

describe('the states of checkpoints', () => {
  it('have a row for every state and a cell for every event, and nothing leads out of the table', () => {
    expect(Object.keys(CHECKPOINT_TRANSITIONS).sort()).toEqual([...CHECKPOINT_STATES].sort());
    for (const state of CHECKPOINT_STATES) {
      expect(Object.keys(CHECKPOINT_TRANSITIONS[state]).sort()).toEqual([...EVENTS].sort());
      for (const event of EVENTS) expect([...CHECKPOINT_STATES, null]).toContain(CHECKPOINT_TRANSITIONS[state][event]);
    }
  });

  it('stay within the table whatever happens, and a forward move never leaves a current or an undone one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS)), (events) => {
        let state: CheckpointState = 'CURRENT';
        for (const event of events) state = CHECKPOINT_TRANSITIONS[state][event] ?? state;
        expect(CHECKPOINT_STATES).toContain(state);
        expect(['BEHIND', 'ABANDONED']).toContain(CHECKPOINT_TRANSITIONS[state].ADVANCE);
      }),
    );
  });

  it('let nothing but a redo lead back from what was abandoned', () => {
    const ways = EVENTS.filter((event) => ![null, 'ABANDONED'].includes(CHECKPOINT_TRANSITIONS.ABANDONED[event]));
    expect(ways).toEqual(['STEP_FORWARD']);
  });
});

describe('a way back and forward again', () => {
  it('ends where it began, for every number of steps that there is', () => {
    fc.assert(
      fc.property(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 7 })).map(([count, kept]) => [count, Math.max(1, count - kept)] as const), ([count, steps]) => {
        const chain = line(count);
        expect(stepsBack({ forkOid: 'fork' }, chain, count + steps)).toBeNull();
        const back = stepsBack({ forkOid: 'fork' }, chain, steps);
        expect(back).toMatchObject({ oid: steps === count ? 'fork' : `oid${count - steps}`, numbers: Array.from({ length: steps }, (_, index) => count - steps + 1 + index) });
        const states = new Map(back?.moved.map(({ checkpointId, to }) => [checkpointId, to]));
        const after = chain.map((each) => ({ ...each, state: states.get(each.id) ?? each.state }));
        const undone = after.filter(({ state }) => state === 'UNDONE').reverse();
        const current = after.find(({ state }) => state === 'CURRENT') ?? null;
        const forward = stepsForward(current, undone, after, steps);
        expect(forward).toMatchObject({ oid: `oid${count}` });
        for (const { checkpointId, to } of forward?.moved ?? []) states.set(checkpointId, to);
        expect(after.map(({ id, state }) => states.get(id) ?? state)).toEqual(chain.map(({ state }) => state));
      }),
    );
  });

  it('does not lead behind a first commit without a fork point', () => {
    const first = row(1, null, 'CURRENT', { before: null });
    expect(isStandIn(first, null, null)).toBe(false);
    expect(stepsBack({ forkOid: null }, [first], 1)).toBeNull();
  });

  it('passes over a checkpoint that stands in for another, without counting it as a step', () => {
    // 4 took 3 back by an inverse commit: its content is that of 2.
    const chain = [row(4, 2, 'CURRENT', { origin: 'REVERT', before: 'oid3' }), row(2, 1, 'BEHIND'), row(1, null, 'BEHIND')];
    const back = stepsBack({ forkOid: 'fork' }, chain, 1);
    expect(back).toMatchObject({ oid: 'oid1', numbers: [2], standIn: { parentId: 1 } });
    expect(back?.moved).toEqual([{ checkpointId: 4, from: 'CURRENT', to: 'ABANDONED' }, { checkpointId: 2, from: 'BEHIND', to: 'UNDONE' }, { checkpointId: 1, from: 'BEHIND', to: 'CURRENT' }]);
    expect(back?.standIn.changes).toEqual([{ checkpointId: 4, from: 'CURRENT', to: 'ABANDONED' }, { checkpointId: 2, from: 'BEHIND', to: 'UNDONE' }]);
    expect(stepsBack({ forkOid: 'fork' }, chain, 3)).toBeNull();
  });

  it('brings everything again over a checkpoint that stood in for another', () => {
    // 3 stood in for 1, 4 was made on it, and 5 took 4 and 1 back together.
    const chain = [row(4, 3, 'CURRENT'), row(3, 1, 'BEHIND', { before: 'oid2' }), row(1, null, 'BEHIND')];
    const back = stepsBack({ forkOid: 'fork' }, chain, 2);
    expect(back?.standIn).toEqual({ parentId: null, changes: [{ checkpointId: 4, from: 'CURRENT', to: 'UNDONE' }, { checkpointId: 3, from: 'BEHIND', to: 'ABANDONED' }, { checkpointId: 1, from: 'BEHIND', to: 'UNDONE' }] });
    const after = [row(4, 3, 'UNDONE'), row(3, 1, 'ABANDONED', { before: 'oid2' }), row(1, null, 'UNDONE')];
    const standIn = row(5, null, 'CURRENT', { before: 'oid4' });
    const forward = stepsForward(standIn, [row(1, null, 'UNDONE'), row(4, 3, 'UNDONE')], after, 2);
    expect(forward?.moved).toEqual([
      { checkpointId: 3, from: 'ABANDONED', to: 'BEHIND' }, { checkpointId: 1, from: 'UNDONE', to: 'BEHIND' },
      { checkpointId: 5, from: 'CURRENT', to: 'ABANDONED' }, { checkpointId: 4, from: 'UNDONE', to: 'CURRENT' },
    ]);
  });

  it('puts the checkpoint aside in whose stead the inverse commit of a further undo stands', () => {
    // 3 stands in for 1; 4 was made on it and is taken back by a commit, which stands in for 1 as well.
    const chain = [row(4, 3, 'CURRENT'), row(3, 1, 'BEHIND', { before: 'oid2' }), row(1, null, 'BEHIND')];
    expect(stepsBack({ forkOid: 'fork' }, chain, 1)?.standIn).toEqual({ parentId: 1, changes: [{ checkpointId: 4, from: 'CURRENT', to: 'UNDONE' }, { checkpointId: 3, from: 'BEHIND', to: 'ABANDONED' }] });
  });

  it('is a defect where a checkpoint is in a state that it cannot be in there', () => {
    expect(() => stepsBack({ forkOid: 'fork' }, [row(1, null, 'ABANDONED')], 1)).toThrow(ImpossibleTransition);
  });
});
