import { defineOperation, refused } from '../define-operation.js';
import { findRepo } from '../targets.js';

/** Branches that one transaction lets go of. */
const AT_ONCE = 500;

/** How many branches were let go of, and whether there may be more. */
export interface ForgetReceipt {
  readonly forgotten: number;
  readonly more: boolean;
}

/**
 * Lets go of branches that were deleted longer ago than their repository keeps them: they cannot be restored from then on, and the
 * collection of garbage may take what nothing else leads to. Their rows, and what the log tells of them, stay. Done in the background
 * alone; one row of the log for all.
 *
 * Refuses: NotFound, Forbidden, InvalidState (archived), Busy.
 */
export const forgetBranches = defineOperation<{ readonly repo: string; readonly idempotencyKey?: null }, ForgetReceipt>({
  kind: 'RETENTION',
  action: 'runRetention',
  async decide(request, input) {
    const target = await findRepo(request, 'runRetention', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const { keepDeleted } = repo.settings.retention;
    if (keepDeleted === null) return { kind: 'answer', receipt: { forgotten: 0, more: false } };
    const before = new Date(request.gateway.now().getTime() - keepDeleted);
    if (!(await request.reader.hasDeletedBranch(repo.id, before))) return { kind: 'answer', receipt: { forgotten: 0, more: false } };

    return {
      kind: 'write',
      async apply(tx) {
        const forgotten = await tx.forgetBranches(repo.id, before, AT_ONCE);
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [], reason: `${forgotten} deleted branches are past their grace and not kept any more` },
          receipt: () => ({ forgotten, more: forgotten === AT_ONCE }),
        };
      },
    };
  },
});
