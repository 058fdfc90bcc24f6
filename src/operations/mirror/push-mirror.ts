import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';
import type { MirrorInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';
import { findRepo } from '../targets.js';

/**
 * Has a repository pushed to its mirror at once, whatever was pushed before, and not after the pause that follows a failure. Answers before that
 * is done: `Repo.mirror` tells how it goes. Needs ADMIN.
 *
 * Refuses: NotFound (also where there is no mirror), Forbidden.
 */
export const pushMirror = defineOperation<MirrorInput, RepoReceipt>({
  kind: 'PUSH_MIRROR',
  action: 'pushMirror',
  async decide(request, input) {
    const target = await findRepo(request, 'pushMirror', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    return {
      kind: 'write',
      committed: () => request.gateway.mirrors.wake(),
      async apply(tx) {
        if (!(await tx.pushMirror(repo.id))) return { kind: 'refused', problem: problems.notFound('mirror', input.repo) };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [] },
          receipt: (operation) => ({ repoId: repo.id, operation }),
        };
      },
    };
  },
});
