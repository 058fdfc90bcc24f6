import { everyRow } from '../domain/every-row.js';
import type { RuleStatus } from '../domain/problem.js';
import type { ProposalRecord } from '../domain/proposal.js';
import type { RepoRecord } from '../domain/repo.js';
import { contributorsOf, reviewRules, type Contributors } from '../domain/review-rules.js';
import type { Request } from './request.js';

/**
 * Who had a hand in the proposal: its author, and everyone who made one of the commits that it would bring into the target, on
 * whatever branch: work that was cut from, or merged from, another branch stays its maker's.
 */
export async function proposalContributors(request: Request, proposal: ProposalRecord): Promise<Contributors> {
  const { storage } = request.gateway;
  // The branch first: a graph that was read before it may lack its newest commit.
  const target = await request.reader.branch(proposal.targetBranchId);
  const graph = await storage.graph(proposal.repoId);
  const known = target === null ? proposal.base : target.head;
  const commits = [...graph.log([proposal.head], { exclude: known === null ? [] : [known] })];
  return contributorsOf({ actor: proposal.createdBy, keyId: proposal.keyId }, await storage.contributors(proposal.repoId, commits));
}

/** What stands between the proposal and its merge, rule by rule, in words. */
export async function proposalRules(request: Request, repo: RepoRecord, proposal: ProposalRecord): Promise<RuleStatus[]> {
  const [reviews, contributors] = await Promise.all([everyRow((page) => request.reader.reviews(proposal.id, page)), proposalContributors(request, proposal)]);
  return reviewRules(proposal, reviews, contributors, repo.settings.approvalsRequired);
}
