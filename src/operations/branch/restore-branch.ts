import { authorize } from '../../auth/authorize.js';
import { namingPolicyViolation, newBranchViolation } from '../../domain/branch-naming.js';
import type { BranchRecord } from '../../domain/branch.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import type { EventPayload } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { BranchReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import type { Found } from '../targets.js';
import type { RestoreBranchInput } from '../timeline-inputs.js';

/**
 * Brings a deleted branch back as it was, under its own name or another: the same branch, with its timeline, checkpoints and
 * proposals. A name that is in use meanwhile belongs to another branch. Needs WRITE, and both names within the key's `branches`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, NameTaken, LimitExceeded, InvalidState (not deleted, or for longer than the repository keeps it), Busy.
 */
export const restoreBranch = defineOperation<RestoreBranchInput, BranchReceipt>({
  kind: 'RESTORE_BRANCH',
  action: 'restoreBranch',
  async decide(request, input) {
    const found = await findDeleted(request, input.id);
    if (!found.ok) return refused(found.problem);
    const { repo, branch } = found.value;
    const name = input.name ?? branch.name;
    const policies = { server: request.gateway.branchNaming, repository: repo.settings.naming };
    // An import may have brought a name that nobody could choose here; it comes back under that.
    const violation = (name === branch.name ? namingPolicyViolation : newBranchViolation)(name, repo.defaultBranch, policies);
    const refusal =
      firstBroken([['name', violation]]) ??
      authorize(request.viewer, 'createBranch', { repoName: repo.name, branchName: name }) ??
      (branch.deletedAt === null ? problems.branchNotDeleted(branch.name) : null) ??
      (branch.forgottenAt === null ? null : problems.branchForgotten(branch.name));
    if (refusal !== null) return refused(refusal);

    return {
      kind: 'write',
      async apply(tx) {
        const restored = await tx.restoreBranch({ branchId: branch.id, expectedVersion: branch.version, repoId: repo.id, name });
        if (restored === 'NAME_TAKEN') return { kind: 'refused', problem: problems.nameTaken('branch', name) };
        if (restored === 'MOVED') return { kind: 'moved', branchId: branch.id };
        const event: EventPayload = { kind: 'BRANCH_CREATED', repoName: repo.name, branchId: branch.id, branchName: name, after: restored.head, version: restored.version };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: { refs: [{ branchName: name, before: null, after: restored.head }], subject: { type: 'Branch', id: branch.id }, runId: branch.runId, events: [event] },
          receipt: (operation) => ({ repoId: repo.id, branchId: branch.id, operation }),
        };
      },
    };
  },
});

/** The branch by its node id, deleted or not, and its repository; hidden ones look absent. */
async function findDeleted(request: Request, ref: string): Promise<Found<{ readonly repo: RepoRecord; readonly branch: BranchRecord }>> {
  const absent = { ok: false, problem: problems.notFound('branch', ref) } as const;
  const id = decodeGlobalId(ref);
  const branch = id?.type === 'Branch' ? await request.reader.branch(id.id) : null;
  const repo = branch === null ? null : await request.reader.repo(branch.repoId);
  if (branch === null || repo === null) return absent;
  const refusal = authorize(request.viewer, 'restoreBranch', { repoName: repo.name, branchName: branch.name });
  if (refusal !== null) return refusal.code === 'NOT_FOUND' ? absent : { ok: false, problem: refusal };
  if (repo.archivedAt !== null) return { ok: false, problem: problems.repoArchived(repo.name) };
  return { ok: true, value: { repo, branch } };
}
