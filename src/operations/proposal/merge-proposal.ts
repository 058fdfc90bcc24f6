import { authorize } from '../../auth/authorize.js';
import { keyFamily } from '../../domain/api-key.js';
import { basesAfterMove } from '../../domain/branch-move.js';
import { actorAsAuthor, authorityTrailers } from '../../domain/commit-draft.js';
import { messageViolation } from '../../domain/commit-data.js';
import * as violations from '../../domain/input-violations.js';
import { landedHead, landedOn, landMerge, type WritingPlan } from '../../domain/land-merge.js';
import { planMerge } from '../../domain/merge-plan.js';
import * as problems from '../../domain/problems.js';
import { PROPOSAL_TRANSITIONS, type ProposalRecord } from '../../domain/proposal.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import type { BranchRecord } from '../../domain/branch.js';
import type { BasesAfterMove } from '../../domain/branch-move.js';
import type { MergePart } from '../../domain/accept-input.js';
import type { NewCheckpoint, Transaction } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import type { RepoRecord } from '../../domain/repo.js';
import { asksForApproval, rulesFor } from '../../domain/target-rules.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused, type Applied } from '../define-operation.js';
import type { MergeProposalInput } from '../inputs.js';
import { mergeable, mergeMeans, sourceDeletionRefusal } from '../merge-refusals.js';
import { proposalRules } from './proposal-facts.js';
import type { ProposalMergeReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { isPart, keepOpen, partChecks, partOf } from './accepted-part.js';
import { findBranch, findProposal, findRepo, staleness, type Found } from '../targets.js';

/**
 * Lets an approved proposal pass into its target: exactly the head that was reviewed (`expectedHead`), merged with whatever the
 * target's head is by then unless `expectedTarget` names one. Needs MERGE, a target within the key's `branches`, and `paths` that
 * reach whatever the merge itself has to write.
 *
 * Resolutions settle what conflicts. Where approvals are required nobody has approved them yet: they become a new revision of the
 * proposal, the target taken into its source with them, and the outcome stays CONFLICTED until that is reviewed and merged.
 *
 * With `only`, some files and hunks of what was reviewed go in, as one commit on the target; the rest is declined, or stays open and
 * is then what the proposal shows.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, ProtectedBranch, RulesUnmet, InvalidState, MergeConflicted, Busy.
 */
export const mergeProposal = defineOperation<MergeProposalInput, ProposalMergeReceipt>({
  kind: 'MERGE_PROPOSAL',
  action: 'mergeProposal',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const found = await findMerge(request, input);
    if (!found.ok) return refused(found.problem);
    const { repo, proposal, target, source, written, asRevision, message, part } = found.value;
    const graph = await gateway.storage.graph(repo.id);
    const landingBase = await gateway.storage.landingBase(repo.id, proposal.head, target.head);
    const question = {
      repoId: repo.id,
      strategy: input.strategy ?? 'MERGE',
      sourceName: proposal.sourceName,
      sourceHead: proposal.head,
      targetName: target.name,
      targetHead: target.head,
      landingBase,
      resolutions: input.resolutions ?? [],
      asRevision,
      ...(part === null ? {} : { part }),
    };
    const means = mergeMeans(request, 'mergeProposal', repo, written, graph);
    const trailers = authorityTrailers({ runId: proposal.runId, sessionId: source?.sessionId ?? null, actor: viewer.actor, checkpoint: `${written.nextCheckpoint}@${written.name}` });
    const merge = mergeable(question, await planMerge(means, question, { author: actorAsAuthor(viewer.actor), message, trailers, at: gateway.now() }));
    if (!merge.ok) return refused(merge.problem);
    const { plan } = merge;
    if (asRevision && plan === null) return refused(problems.nothingToPropose(proposal.sourceName, target.name));
    // A part is taken from the change that was shown; its base stays what it was.
    const base = part === null ? (landingBase ?? graph.mergeBases(target.head, proposal.head)[0] ?? proposal.base) : part.base;
    const bases = await basesAfterMove(request, graph, written, plan === null ? [target.head] : landedOn(plan, target.head, proposal.head));
    return {
      kind: 'write',
      apply: (tx) => applyMerge(tx, request, found.value, { plan, base, bases, input }),
      committed: () => {
        if (plan?.outcome === 'MERGED' && plan.pack !== null) means.objects.adopt(plan.pack);
      },
    };
  },
});

/** A merge that may go ahead. `written` is the branch that moves: the target, or the source where the resolutions become a revision. */
interface FoundMerge {
  readonly repo: RepoRecord;
  readonly proposal: ProposalRecord;
  readonly target: BranchRecord;
  readonly source: BranchRecord | null;
  readonly written: BranchRecord;
  readonly asRevision: boolean;
  readonly message: string;
  readonly part: MergePart | null;
}

async function findMerge(request: Request, input: MergeProposalInput): Promise<Found<FoundMerge>> {
  const found = await findRepo(request, 'mergeProposal', input.repo);
  if (!found.ok) return found;
  const repo = found.value;
  const wanted = await findProposal(request, repo, input.number);
  if (!wanted.ok) return wanted;
  const proposal = wanted.value;
  const into = await findBranch(request, 'mergeProposal', repo, proposal.targetName);
  if (!into.ok) return into;
  const target = into.value;
  // A name used again is another branch, which nobody asked to change.
  if (target.id !== proposal.targetBranchId) return { ok: false, problem: problems.notFound('branch', proposal.targetName) };
  const source = await liveSource(request, proposal);
  const asRevision = (input.resolutions ?? []).length > 0 && asksForApproval(rulesFor(repo.settings, target));
  const message = input.message ?? defaultMessage(proposal, target, asRevision, isPart(input));
  const problem =
    firstBroken([['message', messageViolation(message)], ...partChecks(input, asRevision)]) ??
    (await standsInTheWay(request, repo, proposal, target, input, asRevision)) ??
    (asRevision ? revisionRefusal(request, repo, proposal, source, input) : input.deleteSource === true && source !== null ? sourceDeletionRefusal(request, repo, source) : null);
  if (problem !== null) return { ok: false, problem };
  const part = isPart(input) ? partOf(proposal, input) : null;
  if (part === undefined) return { ok: false, problem: problems.unrelatedHistories(proposal.sourceName, target.name) };
  return { ok: true, value: { repo, proposal, target, source, written: asRevision && source !== null ? source : target, asRevision, message, part } };
}

/** What was decided, on its way into the transaction. */
interface DecidedMerge {
  readonly plan: WritingPlan | null;
  readonly base: string | null;
  readonly bases: BasesAfterMove;
  readonly input: MergeProposalInput;
}

async function applyMerge(tx: Transaction, { viewer }: Request, found: FoundMerge, { plan, base, bases, input }: DecidedMerge): Promise<Applied<ProposalMergeReceipt>> {
  const { repo, proposal, target, source, written, asRevision, message } = found;
  const checkpoint: NewCheckpoint = {
    origin: asRevision ? 'REFRESH' : 'MERGE',
    message,
    prompt: null,
    runId: proposal.runId,
    sessionId: source?.sessionId ?? null,
    metadata: [],
    createdBy: viewer.actor,
    keyId: keyFamily(viewer.key),
  };
  const rest = plan?.outcome === 'MERGED' ? plan.part : null;
  const staysOpen = rest !== null && input.rest === 'KEEP_OPEN';
  const ends = asRevision ? { source: null, sourceHead: target.head, deleteSource: false } : { source, sourceHead: proposal.head, deleteSource: input.deleteSource ?? false, staysOpen };
  const landed = plan === null ? NOTHING_LANDED : await landMerge(tx, { repo, ...ends, target: written, plan, bases, checkpoint });
  if (landed.kind === 'moved') return landed;
  const done = { kind: 'done', stream: repo.id, gcEpoch: repo.gcEpoch } as const;
  const logged = { refs: landed.refs, subject: { type: 'Proposal', id: proposal.id }, runId: proposal.runId } as const;
  const receipt = { repoId: repo.id, proposalId: proposal.id, branchId: target.id };
  if (asRevision) {
    return { ...done, record: { ...logged, events: landed.events }, receipt: (operation) => ({ ...receipt, outcome: 'CONFLICTED', commit: null, operation }) };
  }
  const commit = plan === null ? target.head : landedHead(plan);
  const answer = { outcome: plan?.outcome ?? 'UP_TO_DATE', commit } as const;
  if (rest !== null && staysOpen) {
    const event = await keepOpen(tx, viewer, { repo, proposal, base: rest.base.oid, reason: input.declineReason });
    if (event === null) return { kind: 'moved', branchId: target.id };
    return { ...done, record: { ...logged, events: [...landed.events, event] }, receipt: (operation) => ({ ...receipt, ...answer, operation }) };
  }
  const merged = await tx.updateProposal({ id: proposal.id, expectedVersion: proposal.version, state: 'MERGED', base, closedBy: viewer.actor, mergeCommit: commit });
  if (merged === null) return { kind: 'moved', branchId: target.id };
  if (rest !== null) await tx.insertDeclined(proposal.id, rest.rest, input.declineReason ?? null);
  const event = proposalEvent('PROPOSAL_MERGED', repo, proposal, { commit });
  const record = { ...logged, events: [...landed.events, event] };
  return { ...done, record, receipt: (operation) => ({ ...receipt, ...answer, operation }) };
}

/** What landing an empty merge comes to. */
const NOTHING_LANDED = { kind: 'landed', refs: [], events: [] } as const;

function defaultMessage(proposal: ProposalRecord, target: BranchRecord, asRevision: boolean, isOfPart: boolean): string {
  if (asRevision) return `Merge ${target.name} into ${proposal.sourceName}\n\nResolves the conflicts of proposal ${proposal.number}`;
  if (isOfPart) return `${proposal.title}\n\nMerge a part of proposal ${proposal.number} from ${proposal.sourceName} into ${target.name}`;
  return `${proposal.title}\n\nMerge proposal ${proposal.number} from ${proposal.sourceName} into ${target.name}`;
}

/** Why the resolutions cannot become a revision of the proposal; null when they can. */
function revisionRefusal(request: Request, repo: RepoRecord, proposal: ProposalRecord, source: BranchRecord | null, { strategy }: MergeProposalInput): Problem | null {
  // The resolutions of a rebase belong to its commits one by one; a commit that takes the target in is none of these.
  if (strategy === 'REBASE' || strategy === 'FAST_FORWARD_ONLY') return problems.invalidInput('strategy', violations.revisionByMerge(strategy));
  if (source === null) return problems.sourceGone(proposal.number, proposal.sourceName);
  if (rulesFor(repo.settings, source).protected) return problems.protectedBranch(source.name, 'it changes only through proposals');
  return authorize(request.viewer, 'mergeBranch', { repoName: repo.name, branchName: source.name });
}

/** The source branch while it is alive and still at the proposed head; the commit is merged without it otherwise. */
async function liveSource(request: Request, proposal: ProposalRecord): Promise<BranchRecord | null> {
  const source = await request.reader.branch(proposal.sourceBranchId);
  return source === null || source.deletedAt !== null || source.head !== proposal.head ? null : source;
}

async function standsInTheWay(request: Request, repo: RepoRecord, proposal: ProposalRecord, target: BranchRecord, input: MergeProposalInput, asRevision: boolean): Promise<Problem | null> {
  if (input.expectedHead !== proposal.head) {
    const source = await request.reader.branch(proposal.sourceBranchId);
    const expected = { head: input.expectedHead, version: null };
    return source === null ? problems.headNotReviewed(proposal.number, proposal.head) : problems.staleHead({ ...source, head: proposal.head }, expected);
  }
  if (PROPOSAL_TRANSITIONS[proposal.state].MERGE === null && proposal.state !== 'CHANGES_REQUESTED') return problems.proposalState(proposal.number, proposal.state, 'merged');
  // A new revision is not the merge: its own head is what will be reviewed.
  if (asRevision) return staleness(target, input.expectedTarget, null);
  const rules = await proposalRules(request, repo, proposal);
  if (rules.some((rule) => !rule.satisfied)) return problems.rulesUnmet(proposal.number, rules);
  if (PROPOSAL_TRANSITIONS[proposal.state].MERGE === null) return problems.proposalState(proposal.number, proposal.state, 'merged');
  return staleness(target, input.expectedTarget, null);
}
