import { describe, expect, it } from 'vitest';
import { isPending, PROPOSAL_STATES, PROPOSAL_TRANSITIONS, type ProposalEvent, type ProposalState } from '../../src/domain/proposal.js';
import { fc } from '../support/fast-check.js';

const EVENTS: readonly ProposalEvent[] = ['APPROVE', 'REQUEST_CHANGES', 'COMMENT', 'REVISE', 'MERGE', 'REJECT'];
const ENDED: readonly ProposalState[] = ['MERGED', 'REJECTED', 'CLOSED'];

/** The state after these events; one that is refused changes nothing. */
function after(events: readonly ProposalEvent[], from: ProposalState = 'OPEN'): ProposalState {
  return events.reduce<ProposalState>((state, event) => PROPOSAL_TRANSITIONS[state][event] ?? state, from);
}

const events = fc.array(fc.constantFrom(...EVENTS), { maxLength: 20 });

describe('the table of a proposal’s states', () => {
  it('has a row for every state and a column for every event', () => {
    expect(Object.keys(PROPOSAL_TRANSITIONS).sort()).toEqual([...PROPOSAL_STATES].sort());
    for (const state of PROPOSAL_STATES) expect([state, Object.keys(PROPOSAL_TRANSITIONS[state]).sort()]).toEqual([state, [...EVENTS].sort()]);
  });

  it('leads to no state that it does not know', () => {
    const reached = PROPOSAL_STATES.flatMap((state) => EVENTS.map((event) => PROPOSAL_TRANSITIONS[state][event])).filter((state) => state !== null);
    expect(PROPOSAL_STATES).toEqual(expect.arrayContaining(reached));
  });

  it('knows pending states and ends, and nothing leads out of an end', () => {
    for (const state of PROPOSAL_STATES) expect([state, isPending(state)]).toEqual([state, !ENDED.includes(state)]);
    for (const state of ENDED) expect(Object.values(PROPOSAL_TRANSITIONS[state])).toEqual(EVENTS.map(() => null));
    fc.assert(fc.property(fc.constantFrom(...ENDED), events, (state, list) => after(list, state) === state));
  });

  it('forgets every judgement when the work changes, and lets everything pending be judged and rejected', () => {
    for (const state of PROPOSAL_STATES.filter(isPending)) {
      expect(PROPOSAL_TRANSITIONS[state]).toMatchObject({ REVISE: 'OPEN', APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: state, REJECT: 'REJECTED' });
    }
  });

  it('never merges what the last judgement sent back', () => {
    fc.assert(
      fc.property(events, (list) => {
        const judged = list.findLast((event) => event === 'APPROVE' || event === 'REQUEST_CHANGES' || event === 'REVISE');
        const before = after(list);
        fc.pre(isPending(before));
        expect(PROPOSAL_TRANSITIONS[before].MERGE).toBe(judged === 'REQUEST_CHANGES' ? null : 'MERGED');
      }),
    );
  });

  it('reaches CLOSED by none of these events', () => {
    fc.assert(
      fc.property(events, (list) => {
        expect(after(list)).not.toBe('CLOSED');
      }),
    );
  });
});
