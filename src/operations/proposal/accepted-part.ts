import type { MergePart } from '../../domain/accept-input.js';
import { keyFamily } from '../../domain/api-key.js';
import type { EventPayload } from '../../domain/operation.js';
import * as violations from '../../domain/part-violations.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import { PROPOSAL_TRANSITIONS, type ProposalRecord } from '../../domain/proposal.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import type { RepoRecord } from '../../domain/repo.js';
import { REASON } from '../../domain/text.js';
import type { Viewer } from '../../auth/viewer.js';
import { optionalText, type Check } from '../checks.js';
import type { MergeProposalInput } from '../inputs.js';

/** True when the caller wants a part of the proposal. */
export function isPart({ only }: MergeProposalInput): boolean {
  return only !== null && only !== undefined;
}

/** The part that is asked for, of what the proposal shows; undefined where it shows no change of anything, for want of a base. */
export function partOf({ base }: ProposalRecord, { only }: MergeProposalInput): MergePart | undefined {
  return base === null ? undefined : { base, only: only ?? [] };
}

/** The rules of what is said of the rest. */
export function partChecks(input: MergeProposalInput, asRevision: boolean): Check[] {
  if (!isPart(input)) return [];
  return [
    optionalText(REASON, 'declineReason', input.declineReason),
    ['resolutions', asRevision ? violations.resolvedPartNeedsReview() : null],
    ['deleteSource', input.rest === 'KEEP_OPEN' && input.deleteSource === true ? violations.sourceStays() : null],
  ];
}

/** What the author is told of the rest where the reviewer says nothing. */
const REST_STAYS = 'A part of it was merged; the rest stays open.';

/**
 * Leaves a proposal open for the rest once a part of it has landed: as if whoever merged it had asked for changes, with a review that
 * says why, and `base` in place of what it was compared with. null: it was changed meanwhile.
 */
export async function keepOpen(
  tx: Transaction,
  viewer: Viewer,
  { repo, proposal, base, reason }: { readonly repo: RepoRecord; readonly proposal: ProposalRecord; readonly base: string; readonly reason: string | null | undefined },
): Promise<EventPayload | null> {
  const state = PROPOSAL_TRANSITIONS[proposal.state].REQUEST_CHANGES ?? proposal.state;
  if ((await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, state, base })) === null) return null;
  const review = await tx.insertReview({ proposalId: proposal.id, verdict: 'REQUEST_CHANGES', body: reason ?? REST_STAYS, actor: viewer.actor, keyId: keyFamily(viewer.key), headOid: proposal.head, revision: proposal.revision });
  return proposalEvent('PROPOSAL_REVIEWED', repo, proposal, { reviewId: review.id });
}
