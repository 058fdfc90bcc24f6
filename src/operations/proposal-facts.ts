import { everyRow } from '../domain/every-row.js';
import type { RuleStatus } from '../domain/problem.js';
import type { ProposalRecord } from '../domain/proposal.js';
import type { RepoRecord } from '../domain/repo.js';
import { contributorsOf, reviewRules, type Contributors } from '../domain/review-rules.js';
import type { Request } from './request.js';

/** Who had a hand in the proposal: its author, and everyone who left a checkpoint on its source branch. */
export async function proposalContributors(request: Request, proposal: ProposalRecord): Promise<Contributors> {
  const work = await request.gateway.storage.contributors(proposal.sourceBranchId);
  return contributorsOf({ actor: proposal.createdBy, keyId: proposal.keyId }, work);
}

/** What stands between the proposal and its merge, rule by rule, in words. */
export async function proposalRules(request: Request, repo: RepoRecord, proposal: ProposalRecord): Promise<RuleStatus[]> {
  const [reviews, contributors] = await Promise.all([everyRow((page) => request.reader.reviews(proposal.id, page)), proposalContributors(request, proposal)]);
  return reviewRules(proposal.head, reviews, contributors, repo.settings.approvalsRequired);
}
