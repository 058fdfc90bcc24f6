import type { Action } from '../auth/actions.js';
import { authorize } from '../auth/authorize.js';
import type { BranchRecord } from '../domain/branch.js';
import type { WritingPlan } from '../domain/land-merge.js';
import { specOf, summarizeConflicts, type MergeMeans, type MergePlan, type MergeQuestion } from '../domain/merge-plan.js';
import { pathsOfNeither } from '../domain/paths-of-neither.js';
import type { Problem } from '../domain/problem.js';
import * as problems from '../domain/problems.js';
import { bytesQuota } from '../domain/quotas.js';
import type { RepoRecord } from '../domain/repo.js';
import { rulesFor } from '../domain/target-rules.js';
import type { CommitGraph } from '../git/history/commit-graph.js';
import { contentGround } from './blob-use.js';
import type { Request } from './request.js';

/** A plan that goes on: it writes, or there is nothing to write. Otherwise why it cannot. */
export type Mergeable = { readonly ok: true; readonly plan: WritingPlan | null } | { readonly ok: false; readonly problem: Problem };

/** Splits a plan into what can be written, nothing to do (null), and the refusal that says why not. */
export function mergeable(question: MergeQuestion, plan: MergePlan): Mergeable {
  switch (plan.outcome) {
    case 'MERGED':
    case 'FAST_FORWARD':
      return { ok: true, plan };
    case 'UP_TO_DATE':
      return { ok: true, plan: null };
    case 'DIVERGED':
      return { ok: false, problem: problems.notFastForward(question.sourceName, question.targetName) };
    case 'UNRELATED':
      return { ok: false, problem: problems.unrelatedHistories(question.sourceName, question.targetName) };
    case 'REFUSED':
      return { ok: false, problem: plan.problem };
    case 'CONFLICTED':
      return { ok: false, problem: problems.mergeConflicted({ ...specOf(question), conflicts: summarizeConflicts(plan.conflicts) }) };
  }
}

/** What a merge that writes `branch` is planned with. A key with narrower `paths` may only bring in what one of the sides has as it is. */
export function mergeMeans(request: Request, action: Action, repo: RepoRecord, branch: BranchRecord, graph: CommitGraph): MergeMeans {
  const objects = request.gateway.storage.objects.open(repo.id);
  const isLimited = !request.viewer.key.paths.includes('**');
  return {
    ...contentGround(request, repo, objects),
    objects,
    room: bytesQuota(repo, request.gateway.limits),
    graph,
    mayWrite: async (staged, trees) =>
      isLimited ? authorize(request.viewer, action, { repoName: repo.name, branchName: branch.name, paths: await pathsOfNeither(staged, trees) }) : null,
  };
}

/** Why the source may not be deleted by this key once it is merged; null when it may. */
export function sourceDeletionRefusal(request: Request, repo: RepoRecord, source: BranchRecord): Problem | null {
  if (source.name === repo.defaultBranch) return problems.defaultBranchKept(source.name);
  if (rulesFor(repo.settings, source).protected) return problems.protectedBranch(source.name, 'it cannot be deleted');
  return authorize(request.viewer, 'deleteBranch', { repoName: repo.name, branchName: source.name });
}
