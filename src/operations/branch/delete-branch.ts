import type { EventPayload } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { rulesFor } from '../../domain/target-rules.js';
import { defineOperation, refused } from '../define-operation.js';
import type { DeleteBranchInput } from '../inputs.js';
import type { BranchReceipt } from '../receipts.js';
import { findBranch, findRepo, staleness } from '../targets.js';

/**
 * Takes a branch away. Its commits, checkpoints and proposals stay readable, and its name is free. The default branch and
 * protected ones are kept. Needs WRITE and the key's `branches`.
 *
 * Refuses: NotFound, Forbidden, ProtectedBranch, StaleHead.
 */
export const deleteBranch = defineOperation<DeleteBranchInput, BranchReceipt>({
  kind: 'DELETE_BRANCH',
  action: 'deleteBranch',
  async decide(request, input) {
    const target = await findRepo(request, 'deleteBranch', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const found = await findBranch(request, 'deleteBranch', repo, input.name);
    if (!found.ok) return refused(found.problem);
    const branch = found.value;
    if (branch.name === repo.defaultBranch) return refused(problems.defaultBranchKept(branch.name));
    if (rulesFor(repo.settings, branch).protected) return refused(problems.protectedBranch(branch.name, 'it cannot be deleted'));
    const stale = staleness(branch, input.expectedHead, input.expectedVersion);
    if (stale !== null) return refused(stale);

    return {
      kind: 'write',
      async apply(tx) {
        const deleted = await tx.deleteBranch(branch.id, branch.version);
        if (deleted === null) return { kind: 'moved', branchId: branch.id };
        const event: EventPayload = { kind: 'BRANCH_DELETED', repoName: repo.name, branchId: branch.id, branchName: branch.name, before: branch.head, after: null, version: deleted.version };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [{ branchName: branch.name, before: branch.head, after: null }], subject: { type: 'Branch', id: branch.id }, runId: branch.runId, events: [event] },
          receipt: (operation) => ({ repoId: repo.id, branchId: branch.id, operation }),
        };
      },
    };
  },
});
