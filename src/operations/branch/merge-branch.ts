import { keyFamily } from '../../domain/api-key.js';
import { basesAfterMove } from '../../domain/branch-move.js';
import type { BranchRecord } from '../../domain/branch.js';
import { actorAsAuthor, authorityTrailers } from '../../domain/commit-draft.js';
import { messageViolation } from '../../domain/commit-data.js';
import * as violations from '../../domain/input-violations.js';
import { landedHead, landedOn, landMerge } from '../../domain/land-merge.js';
import { planMerge } from '../../domain/merge-plan.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { rulesFor } from '../../domain/target-rules.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { MergeBranchInput } from '../inputs.js';
import { mergeable, mergeMeans, sourceDeletionRefusal } from '../merge-refusals.js';
import type { MergeReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findBranch, findRepo, staleness } from '../targets.js';

/**
 * Merges one branch into another without a proposal. When the target moves meanwhile and the caller named no expected head, the merge
 * is made again on the new head. Resolutions settle what conflicts; the remainder is the refusal. Needs MERGE, a target within the
 * key's `branches`, and `paths` that reach whatever the merge itself has to write.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, MergeConflicted, ProtectedBranch, InvalidState (diverged, unrelated), Busy.
 */
export const mergeBranch = defineOperation<MergeBranchInput, MergeReceipt>({
  kind: 'MERGE_BRANCH',
  action: 'mergeBranch',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const found = await findRepo(request, 'mergeBranch', input.repo);
    if (!found.ok) return refused(found.problem);
    const repo = found.value;
    const from = await findBranch(request, null, repo, input.from);
    if (!from.ok) return refused(from.problem);
    const into = await findBranch(request, 'mergeBranch', repo, input.into);
    if (!into.ok) return refused(into.problem);
    const [source, target] = [from.value, into.value];
    const message = input.message ?? `Merge ${source.name} into ${target.name}`;
    const deleteSource = input.deleteSource ?? false;
    const refusal = refusalOf(request, { repo, source, target, message, deleteSource }, input);
    if (refusal !== null) return refused(refusal);

    const graph = await gateway.storage.graph(repo.id);
    const landingBase = await gateway.storage.landingBase(repo.id, source.head, target.head);
    const question = {
      repoId: repo.id,
      strategy: input.strategy ?? 'MERGE',
      sourceName: source.name,
      sourceHead: source.head,
      targetName: target.name,
      targetHead: target.head,
      landingBase,
      resolutions: input.resolutions ?? [],
    };
    const means = mergeMeans(request, 'mergeBranch', repo, target, graph);
    const merge = mergeable(question, await planMerge(means, question, {
      author: actorAsAuthor(viewer.actor),
      message,
      trailers: authorityTrailers({ runId: source.runId, sessionId: source.sessionId, actor: viewer.actor, checkpoint: `${target.nextCheckpoint}@${target.name}` }),
      at: gateway.now(),
    }));
    if (!merge.ok) return refused(merge.problem);
    const { plan } = merge;
    if (plan === null) return { kind: 'answer', receipt: { repoId: repo.id, branchId: target.id, outcome: 'UP_TO_DATE', commit: target.head, operation: null } };
    const bases = await basesAfterMove(request, graph, target, landedOn(plan, target.head, source.head));

    return {
      kind: 'write',
      async apply(tx) {
        const landed = await landMerge(tx, {
          repo,
          source,
          sourceHead: source.head,
          target,
          plan,
          deleteSource,
          bases,
          checkpoint: { origin: 'MERGE', message, prompt: null, runId: source.runId, sessionId: source.sessionId, metadata: [], createdBy: viewer.actor, keyId: keyFamily(viewer.key) },
        });
        if (landed.kind === 'moved') return landed;
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: { refs: landed.refs, subject: { type: 'Checkpoint', id: landed.checkpointId }, runId: source.runId, events: landed.events },
          receipt: (operation) => ({ repoId: repo.id, branchId: target.id, outcome: plan.outcome, commit: landedHead(plan), operation }),
        };
      },
      committed: () => {
        if (plan.outcome === 'MERGED' && plan.pack !== null) means.objects.adopt(plan.pack);
      },
    };
  },
});

/** Why this is not merged, whatever the two branches hold; null when nothing speaks against it. */
function refusalOf(
  request: Request,
  { repo, source, target, message, deleteSource }: { readonly repo: RepoRecord; readonly source: BranchRecord; readonly target: BranchRecord; readonly message: string; readonly deleteSource: boolean },
  { expectedFrom, expectedInto }: MergeBranchInput,
): Problem | null {
  const broken = firstBroken([
    ['from', source.id === target.id ? violations.sameBranch(source.name) : null],
    ['message', messageViolation(message)],
  ]);
  if (broken !== null) return broken;
  if (rulesFor(repo.settings, target).protected) return problems.protectedBranch(target.name, 'it changes only through proposals');
  const stale = staleness(source, expectedFrom, null) ?? staleness(target, expectedInto, null);
  return stale ?? (deleteSource ? sourceDeletionRefusal(request, repo, source) : null);
}
