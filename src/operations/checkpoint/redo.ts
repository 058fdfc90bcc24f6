import type { BranchRecord } from '../../domain/branch.js';
import type { Problem } from '../../domain/problem.js';
import { chainLength, stepsForward, type TimelineStep } from '../../domain/timeline.js';
import { stepsBeyondEnd } from '../../domain/timeline-violations.js';
import { defineOperation } from '../define-operation.js';
import type { TimelineReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { decideStep, tooManySteps } from './take-step.js';
import type { StepInput } from '../timeline-inputs.js';

/**
 * Brings the next `steps` undone checkpoints of a branch again. Where the undo was an inverse commit that something else holds by
 * now, and on a protected branch, their content comes back as a new checkpoint. Needs WRITE, and the key's `branches` and `paths`.
 *
 * Refuses: InvalidInput (more steps than were undone), NotFound, Forbidden, StaleHead, Busy.
 */
export const redo = defineOperation<StepInput, TimelineReceipt>({
  kind: 'REDO',
  action: 'redo',
  decide: (request, input) => decideStep(request, input, { action: 'redo', find: wayForward, message: (numbers) => `Redo ${numbers}` }),
});

async function wayForward({ reader }: Request, branch: BranchRecord, steps: number): Promise<TimelineStep | Problem> {
  const undone = await reader.undoneCheckpoints(branch.id);
  const stop = undone[steps - 1];
  const current = branch.checkpointId === null ? null : await reader.checkpoint(branch.checkpointId);
  const chain = stop === undefined ? [] : await reader.checkpointChain(stop.id, chainLength(steps));
  return stepsForward(current, undone, chain, steps) ?? tooManySteps(stepsBeyondEnd(branch.name));
}
