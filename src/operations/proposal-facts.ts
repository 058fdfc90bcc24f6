import type { PageRequest } from '../domain/ports/pages.js';
import type { RuleStatus } from '../domain/problem.js';
import type { ProposalRecord, ReviewRecord } from '../domain/proposal.js';
import type { RepoRecord } from '../domain/repo.js';
import { contributorsOf, reviewRules, type Contributors } from '../domain/review-rules.js';
import type { Request } from './request.js';

/** Who had a hand in the proposal: its author, and everyone who left a checkpoint on its source branch. */
export async function proposalContributors(request: Request, proposal: ProposalRecord): Promise<Contributors> {
  const work = await request.gateway.storage.contributors(proposal.sourceBranchId);
  return contributorsOf({ actor: proposal.createdBy, keyId: proposal.keyId }, work);
}

/** Every review of the proposal, oldest first. */
async function allReviews(request: Request, proposal: ProposalRecord): Promise<ReviewRecord[]> {
  const reviews: ReviewRecord[] = [];
  let page: PageRequest = { count: 100, after: null, backward: false };
  for (;;) {
    const { edges, hasNext } = await request.reader.reviews(proposal.id, page);
    reviews.push(...edges.map((edge) => edge.node));
    const last = edges.at(-1);
    if (!hasNext || last === undefined) return reviews;
    page = { ...page, after: last.key };
  }
}

/** What stands between the proposal and its merge, rule by rule, in words. */
export async function proposalRules(request: Request, repo: RepoRecord, proposal: ProposalRecord): Promise<RuleStatus[]> {
  const [reviews, contributors] = await Promise.all([allReviews(request, proposal), proposalContributors(request, proposal)]);
  return reviewRules(proposal.head, reviews, contributors, repo.settings.approvalsRequired);
}
