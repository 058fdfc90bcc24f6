import { holdsScope } from '../../auth/scopes.js';
import { keyFamily } from '../../domain/api-key.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import * as problems from '../../domain/problems.js';
import type { ProposalRecord } from '../../domain/proposal.js';
import type { ThreadRecord } from '../../domain/thread.js';
import { defineOperation, refused } from '../define-operation.js';
import type { ResolveThreadInput } from '../inputs.js';
import type { ThreadReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findRepo, findThread } from '../targets.js';

/**
 * Settles a thread, or opens it again. For reviewers, for whoever began the thread, and for the author of the proposal, who did what was asked.
 * Needs REVIEW, or PROPOSE for one's own.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (it is so already).
 */
export const resolveThread = defineOperation<ResolveThreadInput, ThreadReceipt>({
  kind: 'RESOLVE_THREAD',
  action: 'resolveThread',
  async decide(request, input) {
    const absent = problems.notFound('thread', input.thread);
    const found = await findThread(request, input.thread, null);
    const proposal = found.ok ? await request.reader.proposal(found.value.proposalId) : null;
    if (!found.ok || proposal === null) return refused(absent);
    const thread = found.value;
    const ground = await findRepo(request, 'resolveThread', `Repo:${proposal.repoId}`);
    if (!ground.ok) return refused(ground.problem.code === 'NOT_FOUND' ? absent : ground.problem);
    const repo = ground.value;
    if ((thread.resolvedAt !== null) === input.resolved) return refused(problems.threadSettled(input.resolved));
    if (!maySettle(request, proposal, thread)) return refused(problems.forbidden('REVIEW'));

    return {
      kind: 'write',
      async apply(tx) {
        const settled = await tx.settleThread(thread.id, input.resolved ? request.viewer.actor : null);
        if (settled === null) return { kind: 'refused', problem: problems.threadSettled(input.resolved) };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: {
            refs: [],
            subject: { type: 'Thread', id: thread.id },
            runId: proposal.runId,
            events: [proposalEvent('PROPOSAL_UPDATED', repo, proposal)],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, threadId: thread.id, operation }),
        };
      },
    };
  },
});

function maySettle({ viewer: { actor, key } }: Request, proposal: ProposalRecord, thread: ThreadRecord): boolean {
  return holdsScope(key, 'REVIEW') || [proposal, thread].some(({ createdBy, keyId }) => createdBy === actor || keyId === keyFamily(key));
}
