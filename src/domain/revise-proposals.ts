import type { EventPayload } from './operation.js';
import type { Transaction } from './ports/transaction.js';
import { PROPOSAL_TRANSITIONS, type ProposalRecord } from './proposal.js';
import { proposalEvent } from './proposal-event.js';
import type { BranchRecord } from './branch.js';
import type { BasesAfterMove } from './branch-move.js';
import type { RepoRecord } from './repo.js';

/**
 * What a source branch's move does to its pending proposals, inside the transaction of the move: each gets the new head as its
 * next revision, and loses the approvals and requests that judged an older one. Answers the events to publish.
 *
 * `basesAfter` gives the merge base of the new head with the target, by proposal id; a proposal that was opened since keeps
 * its own base, which a move that only adds commits does not change. null: a part of a proposal has landed since, or it was turned
 * to another target, so that its base must be worked out again.
 */
export async function reviseProposals(tx: Transaction, repo: RepoRecord, branch: BranchRecord, basesAfter: BasesAfterMove): Promise<EventPayload[] | null> {
  const events: EventPayload[] = [];
  for (const proposal of await tx.pendingProposalsOf(branch.id)) {
    const moved = basesAfter.get(proposal.id);
    if (moved !== undefined && moved.before !== proposal.base) return null;
    const base = moved?.after ?? proposal.base;
    const state = PROPOSAL_TRANSITIONS[proposal.state].REVISE ?? proposal.state;
    await tx.reviseProposal({ id: proposal.id, expectedVersion: proposal.version, state, head: branch.head, base });
    events.push(proposalRevised(repo, proposal, branch));
  }
  return events;
}

/** The event of a new revision: from the head that the proposal had to the one that its source has. */
export function proposalRevised(repo: RepoRecord, proposal: ProposalRecord, source: Pick<BranchRecord, 'id' | 'name' | 'head'>): EventPayload {
  return proposalEvent('PROPOSAL_REVISED', repo, proposal, { branchId: source.id, branchName: source.name, before: proposal.head, after: source.head });
}
