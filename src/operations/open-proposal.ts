import { messageViolation } from '../domain/commit-data.js';
import * as violations from '../domain/input-violations.js';
import * as problems from '../domain/problems.js';
import { BODY, textViolation, TITLE } from '../domain/text.js';
import { pendingProposalsFrom } from '../domain/branch-move.js';
import { firstBroken, labelChecks, optionalText, runChecks } from './checks.js';
import { defineOperation, refused } from './define-operation.js';
import type { OpenProposalInput } from './inputs.js';
import type { ProposalReceipt } from './receipts.js';
import { findBranch, findRepo } from './targets.js';

/**
 * Asks that the work of one branch pass into another (the default branch unless named). The proposal follows its source: its head
 * is revision 1, every further checkpoint a new one. Needs PROPOSE and a source that the key can read.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (already proposed, nothing to propose, unrelated).
 */
export const openProposal = defineOperation<OpenProposalInput, ProposalReceipt>({
  kind: 'OPEN_PROPOSAL',
  action: 'openProposal',
  async decide(request, input) {
    const { gateway, viewer } = request;
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

    const graph = await gateway.storage.graph(repo.id);
    const base = (await gateway.storage.landingBase(repo.id, source.head, destination.head)) ?? graph.mergeBases(destination.head, source.head)[0] ?? null;
    if (base === null) return refused(problems.unrelatedHistories(source.name, destination.name));
    if (graph.isAncestor(source.head, destination.head)) return refused(problems.nothingToPropose(source.name, destination.name));
    const rival = (await pendingProposalsFrom(request.reader, source)).find((proposal) => proposal.targetBranchId === destination.id);
    if (rival !== undefined) return refused(problems.alreadyProposed(source.name, destination.name, rival.number));

    return {
      kind: 'write',
      async apply(tx) {
        // The source is held at the head that was read: what is proposed is what was seen, and of two callers one sees the other's.
        if (!(await tx.holdBranch(source.id, source.version))) return { kind: 'moved', branchId: source.id };
        const pending = await tx.pendingProposalsOf(source.id);
        const other = pending.find((proposal) => proposal.targetBranchId === destination.id);
        if (other !== undefined) return { kind: 'refused', problem: problems.alreadyProposed(source.name, destination.name, other.number) };
        const proposal = await tx.insertProposal({
          repoId: repo.id,
          title: input.title,
          body: input.body ?? '',
          sourceBranchId: source.id,
          sourceName: source.name,
          targetBranchId: destination.id,
          targetName: destination.name,
          head: source.head,
          base,
          createdBy: viewer.actor,
          keyId: viewer.key.id,
          runId: input.runId ?? source.runId,
          metadata: input.metadata ?? [],
        });
        await tx.insertRevision(proposal.id, source.head, base);
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: {
            refs: [],
            subject: { type: 'Proposal', id: proposal.id },
            runId: proposal.runId,
            events: [
              {
                kind: 'PROPOSAL_OPENED',
                repoName: repo.name,
                proposalId: proposal.id,
                proposalNumber: proposal.number,
                sourceName: source.name,
                branchId: source.id,
                branchName: source.name,
                after: source.head,
              },
            ],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, operation }),
        };
      },
    };
  },
});
