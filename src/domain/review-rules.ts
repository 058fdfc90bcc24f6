import type { RuleStatus } from './problem.js';
import type { ProposalRecord, ReviewRecord } from './proposal.js';

/** Who had a hand in what a proposal holds: actors and keys of its author and of every checkpoint of its source. */
export interface Contributors {
  readonly actors: ReadonlySet<string>;
  readonly keyIds: ReadonlySet<string>;
}

/** The contributors to a proposal, its author included. */
export function contributorsOf(author: { readonly actor: string; readonly keyId: string }, work: readonly { readonly actor: string; readonly keyId: string }[]): Contributors {
  const all = [author, ...work];
  return { actors: new Set(all.map(({ actor }) => actor)), keyIds: new Set(all.map(({ keyId }) => keyId)) };
}

/** True when this actor with this key had a hand in the work, so that their approval would be their own. */
export function hasContributed(contributors: Contributors, actor: string, keyId: string): boolean {
  return contributors.actors.has(actor) || contributors.keyIds.has(keyId);
}

/** What of a proposal a verdict is bound to. */
export type Judged = Pick<ProposalRecord, 'head' | 'revision'>;

/** True when the review judged what the proposal is now: this head, in this revision. */
export function isCurrent(review: Pick<ReviewRecord, 'headOid' | 'revision'>, { head, revision }: Judged): boolean {
  return review.headOid === head && review.revision === revision;
}

/** Each reviewer's last word on the present revision; comments are not a word on it. Reviews in the order they were made. */
export function verdictsOn(proposal: Judged, reviews: readonly ReviewRecord[]): ReadonlyMap<string, ReviewRecord> {
  const last = new Map<string, ReviewRecord>();
  for (const review of reviews) if (isCurrent(review, proposal) && review.verdict !== 'COMMENT') last.set(review.actor, review);
  return last;
}

/**
 * What stands between a head and its merge, in words: enough approvals of this very head by actors and keys that did not
 * contribute, and no reviewer who asks for changes.
 */
export function reviewRules(proposal: Judged, reviews: readonly ReviewRecord[], contributors: Contributors, approvalsRequired: number): RuleStatus[] {
  const verdicts = [...verdictsOn(proposal, reviews).values()];
  const approvals = verdicts.filter((review) => review.verdict === 'APPROVE' && !hasContributed(contributors, review.actor, review.keyId));
  const requests = verdicts.filter((review) => review.verdict === 'REQUEST_CHANGES');
  const missing = approvalsRequired - approvals.length;
  return [
    {
      rule: 'approvals',
      satisfied: missing <= 0,
      explanation:
        missing <= 0
          ? `It has ${count(approvals.length, 'approval')} of ${approvalsRequired} needed.`
          : `It needs ${count(missing, 'more approval')} of its present head by an actor who did not contribute to it.`,
    },
    {
      rule: 'no-changes-requested',
      satisfied: requests.length === 0,
      explanation: requests.length === 0 ? 'Nobody asks for changes.' : `${requests.map((review) => review.actor).join(', ')} asked for changes to its present head.`,
    },
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
