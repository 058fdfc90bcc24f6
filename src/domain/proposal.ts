import type { Label } from './label.js';

/** Where a proposal stands; MERGED, REJECTED and CLOSED are ends, the others follow its newest reviews. */
export type ProposalState = 'OPEN' | 'CHANGES_REQUESTED' | 'APPROVED' | 'MERGED' | 'REJECTED' | 'CLOSED';

/** Every state, in the order of the public schema. */
export const PROPOSAL_STATES: readonly ProposalState[] = ['OPEN', 'CHANGES_REQUESTED', 'APPROVED', 'MERGED', 'REJECTED', 'CLOSED'];

/** What a reviewer says of one exact head. */
export type ReviewVerdict = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';

/**
 * What can happen to a proposal. APPROVE, REQUEST_CHANGES and COMMENT are verdicts of a review; DISCUSS is a remark or the settling of a
 * thread; REVISE: its source branch moved; UPDATE: title or body; RETARGET: it is to pass into another branch.
 */
export type ProposalEvent = 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT' | 'DISCUSS' | 'REVISE' | 'UPDATE' | 'RETARGET' | 'MERGE' | 'REJECT' | 'CLOSE' | 'REOPEN';

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
  /** The number of its newest revision, which is what `head` and `base` say. */
  readonly revision: number;
  /** The first revision whose verdicts may count: those before a change of the target, or before it was reopened, judged another question. */
  readonly judgedFrom: number;
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

/** A review as stored, bound to the head it judged, and to the revision that had it: the same head can come back, for another target or after an undo. */
export interface ReviewRecord {
  readonly id: number;
  readonly proposalId: number;
  readonly verdict: ReviewVerdict;
  readonly body: string;
  readonly actor: string;
  readonly keyId: string;
  readonly headOid: string;
  readonly revision: number;
  readonly at: Date;
}

/** What of one file a reviewer declined when the rest was merged; `hunks` null for all of it. Ids as diffs of the proposal answer them. */
export interface DeclinedRecord {
  readonly proposalId: number;
  readonly path: string;
  readonly hunks: readonly string[] | null;
  readonly reason: string | null;
}

/** Every head that a proposal has had, numbered from 1, with the merge base it was compared with. */
export interface RevisionRecord {
  readonly proposalId: number;
  readonly number: number;
  readonly head: string;
  readonly base: string | null;
  readonly at: Date;
}

/**
 * The transition table, total: every state names what each event makes of it, and null where the event is refused with
 * InvalidState. A revision takes back approvals and requests alike, because both judged an older head; so does another target, and so does
 * reopening. What was merged stays merged; a rejection and a closing can be taken back. People may talk about anything, also afterwards.
 */
export const PROPOSAL_TRANSITIONS = {
  OPEN: { ...judged('OPEN'), MERGE: 'MERGED' },
  CHANGES_REQUESTED: { ...judged('CHANGES_REQUESTED'), MERGE: null },
  APPROVED: { ...judged('APPROVED'), MERGE: 'MERGED' },
  MERGED: { ...ended('MERGED'), REOPEN: null },
  REJECTED: { ...ended('REJECTED'), REOPEN: 'OPEN' },
  CLOSED: { ...ended('CLOSED'), REOPEN: 'OPEN' },
} as const satisfies Readonly<Record<ProposalState, Readonly<Record<ProposalEvent, ProposalState | null>>>>;

/** What the pending states have in common. */
function judged<S extends ProposalState>(state: S) {
  return {
    APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: state, DISCUSS: state,
    REVISE: 'OPEN', UPDATE: state, RETARGET: 'OPEN', REJECT: 'REJECTED', CLOSE: 'CLOSED', REOPEN: null,
  } as const;
}

/** What the ends have in common. */
function ended<S extends ProposalState>(state: S) {
  return { APPROVE: null, REQUEST_CHANGES: null, COMMENT: null, DISCUSS: state, REVISE: null, UPDATE: null, RETARGET: null, MERGE: null, REJECT: null, CLOSE: null } as const;
}

/** True while a proposal can still be reviewed, revised and merged. */
export function isPending(state: ProposalState): boolean {
  return state === 'OPEN' || state === 'CHANGES_REQUESTED' || state === 'APPROVED';
}
