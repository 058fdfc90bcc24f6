import { describe, expect, it } from 'vitest';
import { isPending, PROPOSAL_STATES, PROPOSAL_TRANSITIONS, type ProposalEvent, type ProposalState } from '../../src/domain/proposal.js';
import { fc } from '../support/fast-check.js';

const EVENTS: readonly ProposalEvent[] = ['APPROVE', 'REQUEST_CHANGES', 'COMMENT', 'DISCUSS', 'REVISE', 'UPDATE', 'RETARGET', 'MERGE', 'REJECT', 'CLOSE', 'REOPEN'];
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

  it('leads to no state that it does not know, and to every one of them', () => {
    const reached = PROPOSAL_STATES.flatMap((state) => EVENTS.map((event) => PROPOSAL_TRANSITIONS[state][event])).filter((state) => state !== null);
    expect([...new Set(reached)].sort()).toEqual([...PROPOSAL_STATES].sort());
  });

  it('knows pending states and ends, and out of an end leads nothing but reopening, out of a merge not even that', () => {
    for (const state of PROPOSAL_STATES) expect([state, isPending(state)]).toEqual([state, !ENDED.includes(state)]);
    for (const state of ENDED) {
      for (const event of EVENTS) {
        const reopened = state === 'MERGED' ? null : 'OPEN';
        expect([state, event, PROPOSAL_TRANSITIONS[state][event]]).toEqual([state, event, event === 'DISCUSS' ? state : event === 'REOPEN' ? reopened : null]);
      }
    }
    fc.assert(fc.property(events, (list) => after(list, 'MERGED') === 'MERGED'));
  });

  it('forgets every judgement when the work, the target or the end changes, and lets everything pending be judged and ended', () => {
    for (const state of PROPOSAL_STATES.filter(isPending)) {
      expect(PROPOSAL_TRANSITIONS[state]).toMatchObject({
        REVISE: 'OPEN', RETARGET: 'OPEN', APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: state, DISCUSS: state, UPDATE: state, REJECT: 'REJECTED', CLOSE: 'CLOSED', REOPEN: null,
      });
    }
  });

  it('never merges what the last judgement sent back', () => {
    fc.assert(
      fc.property(events, (list) => {
        let [state, sentBack]: [ProposalState, boolean] = ['OPEN', false];
        for (const event of list) {
          const next: ProposalState | null = PROPOSAL_TRANSITIONS[state][event];
          if (next === null) continue;
          if (event === 'REQUEST_CHANGES') sentBack = true;
          if (event === 'APPROVE' || event === 'REVISE' || event === 'RETARGET' || event === 'REOPEN') sentBack = false;
          state = next;
        }
        fc.pre(isPending(state));
        expect(PROPOSAL_TRANSITIONS[state].MERGE).toBe(sentBack ? null : 'MERGED');
      }),
    );
  });

  it('is APPROVED by an approval alone, and no longer than that stands', () => {
    for (const state of PROPOSAL_STATES) {
      const into = EVENTS.filter((event) => PROPOSAL_TRANSITIONS[state][event] === 'APPROVED');
      expect([state, into]).toEqual([state, state === 'APPROVED' ? ['APPROVE', 'COMMENT', 'DISCUSS', 'UPDATE'] : isPending(state) ? ['APPROVE'] : []]);
    }
  });
});
