import type { CheckpointRecord } from '../../domain/checkpoint.js';
import type { RevertSpan } from '../../domain/combine-merge.js';
import { messageViolation } from '../../domain/commit-data.js';
import * as problems from '../../domain/problems.js';
import { REVERTS_RUN } from '../../domain/timeline.js';
import { runAbsent } from '../../domain/timeline-violations.js';
import { firstBroken, runChecks } from '../checks.js';
import { decideCombined } from '../combined-move.js';
import { defineOperation, refused } from '../define-operation.js';
import { pathsRefusal } from '../forward-move.js';
import { mergeMeans } from '../merge-refusals.js';
import type { TimelineReceipt } from '../receipts.js';
import { findBranch, findRepo, staleness } from '../targets.js';
import type { RevertRunInput } from '../timeline-inputs.js';

/**
 * Takes what a run has done on a branch out of it, as a new checkpoint; what others did, before or later, stays. Work that was built on
 * the run's conflicts. Possible on a protected branch too, since it only moves forward. Needs WRITE, and the key's `branches` and `paths`.
 *
 * Refuses: InvalidInput (the run left nothing here), NotFound, Forbidden, StaleHead, MergeConflicted, Busy.
 */
export const revertRun = defineOperation<RevertRunInput, TimelineReceipt>({
  kind: 'REVERT_RUN',
  action: 'revertRun',
  async decide(request, input) {
    const { runId } = input;
    const target = await findRepo(request, 'revertRun', input.repo);
    if (!target.ok) return refused(target.problem);
    const found = await findBranch(request, 'revertRun', target.value, input.branch);
    if (!found.ok) return refused(found.problem);
    const [repo, branch] = [target.value, found.value];
    const message = input.message ?? `Revert run ${runId}`;
    const broken = firstBroken([...runChecks({ runId }), ['message', messageViolation(message)]]) ?? staleness(branch, input.expectedHead, input.expectedVersion);
    if (broken !== null) return refused(broken);
    const absent = problems.invalidInput('runId', runAbsent(runId, branch.name));
    const reverts = spansOf(await request.reader.checkpointsOfRun(branch, runId));
    const newest = reverts.at(-1);
    if (newest === undefined) return refused(absent);

    const resolutions = input.resolutions ?? [];
    return decideCombined(request, {
      repo,
      branch,
      spec: { repoId: repo.id, ours: branch.head, theirs: newest.from, reverts, ...(resolutions.length === 0 ? {} : { resolutions }) },
      landed: null,
      means: mergeMeans(request, 'revertRun', repo, branch, await request.gateway.storage.graph(repo.id)),
      otherParents: [],
      origin: 'REVERT',
      message,
      metadata: [{ key: REVERTS_RUN, value: runId }],
      dryRun: input.dryRun ?? false,
      refusal: async (staged, before, after) => (before === after ? absent : pathsRefusal(request, 'revertRun', repo, branch, staged, before, after)),
    });
  },
});

/** The stretches that checkpoints cover, oldest first; those that follow one another directly are one. */
function spansOf(checkpoints: readonly CheckpointRecord[]): RevertSpan[] {
  const spans: RevertSpan[] = [];
  for (const { before, oid } of checkpoints) {
    const last = spans.at(-1);
    // A first commit has nothing before it that could come back.
    if (before === null) continue;
    if (last?.to === before) spans[spans.length - 1] = { from: last.from, to: oid };
    else spans.push({ from: before, to: oid });
  }
  return spans;
}
