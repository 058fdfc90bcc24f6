import type { BranchRecord } from '../../domain/branch.js';
import { planByAncestry, specOf } from '../../domain/merge-plan.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { noBase } from '../../domain/timeline-violations.js';
import { rulesFor } from '../../domain/target-rules.js';
import { treeOfCommit } from '../../git/merge/merge-commits.js';
import { decideCombined } from '../combined-move.js';
import { defineOperation, refused } from '../define-operation.js';
import { mergeable, mergeMeans } from '../merge-refusals.js';
import { readBase } from '../reading/proposal/read-proposal.js';
import type { TimelineReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findRev } from '../starts.js';
import { findBranch, findRepo, staleness, type Found } from '../targets.js';
import type { RefreshBranchInput } from '../timeline-inputs.js';

/**
 * Brings the base of a branch, or what `from` names, into it by a merge: always a commit of its own, so that it can be undone. A branch
 * that has it all already is left as it is. Needs WRITE, and the key's `branches`; what the merge itself writes, its `paths`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, MergeConflicted, ProtectedBranch, InvalidState (unrelated histories), Busy.
 */
export const refreshBranch = defineOperation<RefreshBranchInput, TimelineReceipt>({
  kind: 'REFRESH_BRANCH',
  action: 'refreshBranch',
  async decide(request, input) {
    const { storage } = request.gateway;
    const target = await findRepo(request, 'refreshBranch', input.repo);
    if (!target.ok) return refused(target.problem);
    const found = await findBranch(request, 'refreshBranch', target.value, input.name);
    if (!found.ok) return refused(found.problem);
    const [repo, branch] = [target.value, found.value];
    if (rulesFor(repo.settings, branch).protected) return refused(problems.protectedBranch(branch.name, 'it changes only through proposals'));
    const stale = staleness(branch, input.expectedHead, input.expectedVersion);
    if (stale !== null) return refused(stale);
    const origin = await findOrigin(request, repo, branch, input.from ?? null);
    if (!origin.ok) return refused(origin.problem);
    const { oid, name } = origin.value;

    const graph = await storage.graph(repo.id);
    const landingBase = await storage.landingBase(repo.id, oid, branch.head);
    const question = { repoId: repo.id, strategy: 'MERGE', sourceName: name, sourceHead: oid, targetName: branch.name, targetHead: branch.head, landingBase, resolutions: input.resolutions ?? [] } as const;
    const settled = planByAncestry(graph, question);
    if (settled !== null) {
      const ends = mergeable(question, settled);
      return ends.ok ? { kind: 'answer', receipt: unchanged(repo, branch) } : refused(ends.problem);
    }
    const means = mergeMeans(request, 'refreshBranch', repo, branch, graph);
    return decideCombined(request, {
      repo,
      branch,
      spec: specOf(question),
      landed: landingBase,
      means,
      otherParents: [oid],
      origin: 'REFRESH',
      message: `Refresh ${branch.name} from ${name}`,
      dryRun: input.dryRun ?? false,
      refusal: async (staged, ours, result) => means.mayWrite(staged, { ours, theirs: await treeOfCommit(staged, graph, oid), result }),
    });
  },
});

/** What is brought in: the commit and what it is called. */
async function findOrigin(request: Request, repo: RepoRecord, branch: BranchRecord, from: string | null): Promise<Found<{ readonly oid: string; readonly name: string }>> {
  if (from === null) {
    const base = await readBase(request, branch);
    if (base === null || base.id === branch.id) return { ok: false, problem: problems.invalidInput('from', noBase(branch.name)) };
    return { ok: true, value: { oid: base.head, name: base.name } };
  }
  const rev = await findRev(request, repo, from, 'from');
  return rev.ok ? { ok: true, value: { oid: rev.value.oid, name: rev.value.branch?.name ?? from } } : rev;
}

function unchanged(repo: RepoRecord, branch: BranchRecord): TimelineReceipt {
  return { repoId: repo.id, branchId: branch.id, checkpointId: branch.checkpointId, diff: { from: branch.head, to: branch.head }, operation: null };
}
