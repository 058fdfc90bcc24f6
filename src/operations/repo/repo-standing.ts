import type { Action } from '../../auth/actions.js';
import type { EventPayload, OperationKind } from '../../domain/operation.js';
import type { RepoChange } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { defineOperation, refused, type Operation } from '../define-operation.js';
import type { RepoInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';
import { findRepo } from '../targets.js';

/** How a verb changes whether a repository can be written, or is there at all. */
export interface Standing {
  readonly kind: OperationKind;
  readonly action: Action;
  readonly change: Pick<RepoChange, 'archived' | 'deleted'>;
  /** What subscribers are told. */
  readonly event: Pick<EventPayload, 'kind' | 'changed'>;
  /** The refusal of a repository whose state does not allow it, or null. */
  refusal(repo: RepoRecord): Problem | null;
}

/** The verb that changes the standing of a repository so. Writers that have read it as it was before run again, and are refused then. */
export function standingVerb({ kind, action, change, event, refusal }: Standing): Operation<RepoInput, RepoReceipt> {
  return defineOperation<RepoInput, RepoReceipt>({
    kind,
    action,
    async decide(request, input) {
      const target = await findRepo(request, action, input.repo);
      if (!target.ok) return refused(target.problem);
      const repo = target.value;
      const expected = input.expectedVersion ?? null;
      const problem = expected !== null && expected !== repo.version ? problems.staleRepo(repo, expected) : refusal(repo);
      if (problem !== null) return refused(problem);
      return {
        kind: 'write',
        async apply(tx) {
          if ((await tx.updateRepo({ id: repo.id, ...change })) !== 'DONE') return { kind: 'moved', branchId: null };
          return {
            kind: 'done',
            stream: repo.id,
            gcEpoch: null,
            record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [{ ...event, repoName: repo.name }] },
            receipt: (operation) => ({ repoId: repo.id, operation }),
          };
        },
      };
    },
  });
}
