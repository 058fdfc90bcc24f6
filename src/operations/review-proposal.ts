import { isPending, PROPOSAL_TRANSITIONS } from '../domain/proposal.js';
import { proposalEvent } from '../domain/proposal-event.js';
import { hasContributed } from '../domain/review-rules.js';
import * as problems from '../domain/problems.js';
import { BODY } from '../domain/text.js';
import { firstBroken, optionalText } from './checks.js';
import { defineOperation, refused } from './define-operation.js';
import type { ReviewProposalInput } from './inputs.js';
import { proposalContributors } from './proposal-facts.js';
import type { ReviewReceipt } from './receipts.js';
import { findProposal, findRepo } from './targets.js';

const WANTED = { APPROVE: 'approved', REQUEST_CHANGES: 'sent back', COMMENT: 'commented on' } as const;

/**
 * A judgement of one exact head: `head` is what the reviewer looked at, and it is refused when the proposal has moved on since. An
 * approval by an actor or a key that had a hand in the work is refused. Needs REVIEW.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, InvalidState.
 */
export const reviewProposal = defineOperation<ReviewProposalInput, ReviewReceipt>({
  kind: 'REVIEW_PROPOSAL',
  action: 'reviewProposal',
  async decide(request, input) {
    const { viewer } = request;
    const target = await findRepo(request, 'reviewProposal', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const found = await findProposal(request, repo, input.number);
    if (!found.ok) return refused(found.problem);
    const proposal = found.value;
    const broken = firstBroken([optionalText(BODY, 'body', input.body)]);
    if (broken !== null) return refused(broken);
    const state = PROPOSAL_TRANSITIONS[proposal.state][input.verdict];
    if (state === null || !isPending(proposal.state)) return refused(problems.proposalState(proposal.number, proposal.state, WANTED[input.verdict]));
    if (input.head !== proposal.head) {
      const source = await request.reader.branch(proposal.sourceBranchId);
      return refused(source === null ? problems.headNotReviewed(proposal.number, proposal.head) : problems.staleHead({ ...source, head: proposal.head }, { head: input.head, version: null }));
    }
    if (input.verdict === 'APPROVE' && hasContributed(await proposalContributors(request, proposal), viewer.actor, viewer.key.id)) {
      return refused(problems.ownContribution(proposal.number));
    }

    return {
      kind: 'write',
      async apply(tx) {
        const changed = await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, state });
        if (changed === null) return { kind: 'moved', branchId: proposal.sourceBranchId };
        const review = await tx.insertReview({ proposalId: proposal.id, verdict: input.verdict, body: input.body ?? '', actor: viewer.actor, keyId: viewer.key.id, headOid: proposal.head, revision: proposal.revision });
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: {
            refs: [],
            subject: { type: 'Review', id: review.id },
            runId: proposal.runId,
            events: [proposalEvent('PROPOSAL_REVIEWED', repo, proposal, { reviewId: review.id })],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, reviewId: review.id, operation }),
        };
      },
    };
  },
});
