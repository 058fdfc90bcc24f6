import type { BranchRecord } from '../../domain/branch.js';
import type { RuleStatus } from '../../domain/problem.js';
import { isPending, type ProposalRecord, type ReviewRecord, type RevisionRecord } from '../../domain/proposal.js';
import type { ConflictResolutionInput, MergeStrategyName } from '../inputs.js';
import { isCurrent } from '../../domain/review-rules.js';
import { proposalRules } from '../proposal-facts.js';
import type { Request } from '../request.js';
import { directDiff } from './read-diff.js';
import type { DiffOptionsInput, DiffSpec } from './diff-spec.js';
import { previewMerge, type MergeView } from './read-merge-preview.js';
import { readableBranchById, readableProposalById } from './readable-branch.js';
import { present, readableRepoById } from './readable-repo.js';
import { loadCommitOrNull, type CommitView } from './read-commits.js';

/** What a proposal changes: from its base to its head, which are frozen once it has ended. */
export function proposalDiff(proposal: ProposalRecord, options: DiffOptionsInput | null | undefined): DiffSpec {
  return directDiff(proposal.repoId, proposal.base, proposal.head, options);
}

/** Revisions that are read at a time to find one by its number. */
const REVISIONS = 100;

/** What one revision added over the one before, the first over the base; null when there is no such revision. */
export async function revisionDiff(request: Request, proposal: ProposalRecord, number: number, options: DiffOptionsInput | null | undefined): Promise<DiffSpec | null> {
  let previous: RevisionRecord | null = null;
  let after: string | null = null;
  for (;;) {
    const page = await request.reader.revisions(proposal.id, { count: REVISIONS, after, backward: false });
    for (const { node } of page.edges) {
      if (node.number === number) return directDiff(proposal.repoId, previous?.head ?? node.base, node.head, options);
      previous = node;
    }
    after = page.edges.at(-1)?.key ?? null;
    if (!page.hasNext || after === null) return null;
  }
}

/** The head or base of a revision as a commit; null for the base of unrelated histories. */
export async function revisionCommit(request: Request, revision: RevisionRecord, which: 'head' | 'base'): Promise<CommitView | null> {
  const proposal = present(await request.reader.proposal(revision.proposalId), 'proposal');
  return loadCommitOrNull(request, proposal.repoId, revision[which]);
}

/** What merging the proposal now would give; null when it has ended, or when its target is gone or hidden from the key. */
export async function proposalPreview(request: Request, proposal: ProposalRecord, strategy: MergeStrategyName, resolutions: readonly ConflictResolutionInput[]): Promise<MergeView | null> {
  if (!isPending(proposal.state)) return null;
  const target = await readableBranchById(request, proposal.targetBranchId);
  if (target === null || target.deletedAt !== null) return null;
  return previewMerge(request, { repoId: proposal.repoId, ours: target.head, theirs: proposal.head, resolutions }, strategy);
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

/** True when the review judged another revision than the proposal has. */
export async function isStale(request: Request, review: ReviewRecord): Promise<boolean> {
  const proposal = await request.reader.proposal(review.proposalId);
  return proposal === null || !isCurrent(review, proposal);
}

/** The base of a branch, by the name it was cut from; null when that is gone or hidden from the key. */
export async function readBase(request: Request, branch: BranchRecord): Promise<BranchRecord | null> {
  if (branch.baseName === null) return null;
  const base = await request.reader.branchByName(branch.repoId, branch.baseName);
  return base === null ? null : readableBranchById(request, base.id);
}
