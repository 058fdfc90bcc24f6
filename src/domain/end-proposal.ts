import type { EventPayload } from './operation.js';
import type { Transaction } from './ports/transaction.js';
import type { ProposalRecord } from './proposal.js';
import { proposalEvent } from './proposal-event.js';
import type { RepoRecord } from './repo.js';

/** How a proposal ends without a merge: turned down by a reviewer, who says why, or closed, with a reason where nobody asked for it. */
export type ProposalEnd = { readonly state: 'REJECTED'; readonly reason: string } | { readonly state: 'CLOSED'; readonly reason?: string };

/**
 * Ends a proposal without merging it, inside the transaction: head and base are frozen, who did it and when is kept. Answers the event to
 * publish, or null when another operation changed the proposal since it was read. The caller has asked the transition table before.
 */
export async function endProposal(tx: Transaction, repo: RepoRecord, proposal: ProposalRecord, end: ProposalEnd, actor: string): Promise<EventPayload | null> {
  const ended = await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, closedBy: actor, ...end });
  if (ended === null) return null;
  const { state, reason } = end;
  return proposalEvent(state === 'CLOSED' ? 'PROPOSAL_CLOSED' : 'PROPOSAL_REJECTED', repo, proposal, reason === undefined ? {} : { reason });
}
