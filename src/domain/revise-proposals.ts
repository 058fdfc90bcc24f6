import type { EventPayload } from './operation.js';
import type { Transaction } from './ports/transaction.js';
import { PROPOSAL_TRANSITIONS } from './proposal.js';
import type { BranchRecord } from './branch.js';
import type { RepoRecord } from './repo.js';

/**
 * What a source branch's move does to its pending proposals, inside the transaction of the move: each gets the new head as its
 * next revision, and loses the approvals and requests that judged an older one. Answers the events to publish.
 *
 * `basesAfter` gives the merge base of the new head with the target, by proposal id; a proposal that was opened since keeps
 * its own base, which a move that only adds commits does not change.
 */
export async function reviseProposals(tx: Transaction, repo: RepoRecord, branch: BranchRecord, basesAfter: ReadonlyMap<number, string | null>): Promise<EventPayload[]> {
  const events: EventPayload[] = [];
  for (const proposal of await tx.pendingProposalsOf(branch.id)) {
    const base = basesAfter.get(proposal.id) ?? proposal.base;
    const state = PROPOSAL_TRANSITIONS[proposal.state].REVISE ?? proposal.state;
    await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, state, head: branch.head, base });
    await tx.insertRevision(proposal.id, branch.head, base);
    events.push({
      kind: 'PROPOSAL_REVISED',
      repoName: repo.name,
      proposalId: proposal.id,
      proposalNumber: proposal.number,
      sourceName: proposal.sourceName,
      branchId: branch.id,
      branchName: branch.name,
      before: proposal.head,
      after: branch.head,
    });
  }
  return events;
}
