import type { BranchRecord } from '../../domain/branch.js';
import type { Problem } from '../../domain/problem.js';
import { chainLength, stepsBack, type TimelineStep } from '../../domain/timeline.js';
import { stepsBeyondStart } from '../../domain/timeline-violations.js';
import { defineOperation } from '../define-operation.js';
import type { TimelineReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { decideStep, tooManySteps } from './take-step.js';
import type { StepInput } from '../timeline-inputs.js';

/**
 * Takes the last `steps` checkpoints of a branch back, along the timeline's parents; undoing number 1 returns to the fork point. They
 * stay listed, and redo brings them again. What another branch or a landing holds already, and anything on a protected branch, is taken
 * back by an inverse commit, as a new checkpoint. Needs WRITE, and the key's `branches` and `paths`.
 *
 * Refuses: InvalidInput (more steps than there are), NotFound, Forbidden, StaleHead, Busy.
 */
export const undo = defineOperation<StepInput, TimelineReceipt>({
  kind: 'UNDO',
  action: 'undo',
  decide: (request, input) => decideStep(request, input, { action: 'undo', find: wayBack, message: (numbers) => `Undo ${numbers}` }),
});

async function wayBack({ reader }: Request, branch: BranchRecord, steps: number): Promise<TimelineStep | Problem> {
  // Nothing has more steps than the branch has had checkpoints: no need to look.
  const possible = branch.checkpointId !== null && steps < branch.nextCheckpoint;
  const chain = possible ? await reader.checkpointChain(branch.checkpointId, chainLength(steps)) : [];
  return stepsBack(branch, chain, steps) ?? tooManySteps(stepsBeyondStart(branch.name));
}
