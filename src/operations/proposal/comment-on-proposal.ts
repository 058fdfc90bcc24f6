import { keyFamily } from '../../domain/api-key.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import * as problems from '../../domain/problems.js';
import * as violations from '../../domain/input-violations.js';
import { PROPOSAL_TRANSITIONS } from '../../domain/proposal.js';
import { COMMENT, textViolation } from '../../domain/text.js';
import { firstBroken } from '../checks.js';
import { anchorOf } from './comment-anchor.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CommentOnProposalInput } from '../inputs.js';
import type { CommentReceipt } from '../receipts.js';
import { findProposal, findRepo, findThread } from '../targets.js';

/**
 * Says something about a proposal: as a whole, on a file, on a line of one side of its diff, or in reply to what was said. It judges nothing, and
 * people may talk about what has ended. Needs REVIEW, or PROPOSE: authors answer.
 *
 * Refuses: InvalidInput, NotFound, Forbidden.
 */
export const commentOnProposal = defineOperation<CommentOnProposalInput, CommentReceipt>({
  kind: 'COMMENT',
  action: 'commentOnProposal',
  async decide(request, input) {
    const { viewer } = request;
    const ground = await findRepo(request, 'commentOnProposal', input.repo);
    if (!ground.ok) return refused(ground.problem);
    const repo = ground.value;
    const found = await findProposal(request, repo, input.number);
    if (!found.ok) return refused(found.problem);
    const proposal = found.value;
    const isPlaced = [input.path, input.side, input.line].some((member) => member !== null && member !== undefined);
    const replies = input.thread ?? null;
    const broken = firstBroken([
      ['body', textViolation(COMMENT, input.body)],
      ['thread', replies !== null && isPlaced ? violations.replyWithPlace() : null],
    ]);
    if (broken !== null) return refused(broken);
    if (PROPOSAL_TRANSITIONS[proposal.state].DISCUSS === null) return refused(problems.proposalState(proposal.number, proposal.state, 'commented on'));
    const thread = replies === null ? null : await findThread(request, replies, proposal);
    if (thread !== null && !thread.ok) return refused(thread.problem);
    const anchor = await anchorOf(request, proposal, input);
    if (!anchor.ok) return refused(anchor.problem);

    return {
      kind: 'write',
      async apply(tx) {
        const by = { keyId: keyFamily(viewer.key) };
        const { id: threadId } = thread?.value ?? (await tx.insertThread({ ...by, proposalId: proposal.id, revision: proposal.revision, anchor: anchor.value, createdBy: viewer.actor }));
        const comment = await tx.insertComment({ ...by, threadId, actor: viewer.actor, body: input.body });
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: {
            refs: [],
            subject: { type: 'Comment', id: comment.id },
            runId: proposal.runId,
            events: [proposalEvent('PROPOSAL_COMMENTED', repo, proposal, { commentId: comment.id })],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, threadId, commentId: comment.id, operation }),
        };
      },
    };
  },
});
