import { authorize } from '../../auth/authorize.js';
import { newBranchViolation } from '../../domain/branch-naming.js';
import * as violations from '../../domain/input-violations.js';
import * as problems from '../../domain/problems.js';
import { firstBroken, labelChecks, runChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CreateBranchInput } from '../inputs.js';
import { findStart } from '../starts.js';
import type { BranchReceipt } from '../receipts.js';
import { findRepo } from '../targets.js';

/**
 * A new branch at `from` (a rev; the default branch unless named). Branching off makes no checkpoint. The branch that `from` names
 * becomes its base; a bare commit's base is the default branch. Needs WRITE and a name within the key's `branches`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, NameTaken, LimitExceeded.
 */
export const createBranch = defineOperation<CreateBranchInput, BranchReceipt>({
  kind: 'CREATE_BRANCH',
  action: 'createBranch',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const target = await findRepo(request, 'createBranch', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const expiresAt = input.expiresAt ?? null;
    const broken = firstBroken([
      ['name', newBranchViolation(input.name, repo.defaultBranch, { server: gateway.branchNaming, repository: repo.settings.naming })],
      ['expiresAt', expiresAt !== null && expiresAt <= gateway.now() ? violations.alreadyPast() : null],
      ...runChecks(input),
      ...labelChecks('metadata', input.metadata),
    ]);
    if (broken !== null) return refused(broken);
    const refusal = authorize(viewer, 'createBranch', { repoName: repo.name, branchName: input.name });
    if (refusal !== null) return refused(refusal);
    const start = await findStart(request, repo, input.from ?? repo.defaultBranch);
    if (!start.ok) return refused(start.problem);
    const { oid, baseName } = start.value;

    return {
      kind: 'write',
      async apply(tx) {
        const branch = await tx.insertBranch({
          repoId: repo.id,
          name: input.name,
          head: oid,
          baseName,
          forkOid: oid,
          createdBy: viewer.actor,
          expiresAt,
          runId: input.runId ?? null,
          sessionId: input.sessionId ?? null,
          metadata: input.metadata ?? [],
        });
        if (branch === null) return { kind: 'refused', problem: problems.nameTaken('branch', input.name) };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: {
            refs: [{ branchName: branch.name, before: null, after: oid }],
            subject: { type: 'Branch', id: branch.id },
            runId: branch.runId,
            events: [{ kind: 'BRANCH_CREATED', repoName: repo.name, branchId: branch.id, branchName: branch.name, after: oid, version: branch.version }],
          },
          receipt: (operation) => ({ repoId: repo.id, branchId: branch.id, operation }),
        };
      },
    };
  },
});
