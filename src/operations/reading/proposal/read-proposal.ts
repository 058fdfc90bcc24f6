import type { BranchRecord } from '../../../domain/branch.js';
import type { RuleStatus } from '../../../domain/problem.js';
import { isPending, type ProposalRecord, type ReviewRecord, type RevisionRecord } from '../../../domain/proposal.js';
import type { AcceptInput, ConflictResolutionInput, MergeStrategyName } from '../../inputs.js';
import { isStale } from '../../../domain/review-rules.js';
import { rulesFor } from '../../../domain/target-rules.js';
import { proposalRules } from '../../proposal/proposal-facts.js';
import type { Request } from '../../request.js';
import { QueryError } from '../query-error.js';
import { directDiff, revisionsDiff } from '../comparing/read-diff.js';
import type { DiffOptionsInput, DiffSpec } from '../comparing/diff-spec.js';
import { previewMerge, type MergeView } from '../comparing/read-merge-preview.js';
import { readableBranchById, readableProposalById } from '../readable-branch.js';
import { present, readableRepoById } from '../readable-repo.js';
import { loadCommitOrNull, type CommitView } from '../read-commits.js';

/** What a proposal changes: from its base to its head, which are frozen once it has ended. */
function proposalDiff(proposal: ProposalRecord, options: DiffOptionsInput | null | undefined): DiffSpec {
  return directDiff(proposal.repoId, proposal.base, proposal.head, options);
}

/** What one revision added over the one before, the first over the base; null when there is no such revision. */
async function revisionDiff(request: Request, proposal: ProposalRecord, number: number, options: DiffOptionsInput | null | undefined): Promise<DiffSpec | null> {
  const [before, revision] = await Promise.all([request.reader.revision(proposal.id, number - 1), request.reader.revision(proposal.id, number)]);
  if (revision === null) return null;
  return before === null ? directDiff(proposal.repoId, revision.base, revision.head, options) : revisionsDiff(proposal.repoId, before, revision, options);
}

/** What is new since the viewer's own last review, whatever its verdict; all of it where there is none. */
async function diffSinceReview(request: Request, proposal: ProposalRecord, options: DiffOptionsInput | null | undefined): Promise<DiffSpec> {
  const review = await request.reader.lastReviewBy(proposal.id, request.viewer.actor);
  const seen = review === null ? null : await request.reader.revision(proposal.id, review.revision);
  return seen === null ? proposalDiff(proposal, options) : revisionsDiff(proposal.repoId, seen, proposal, options);
}

/** The diff of a proposal that the arguments ask for. Rejects with INVALID_ARGUMENT where they ask for two at once. */
export function diffOfProposal(request: Request, proposal: ProposalRecord, asked: { readonly options: DiffOptionsInput | null | undefined; readonly revision: number | null | undefined; readonly sinceReview: boolean | null | undefined }): DiffSpec | Promise<DiffSpec | null> {
  const revision = asked.revision ?? null;
  if (asked.sinceReview === true && revision !== null) throw new QueryError('INVALID_ARGUMENT', '"sinceReview" and "revision" exclude each other: each names what the head is compared with.');
  if (asked.sinceReview === true) return diffSinceReview(request, proposal, asked.options);
  return revision === null ? proposalDiff(proposal, asked.options) : revisionDiff(request, proposal, revision, asked.options);
}

/** The head or base of a revision as a commit; null for the base of unrelated histories. */
export async function revisionCommit(request: Request, revision: RevisionRecord, which: 'head' | 'base'): Promise<CommitView | null> {
  const proposal = present(await request.reader.proposal(revision.proposalId), 'proposal');
  return loadCommitOrNull(request, proposal.repoId, revision[which]);
}

/** What merging the proposal, or a part of it, now would give; null when it has ended, or when its target is gone or hidden from the key. */
export async function proposalPreview(request: Request, proposal: ProposalRecord, strategy: MergeStrategyName, resolutions: readonly ConflictResolutionInput[], only: readonly AcceptInput[] | null): Promise<MergeView | null> {
  if (!isPending(proposal.state)) return null;
  const target = await readableBranchById(request, proposal.targetBranchId);
  if (target === null || target.deletedAt !== null) return null;
  return previewMerge(request, { repoId: proposal.repoId, ours: target.head, theirs: proposal.head, resolutions, ...(only === null || proposal.base === null ? {} : { part: { base: proposal.base, only } }) }, strategy);
}

/** What stands between the proposal and its merge, in words; nothing once it has ended. */
export async function readRules(request: Request, proposal: ProposalRecord): Promise<readonly RuleStatus[]> {
  if (!isPending(proposal.state)) return [];
  const repo = await readableRepoById(request, proposal.repoId);
  return repo === null ? [] : proposalRules(request, repo, proposal);
}

/** A review of a readable proposal by its row's id; null otherwise. */
export async function readableReviewById(request: Request, reviewId: number): Promise<ReviewRecord | null> {
  const review = await request.reader.review(reviewId);
  if (review === null) return null;
  return (await readableProposalById(request, review.proposalId)) === null ? null : review;
}

/** True when the review counts no longer by the rules that hold for the proposal's target now. */
export async function isStaleReview(request: Request, review: ReviewRecord): Promise<boolean> {
  const proposal = await request.reader.proposal(review.proposalId);
  const repo = proposal === null ? null : await request.reader.repo(proposal.repoId);
  return proposal === null || repo === null || isStale(review, proposal, rulesFor(repo.settings, { name: proposal.targetName, protected: false }));
}

/** The base of a branch, by the name it was cut from; null when that is gone or hidden from the key. */
export async function readBase(request: Request, branch: BranchRecord): Promise<BranchRecord | null> {
  if (branch.baseName === null) return null;
  const base = await request.reader.branchByName(branch.repoId, branch.baseName);
  return base === null ? null : readableBranchById(request, base.id);
}
