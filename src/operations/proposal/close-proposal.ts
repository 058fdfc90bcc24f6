import { tendingRefusal } from '../../auth/tend-proposal.js';
import { endProposal } from '../../domain/end-proposal.js';
import * as problems from '../../domain/problems.js';
import { PROPOSAL_TRANSITIONS } from '../../domain/proposal.js';
import { defineOperation, refused } from '../define-operation.js';
import type { ProposalInput } from '../inputs.js';
import type { ProposalReceipt } from '../receipts.js';
import { findProposal, findRepo } from '../targets.js';

/**
 * Ends a proposal without a merge and without a verdict: its author withdraws it, or a reviewer tidies up. The branch stays. Needs PROPOSE,
 * and REVIEW for a proposal that this actor and this key did not open.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState.
 */
export const closeProposal = defineOperation<ProposalInput, ProposalReceipt>({
  kind: 'CLOSE_PROPOSAL',
  action: 'closeProposal',
  async decide(request, input) {
    const { viewer } = request;
    const target = await findRepo(request, 'closeProposal', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const found = await findProposal(request, repo, input.number);
    if (!found.ok) return refused(found.problem);
    const proposal = found.value;
    const state = PROPOSAL_TRANSITIONS[proposal.state].CLOSE;
    if (state === null) return refused(problems.proposalState(proposal.number, proposal.state, 'closed'));
    const refusal = tendingRefusal(viewer, proposal);
    if (refusal !== null) return refused(refusal);

    return {
      kind: 'write',
      async apply(tx) {
        const event = await endProposal(tx, repo, proposal, { state }, viewer.actor);
        if (event === null) return { kind: 'moved', branchId: proposal.sourceBranchId };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Proposal', id: proposal.id }, runId: proposal.runId, events: [event] },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, operation }),
        };
      },
    };
  },
});
