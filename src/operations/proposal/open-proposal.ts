import { keyFamily } from '../../domain/api-key.js';
import { messageViolation } from '../../domain/commit-data.js';
import * as violations from '../../domain/input-violations.js';
import { BODY, textViolation, TITLE } from '../../domain/text.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import { firstBroken, labelChecks, optionalText, runChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { OpenProposalInput } from '../inputs.js';
import { alreadyProposed, proposalBase } from './proposal-base.js';
import type { ProposalReceipt } from '../receipts.js';
import { findBranch, findRepo } from '../targets.js';

/**
 * Asks that the work of one branch pass into another (the default branch unless named). The proposal follows its source: its head
 * is revision 1, every further checkpoint a new one. Needs PROPOSE and a source that the key can read.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (already proposed, nothing to propose, unrelated), LimitExceeded.
 */
export const openProposal = defineOperation<OpenProposalInput, ProposalReceipt>({
  kind: 'OPEN_PROPOSAL',
  action: 'openProposal',
  async decide(request, input) {
    const { viewer } = request;
    const target = await findRepo(request, 'openProposal', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const from = await findBranch(request, 'openProposal', repo, input.source);
    if (!from.ok) return refused(from.problem);
    const source = from.value;
    const into = await findBranch(request, null, repo, input.target ?? repo.defaultBranch);
    if (!into.ok) return refused(into.problem);
    const destination = into.value;
    const broken = firstBroken([
      ['source', source.id === destination.id ? violations.sameBranch(source.name) : null],
      ['title', textViolation(TITLE, input.title) ?? messageViolation(input.title)],
      optionalText(BODY, 'body', input.body),
      ...runChecks(input),
      ...labelChecks('metadata', input.metadata),
    ]);
    if (broken !== null) return refused(broken);

    const based = await proposalBase(request, source, destination);
    if (!based.ok) return refused(based.problem);

    return {
      kind: 'write',
      async apply(tx) {
        // The source is held at the head that was read: what is proposed is what was seen, and of two callers one sees the other's.
        if (!(await tx.holdBranch(source.id, source.version))) return { kind: 'moved', branchId: source.id };
        const rival = await alreadyProposed(tx, source, destination);
        if (rival !== null) return { kind: 'refused', problem: rival };
        const proposal = await tx.insertProposal({
          repoId: repo.id,
          title: input.title,
          body: input.body ?? '',
          sourceBranchId: source.id,
          sourceName: source.name,
          targetBranchId: destination.id,
          targetName: destination.name,
          head: source.head,
          base: based.value,
          createdBy: viewer.actor,
          keyId: keyFamily(viewer.key),
          runId: input.runId ?? source.runId,
          metadata: input.metadata ?? [],
        });
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: {
            refs: [],
            subject: { type: 'Proposal', id: proposal.id },
            runId: proposal.runId,
            events: [proposalEvent('PROPOSAL_OPENED', repo, proposal, { branchId: source.id, branchName: source.name, after: source.head })],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, operation }),
        };
      },
    };
  },
});
