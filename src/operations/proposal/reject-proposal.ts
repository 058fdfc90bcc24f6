import { endProposal } from '../../domain/end-proposal.js';
import type { EventPayload, RefChange } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { PROPOSAL_TRANSITIONS } from '../../domain/proposal.js';
import { REASON, textViolation } from '../../domain/text.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { RejectProposalInput } from '../inputs.js';
import { sourceDeletionRefusal } from '../merge-refusals.js';
import type { ProposalReceipt } from '../receipts.js';
import { findProposal, findRepo } from '../targets.js';

/**
 * Ends a proposal without merging it, and says why. Its branch stays for another try, unless `deleteSource`. Needs REVIEW, and WRITE
 * within the key's `branches` to delete the source.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState, ProtectedBranch.
 */
export const rejectProposal = defineOperation<RejectProposalInput, ProposalReceipt>({
  kind: 'REJECT_PROPOSAL',
  action: 'rejectProposal',
  async decide(request, input) {
    const { viewer } = request;
    const target = await findRepo(request, 'rejectProposal', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const found = await findProposal(request, repo, input.number);
    if (!found.ok) return refused(found.problem);
    const proposal = found.value;
    const broken = firstBroken([['reason', textViolation(REASON, input.reason)]]);
    if (broken !== null) return refused(broken);
    const state = PROPOSAL_TRANSITIONS[proposal.state].REJECT;
    if (state === null) return refused(problems.proposalState(proposal.number, proposal.state, 'rejected'));
    const branch = await request.reader.branch(proposal.sourceBranchId);
    const doomed = (input.deleteSource ?? false) && branch !== null && branch.deletedAt === null ? branch : null;
    const refusal = doomed === null ? null : sourceDeletionRefusal(request, repo, doomed);
    if (refusal !== null) return refused(refusal);

    return {
      kind: 'write',
      async apply(tx) {
        const refs: RefChange[] = [];
        const events: EventPayload[] = [];
        if (doomed !== null) {
          const deleted = await tx.deleteBranch(doomed.id, doomed.version);
          if (deleted === null) return { kind: 'moved', branchId: doomed.id };
          refs.push({ branchName: doomed.name, before: doomed.head, after: null });
          events.push({ kind: 'BRANCH_DELETED', repoName: repo.name, branchId: doomed.id, branchName: doomed.name, before: doomed.head, after: null, version: deleted.version });
        }
        const event = await endProposal(tx, repo, proposal, { state, reason: input.reason }, viewer.actor);
        if (event === null) return { kind: 'moved', branchId: proposal.sourceBranchId };
        events.push(event);
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs, subject: { type: 'Proposal', id: proposal.id }, runId: proposal.runId, events },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, operation }),
        };
      },
    };
  },
});
