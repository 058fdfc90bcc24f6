import type { Label } from './repo.js';

/** Where a proposal stands; MERGED, REJECTED and CLOSED are ends, the others follow its newest reviews. */
export type ProposalState = 'OPEN' | 'CHANGES_REQUESTED' | 'APPROVED' | 'MERGED' | 'REJECTED' | 'CLOSED';

/** Every state, in the order of the public schema. */
export const PROPOSAL_STATES: readonly ProposalState[] = ['OPEN', 'CHANGES_REQUESTED', 'APPROVED', 'MERGED', 'REJECTED', 'CLOSED'];

/** What a reviewer says of one exact head. */
export type ReviewVerdict = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';

/** What can happen to a proposal. REVISE: its source branch moved. */
export type ProposalEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT' | 'REVISE' | 'MERGE' | 'REJECT';

/** A proposal as stored. `head` and `base` follow the source branch until it ends, and are frozen then. */
export interface ProposalRecord {
  readonly id: number;
  readonly repoId: number;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: ProposalState;
  readonly sourceBranchId: number;
  readonly sourceName: string;
  readonly targetBranchId: number;
  readonly targetName: string;
  readonly head: string;
  readonly base: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly keyId: string;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly mergeCommit: string | null;
  readonly reason: string | null;
  readonly runId: string | null;
  readonly metadata: readonly Label[];
}

/** A review as stored, bound to the head it judged. */
export interface ReviewRecord {
  readonly id: number;
  readonly proposalId: number;
  readonly verdict: ReviewVerdict;
  readonly body: string;
  readonly actor: string;
  readonly keyId: string;
  readonly headOid: string;
  readonly at: Date;
}

/** Every head that a proposal has had, numbered from 1. */
export interface RevisionRecord {
  readonly proposalId: number;
  readonly number: number;
  readonly head: string;
  readonly base: string | null;
  readonly at: Date;
}

/**
 * The transition table, total: every state names what each event makes of it, and null where the event is refused with
 * InvalidState. A revision takes back approvals and requests alike, because both judged an older head.
 */
export const PROPOSAL_TRANSITIONS: Readonly<Record<ProposalState, Readonly<Record<ProposalEvent, ProposalState | null>>>> = {
  OPEN: { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'OPEN', REVISE: 'OPEN', MERGE: 'MERGED', REJECT: 'REJECTED' },
  CHANGES_REQUESTED: { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'CHANGES_REQUESTED', REVISE: 'OPEN', MERGE: null, REJECT: 'REJECTED' },
  APPROVED: { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'APPROVED', REVISE: 'OPEN', MERGE: 'MERGED', REJECT: 'REJECTED' },
  MERGED: { APPROVE: null, REQUEST_CHANGES: null, COMMENT: null, REVISE: null, MERGE: null, REJECT: null },
  REJECTED: { APPROVE: null, REQUEST_CHANGES: null, COMMENT: null, REVISE: null, MERGE: null, REJECT: null },
  CLOSED: { APPROVE: null, REQUEST_CHANGES: null, COMMENT: null, REVISE: null, MERGE: null, REJECT: null },
};

/** True while a proposal can still be reviewed, revised and merged. */
export function isPending(state: ProposalState): boolean {
  return state === 'OPEN' || state === 'CHANGES_REQUESTED' || state === 'APPROVED';
}
