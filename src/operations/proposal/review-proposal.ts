import { keyFamily } from '../../domain/api-key.js';
import * as violations from '../../domain/input-violations.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import { isPending, PROPOSAL_TRANSITIONS, type ProposalRecord } from '../../domain/proposal.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import { hasContributed } from '../../domain/review-rules.js';
import * as problems from '../../domain/problems.js';
import { BODY, COMMENT, textViolation } from '../../domain/text.js';
import type { ThreadAnchor } from '../../domain/thread.js';
import { firstBroken, optionalText } from '../checks.js';
import { anchorOf } from './comment-anchor.js';
import { defineOperation, refused } from '../define-operation.js';
import type { ReviewCommentInput, ReviewProposalInput } from '../inputs.js';
import { proposalContributors } from './proposal-facts.js';
import type { ReviewReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findProposal, findRepo, type Found } from '../targets.js';

const WANTED = { APPROVE: 'approved', REQUEST_CHANGES: 'sent back', COMMENT: 'commented on' } as const;

/**
 * A judgement of one exact head, with remarks on its lines if there are any: `head` is what the reviewer looked at, and it is refused when the proposal has moved on since. An
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
    if (input.verdict === 'APPROVE' && hasContributed(await proposalContributors(request, proposal), viewer.actor, keyFamily(viewer.key))) {
      return refused(problems.ownContribution(proposal.number));
    }
    const remarks = await remarksOf(request, proposal, input.comments ?? []);
    if (!remarks.ok) return refused(remarks.problem);

    return {
      kind: 'write',
      async apply(tx) {
        const changed = await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, state });
        if (changed === null) return { kind: 'moved', branchId: proposal.sourceBranchId };
        const review = await tx.insertReview({ proposalId: proposal.id, verdict: input.verdict, body: input.body ?? '', actor: viewer.actor, keyId: keyFamily(viewer.key), headOid: proposal.head, revision: proposal.revision });
        const commentIds = await insertRemarks(tx, request, proposal, remarks.value);
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: {
            refs: [],
            subject: { type: 'Review', id: review.id },
            runId: proposal.runId,
            events: [
              proposalEvent('PROPOSAL_REVIEWED', repo, proposal, { reviewId: review.id }),
              ...commentIds.map((commentId) => proposalEvent('PROPOSAL_COMMENTED', repo, proposal, { commentId })),
            ],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, reviewId: review.id, operation }),
        };
      },
    };
  },
});

/** Most comments that one review brings: as many as a page shows. */
const MAX_REMARKS = 100;

/** A comment of a review, its place looked up. */
interface Remark {
  readonly anchor: ThreadAnchor | null;
  readonly body: string;
}

async function remarksOf(request: Request, proposal: ProposalRecord, comments: readonly ReviewCommentInput[]): Promise<Found<readonly Remark[]>> {
  if (comments.length > MAX_REMARKS) return { ok: false, problem: problems.invalidInput('comments', violations.tooMany('comments', MAX_REMARKS, comments.length)) };
  const remarks: Remark[] = [];
  for (const [index, comment] of comments.entries()) {
    const field = `comments[${index}].`;
    const broken = firstBroken([[`${field}body`, textViolation(COMMENT, comment.body)]]);
    if (broken !== null) return { ok: false, problem: broken };
    const anchor = await anchorOf(request, proposal, comment, field);
    if (!anchor.ok) return anchor;
    remarks.push({ anchor: anchor.value, body: comment.body });
  }
  return { ok: true, value: remarks };
}

async function insertRemarks(tx: Transaction, { viewer }: Request, proposal: ProposalRecord, remarks: readonly Remark[]): Promise<number[]> {
  const ids: number[] = [];
  for (const { anchor, body } of remarks) {
    const thread = await tx.insertThread({ proposalId: proposal.id, revision: proposal.revision, anchor, createdBy: viewer.actor, keyId: keyFamily(viewer.key) });
    ids.push((await tx.insertComment({ threadId: thread.id, actor: viewer.actor, keyId: keyFamily(viewer.key), body })).id);
  }
  return ids;
}
