import { basesAfterMove } from '../domain/branch-move.js';
import { actorAsAuthor, authorityTrailers } from '../domain/commit-draft.js';
import { messageViolation } from '../domain/commit-data.js';
import { landedHead, landMerge } from '../domain/land-merge.js';
import { planMerge } from '../domain/merge-plan.js';
import * as problems from '../domain/problems.js';
import { PROPOSAL_TRANSITIONS, type ProposalRecord } from '../domain/proposal.js';
import type { BranchRecord } from '../domain/branch.js';
import type { Problem } from '../domain/problem.js';
import type { RepoRecord } from '../domain/repo.js';
import { firstBroken } from './checks.js';
import { defineOperation, refused } from './define-operation.js';
import type { MergeProposalInput } from './inputs.js';
import { mergeable, sourceDeletionRefusal } from './merge-refusals.js';
import { proposalRules } from './proposal-facts.js';
import type { ProposalMergeReceipt } from './receipts.js';
import type { Request } from './request.js';
import { findBranch, findProposal, findRepo, staleness } from './targets.js';

/**
 * Lets an approved proposal pass into its target: exactly the head that was reviewed (`expectedHead`), merged with whatever the
 * target's head is by then unless `expectedTarget` names one. Needs MERGE and a target within the key's `branches`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, RulesUnmet, InvalidState, MergeConflicted, Busy.
 */
export const mergeProposal = defineOperation<MergeProposalInput, ProposalMergeReceipt>({
  kind: 'MERGE_PROPOSAL',
  action: 'mergeProposal',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const found = await findRepo(request, 'mergeProposal', input.repo);
    if (!found.ok) return refused(found.problem);
    const repo = found.value;
    const wanted = await findProposal(request, repo, input.number);
    if (!wanted.ok) return refused(wanted.problem);
    const proposal = wanted.value;
    const into = await findBranch(request, 'mergeProposal', repo, proposal.targetName);
    if (!into.ok) return refused(into.problem);
    const target = into.value;
    // A name used again is another branch, which nobody asked to change.
    if (target.id !== proposal.targetBranchId) return refused(problems.notFound('branch', proposal.targetName));
    const source = await liveSource(request, proposal);
    const message = input.message ?? `${proposal.title}\n\nMerge proposal ${proposal.number} from ${proposal.sourceName} into ${target.name}`;
    const deleteSource = input.deleteSource ?? false;
    const refusal =
      firstBroken([['message', messageViolation(message)]]) ??
      (await standsInTheWay(request, repo, proposal, target, input)) ??
      (deleteSource && source !== null ? sourceDeletionRefusal(request, repo, source) : null);
    if (refusal !== null) return refused(refusal);

    const objects = gateway.storage.objects.open(repo.id);
    const graph = await gateway.storage.graph(repo.id);
    const landingBase = await gateway.storage.landingBase(repo.id, proposal.head, target.head);
    const question = { strategy: input.strategy ?? 'MERGE', sourceName: proposal.sourceName, sourceHead: proposal.head, targetName: target.name, targetHead: target.head, landingBase } as const;
    const trailers = authorityTrailers({ runId: proposal.runId, sessionId: source?.sessionId ?? null, actor: viewer.actor, checkpoint: `${target.nextCheckpoint}@${target.name}` });
    const merge = mergeable(repo, question, await planMerge(objects, graph, question, { author: actorAsAuthor(viewer.actor), message, trailers, at: gateway.now() }));
    if (!merge.ok) return refused(merge.problem);
    const { plan } = merge;
    const base = landingBase ?? graph.mergeBases(target.head, proposal.head)[0] ?? proposal.base;
    const bases = await basesAfterMove(request.reader, graph, target, [target.head, proposal.head]);

    return {
      kind: 'write',
      async apply(tx) {
        const landed =
          plan === null
            ? ({ kind: 'landed', refs: [], events: [] } as const)
            : await landMerge(tx, {
                repo,
                source,
                sourceHead: proposal.head,
                target,
                plan,
                deleteSource,
                bases,
                checkpoint: { origin: 'MERGE', message, prompt: null, runId: proposal.runId, sessionId: source?.sessionId ?? null, metadata: [], createdBy: viewer.actor, keyId: viewer.key.id },
              });
        if (landed.kind === 'moved') return landed;
        const commit = plan === null ? target.head : landedHead(plan);
        const merged = await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, state: 'MERGED', base, closedBy: viewer.actor, mergeCommit: commit });
        if (merged === null) return { kind: 'moved', branchId: target.id };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: {
            refs: landed.refs,
            subject: { type: 'Proposal', id: proposal.id },
            runId: proposal.runId,
            events: [...landed.events, { kind: 'PROPOSAL_MERGED', repoName: repo.name, proposalId: proposal.id, proposalNumber: proposal.number, sourceName: proposal.sourceName, commit }],
          },
          receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, branchId: target.id, outcome: plan?.outcome ?? 'UP_TO_DATE', commit, operation }),
        };
      },
      committed: () => {
        if (plan?.outcome === 'MERGED' && plan.pack !== null) objects.adopt(plan.pack);
      },
    };
  },
});

/** The source branch while it is alive and still at the proposed head; the commit is merged without it otherwise. */
async function liveSource(request: Request, proposal: ProposalRecord): Promise<BranchRecord | null> {
  const source = await request.reader.branch(proposal.sourceBranchId);
  return source === null || source.deletedAt !== null || source.head !== proposal.head ? null : source;
}

async function standsInTheWay(request: Request, repo: RepoRecord, proposal: ProposalRecord, target: BranchRecord, input: MergeProposalInput): Promise<Problem | null> {
  if (input.expectedHead !== proposal.head) {
    const source = await request.reader.branch(proposal.sourceBranchId);
    const expected = { head: input.expectedHead, version: null };
    return source === null ? problems.headNotReviewed(proposal.number, proposal.head) : problems.staleHead({ ...source, head: proposal.head }, expected);
  }
  if (PROPOSAL_TRANSITIONS[proposal.state].MERGE === null && proposal.state !== 'CHANGES_REQUESTED') return problems.proposalState(proposal.number, proposal.state, 'merged');
  const rules = await proposalRules(request, repo, proposal);
  if (rules.some((rule) => !rule.satisfied)) return problems.rulesUnmet(proposal.number, rules);
  if (PROPOSAL_TRANSITIONS[proposal.state].MERGE === null) return problems.proposalState(proposal.number, proposal.state, 'merged');
  return staleness(target, input.expectedTarget, null);
}
