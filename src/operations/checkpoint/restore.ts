import type { BranchRecord } from '../../domain/branch.js';
import { messageViolation } from '../../domain/commit-data.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { restorePaths } from '../../domain/restore-paths.js';
import { rulesFor } from '../../domain/target-rules.js';
import { treeOfCommit } from '../../git/merge/merge-commits.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { StagedObjects } from '../../git/objects/staged-objects.js';
import { contentGround } from '../blob-use.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import { moveForward, pathsRefusal } from '../forward-move.js';
import type { TimelineReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findRev } from '../starts.js';
import { findBranch, findRepo, staleness } from '../targets.js';
import type { RestoreInput } from '../timeline-inputs.js';

/**
 * A new checkpoint whose content is that of an earlier one, or of any commit that the key can read: all of it, or only what is at
 * `paths`. Nothing is lost by it, and it is undone like any other. Needs WRITE, and the key's `branches` and `paths`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, ProtectedBranch, LimitExceeded, Busy.
 */
export const restore = defineOperation<RestoreInput, TimelineReceipt>({
  kind: 'RESTORE',
  action: 'restore',
  async decide(request, input) {
    const { storage } = request.gateway;
    const target = await findRepo(request, 'restore', input.repo);
    if (!target.ok) return refused(target.problem);
    const found = await findBranch(request, 'restore', target.value, input.branch);
    if (!found.ok) return refused(found.problem);
    const [repo, branch] = [target.value, found.value];
    const message = input.message ?? null;
    const broken = firstBroken([['message', message === null ? null : messageViolation(message)]]);
    if (broken !== null) return refused(broken);
    if (rulesFor(repo.settings, branch).protected) return refused(problems.protectedBranch(branch.name, 'it changes only through proposals'));
    const stale = staleness(branch, input.expectedHead, input.expectedVersion);
    if (stale !== null) return refused(stale);
    const from = await findRev(request, repo, input.to, 'to');
    if (!from.ok) return refused(from.problem);

    const objects = storage.objects.open(repo.id);
    const staged = objects.stage();
    const graph = await storage.graph(repo.id);
    const [head, wanted] = [await treeOfCommit(staged, graph, branch.head), await treeOfCommit(staged, graph, from.value.oid)];
    const paths = input.paths ?? null;
    const tree = paths === null ? wanted : await treeWithPaths(request, repo, staged, head, wanted, paths);
    if (typeof tree !== 'string') return refused(tree);
    const refusal = await pathsRefusal(request, 'restore', repo, branch, staged, head, tree);
    if (refusal !== null) return refused(refusal);
    if (input.dryRun === true) return { kind: 'answer', receipt: dryReceipt(repo, branch, from.value.oid, paths) };
    return moveForward(request, { repo, branch, objects, staged, tree, otherParents: [], origin: 'RESTORE', message: message ?? `Restore ${input.to}` });
  },
});

async function treeWithPaths(request: Request, repo: RepoRecord, staged: StagedObjects, head: Oid, wanted: Oid, paths: readonly string[]): Promise<Oid | Problem> {
  const changed = await restorePaths({ ...contentGround(request, repo, staged), staged, tree: head }, wanted, paths);
  return 'code' in changed ? changed : changed.tree;
}

/** What it would change is what differs from the old content at these paths. */
function dryReceipt(repo: RepoRecord, branch: BranchRecord, to: Oid, paths: readonly string[] | null): TimelineReceipt {
  return { repoId: repo.id, branchId: branch.id, checkpointId: null, diff: { from: branch.head, to, ...(paths === null ? {} : { paths }) }, operation: null };
}
