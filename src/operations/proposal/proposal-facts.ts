import { everyRow } from '../../domain/every-row.js';
import type { RuleStatus } from '../../domain/problem.js';
import type { ProposalRecord, ReviewRecord } from '../../domain/proposal.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { Label } from '../../domain/label.js';
import { contributorsOf, reviewRules, type Contributors } from '../../domain/review-rules.js';
import { rulesFor } from '../../domain/target-rules.js';
import { diffTrees } from '../../git/diff/tree-diff.js';
import { treeOfCommit } from '../../git/merge/merge-commits.js';
import { decodeName } from '../../git/objects/tree.js';
import type { Request } from '../request.js';

/**
 * Who had a hand in the proposal: its author, and everyone who made one of the commits that it would bring into the target, on
 * whatever branch: work that was cut from, or merged from, another branch stays its maker's.
 */
export async function proposalContributors(request: Request, proposal: ProposalRecord): Promise<Contributors> {
  const { storage } = request.gateway;
  // The branch first: a graph that was read before it may lack its newest commit.
  const target = await request.reader.branch(proposal.targetBranchId);
  const known = target === null ? proposal.base : target.head;
  const exclude = known === null ? [] : [known];
  const graph = await storage.graph(proposal.repoId, [proposal.head, ...exclude]);
  const commits = [...graph.log([proposal.head], { exclude })];
  const makers = await Promise.all(commits.map((oid) => request.reader.makersOf(proposal.repoId, oid)));
  return contributorsOf({ actor: proposal.createdBy, keyId: proposal.keyId }, makers.flat());
}

/** The readable paths that the proposal changes; a rename changes the old one and the new. */
async function changedPaths(request: Request, proposal: ProposalRecord): Promise<string[]> {
  const { storage } = request.gateway;
  const staged = storage.objects.open(proposal.repoId).stage();
  const graph = await storage.graph(proposal.repoId, proposal.base === null ? [proposal.head] : [proposal.head, proposal.base]);
  const before = proposal.base === null ? null : await treeOfCommit(staged, graph, proposal.base);
  const changes = await diffTrees(staged, before, await treeOfCommit(staged, graph, proposal.head), { renames: false });
  return changes.map(({ path }) => decodeName(path));
}

/** The labels of the keys that these reviews were given with. */
async function labelsOf(request: Request, reviews: readonly ReviewRecord[]): Promise<ReadonlyMap<string, readonly Label[]>> {
  const keys = await Promise.all([...new Set(reviews.map(({ keyId }) => keyId))].map((id) => request.reader.apiKey(id)));
  return new Map(keys.flatMap((key) => (key === null ? [] : [[key.id, key.labels] as const])));
}

/** What stands between the proposal and its merge, rule by rule, in words. */
export async function proposalRules(request: Request, repo: RepoRecord, proposal: ProposalRecord): Promise<RuleStatus[]> {
  const rules = rulesFor(repo.settings, { name: proposal.targetName, protected: false });
  const [reviews, contributors] = await Promise.all([everyRow((page) => request.reader.reviews(proposal.id, page)), proposalContributors(request, proposal)]);
  const labels = rules.approverLabels.length === 0 ? new Map<string, readonly Label[]>() : await labelsOf(request, reviews);
  const paths = rules.paths.length === 0 ? [] : await changedPaths(request, proposal);
  return reviewRules(proposal, reviews, { rules, contributors, labels, paths });
}
