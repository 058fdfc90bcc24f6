import { authorize } from '../../auth/authorize.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';

/** Which repository was given up. */
export interface GiveUpReceipt {
  readonly repoId: number;
}

/**
 * Gives up a repository that was deleted longer ago than the deployment keeps such: it cannot be restored from then on, and upkeep
 * removes its rows and packs. What the log tells of it stays, as all of the log does, and the log of the server gets a row that says
 * when it went and why; not by its name, which others that read that log may not know. Done in the background alone.
 *
 * Refuses: NotFound (also when it is not deleted, is within its grace, or has been given up already), Forbidden, Busy.
 */
export const giveUpRepo = defineOperation<{ readonly repo: string; readonly idempotencyKey?: null }, GiveUpReceipt>({
  kind: 'PURGE',
  action: 'deleteRepo',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const id = decodeGlobalId(input.repo);
    const repo = id?.type === 'Repo' ? await request.reader.deletedRepo(id.id) : null;
    if (repo === null) return refused(problems.notFound('repository', input.repo));
    const hidden = authorize(viewer, 'deleteRepo', { repoName: repo.name });
    if (hidden !== null) return refused(hidden);
    const before = new Date(gateway.now().getTime() - gateway.limits.keepDeletedReposMs);
    if (repo.deletedAt > before) return refused(problems.notFound('repository', input.repo));

    return {
      kind: 'write',
      async apply(tx) {
        if (!(await tx.giveUpRepo(repo.id, before))) return { kind: 'moved', branchId: null };
        return {
          kind: 'done',
          stream: SERVER_STREAM,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [], reason: `The repository ${input.repo}, deleted on ${repo.deletedAt.toISOString()}, was not restored in its grace and is removed for good` },
          receipt: () => ({ repoId: repo.id }),
        };
      },
    };
  },
});
