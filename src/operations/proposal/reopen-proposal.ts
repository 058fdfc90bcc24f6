import { authorize } from '../../auth/authorize.js';
import { tendingRefusal } from '../../auth/tend-proposal.js';
import type { BranchRecord } from '../../domain/branch.js';
import * as problems from '../../domain/problems.js';
import { PROPOSAL_TRANSITIONS, type ProposalRecord } from '../../domain/proposal.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import { proposalRevised } from '../../domain/revise-proposals.js';
import type { RepoRecord } from '../../domain/repo.js';
import { defineOperation, refused } from '../define-operation.js';
import type { ProposalInput } from '../inputs.js';
import { alreadyProposed, proposalBase } from './proposal-base.js';
import type { ProposalReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findProposal, findRepo, type Found } from '../targets.js';

/**
 * Takes up again what was closed or rejected, at the head that its source has by now: a new revision, judged anew, so that no approval from
 * before the end counts. Needs PROPOSE, and REVIEW for what was rejected, or opened by another actor with another key.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (merged, pending, a branch gone, nothing to propose, proposed by another by now), LimitExceeded.
 */
export const reopenProposal = defineOperation<ProposalInput, ProposalReceipt>({
  kind: 'REOPEN_PROPOSAL',
  action: 'reopenProposal',
  async decide(request, input) {
    const ground = await findRepo(request, 'reopenProposal', input.repo);
    if (!ground.ok) return refused(ground.problem);
    const repo = ground.value;
    const found = await findProposal(request, repo, input.number);
    if (!found.ok) return refused(found.problem);
    const proposal = found.value;
    const state = PROPOSAL_TRANSITIONS[proposal.state].REOPEN;
    if (state === null) return refused(problems.proposalState(proposal.number, proposal.state, 'reopened'));
    const refusal = tendingRefusal(request.viewer, proposal);
    if (refusal !== null) return refused(refusal);
    const branches = await branchesOf(request, repo, proposal);
    if (!branches.ok) return refused(branches.problem);
    const { source, target } = branches.value;
    const based = await proposalBase(request, source, target);
    if (!based.ok) return refused(based.problem);

    return {
      kind: 'write',
      async apply(tx) {
        if (!(await tx.holdBranch(source.id, source.version))) return { kind: 'moved', branchId: source.id };
        const rival = await alreadyProposed(tx, source, target);
        if (rival !== null) return { kind: 'refused', problem: rival };
        const open = await tx.reviseProposal({
          id: proposal.id,
          expectedVersion: proposal.version,
          state,
          head: source.head,
          base: based.value,
          judgedAnew: true,
          sourceName: source.name,
          targetName: target.name,
          closedBy: null,
          reason: null,
        });
        if (open === null) return { kind: 'moved', branchId: source.id };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: {
            refs: [],
            subject: { type: 'Proposal', id: proposal.id },
            runId: proposal.runId,
            events: [proposalEvent('PROPOSAL_REOPENED', repo, open), proposalRevised(repo, { ...open, head: proposal.head }, source)],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, operation }),
        };
      },
    };
  },
});

/** Both branches of an ended proposal as they are now, under whatever names: one that was deleted has to come back first. */
async function branchesOf(request: Request, repo: RepoRecord, proposal: ProposalRecord): Promise<Found<{ readonly source: BranchRecord; readonly target: BranchRecord }>> {
  const [source, target] = await Promise.all([request.reader.branch(proposal.sourceBranchId), request.reader.branch(proposal.targetBranchId)]);
  if (source === null || source.deletedAt !== null) return { ok: false, problem: problems.proposalBranchGone(proposal.number, 'source', proposal.sourceName) };
  // A branch that came back under another name may be one that this key cannot read.
  if (authorize(request.viewer, 'readBranch', { repoName: repo.name, branchName: source.name }) !== null) return { ok: false, problem: problems.notFound('branch', proposal.sourceName) };
  if (target === null || target.deletedAt !== null) return { ok: false, problem: problems.proposalBranchGone(proposal.number, 'target', proposal.targetName) };
  return { ok: true, value: { source, target } };
}
