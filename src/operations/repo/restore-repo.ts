import { authorize } from '../../auth/authorize.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import * as problems from '../../domain/problems.js';
import { repoNameViolation } from '../../domain/repo-name.js';
import { tooManyRepos } from '../../domain/repos-of-key.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { RestoreRepoInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';

/**
 * Brings a deleted repository back as it was, under its own name or another: the same repository, with its branches, proposals and log. A
 * name that is in use meanwhile belongs to another repository. Needs ADMIN, and both names within the key's `repos`.
 *
 * Refuses: InvalidInput, NotFound (also when it is not deleted), Forbidden, NameTaken, LimitExceeded (of the key that made it), Busy.
 */
export const restoreRepo = defineOperation<RestoreRepoInput, RepoReceipt>({
  kind: 'RESTORE_REPO',
  action: 'restoreRepo',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const id = decodeGlobalId(input.id);
    const repo = id?.type === 'Repo' ? await request.reader.deletedRepo(id.id) : null;
    const absent = problems.notFound('repository', input.id);
    if (repo === null) return refused(absent);
    const hidden = authorize(viewer, 'restoreRepo', { repoName: repo.name });
    if (hidden !== null) return refused(hidden.code === 'NOT_FOUND' ? absent : hidden);
    const name = input.name ?? repo.name;
    const refusal =
      firstBroken([['name', name === repo.name ? null : repoNameViolation(name, gateway.repoNamePattern)]]) ??
      authorize(viewer, 'createRepo', { repoName: name });
    if (refusal !== null) return refused(refusal);

    return {
      kind: 'write',
      async apply(tx) {
        const restored = await tx.updateRepo({ id: repo.id, name, deleted: false });
        if (restored === 'NAME_TAKEN') return { kind: 'refused', problem: problems.nameTaken('repository', name) };
        if (restored === 'GONE') return { kind: 'moved', branchId: null };
        const crowded = await tooManyRepos(tx, repo.id, gateway.limits);
        if (crowded !== null) return { kind: 'refused', problem: crowded };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [{ kind: 'REPO_CREATED', repoName: name }] },
          receipt: (operation) => ({ repoId: repo.id, operation }),
        };
      },
    };
  },
});
