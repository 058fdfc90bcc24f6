import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';
import type { MirrorInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';
import { findRepo } from '../targets.js';

/**
 * Ends the mirror of a repository and erases its credentials: a push that is under way is ended within a second, and what has arrived there
 * stays there. Needs ADMIN.
 *
 * Refuses: NotFound (also where there is no mirror), Forbidden.
 */
export const removeMirror = defineOperation<MirrorInput, RepoReceipt>({
  kind: 'REMOVE_MIRROR',
  action: 'removeMirror',
  async decide(request, input) {
    const target = await findRepo(request, 'removeMirror', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    return {
      kind: 'write',
      async apply(tx) {
        if (!(await tx.removeMirror(repo.id))) return { kind: 'refused', problem: problems.notFound('mirror', input.repo) };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [{ kind: 'REPO_UPDATED', repoName: repo.name, changed: ['mirror'] }] },
          receipt: (operation) => ({ repoId: repo.id, operation }),
        };
      },
    };
  },
});
