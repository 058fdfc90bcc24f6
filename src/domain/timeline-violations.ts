import { quote, type Violation } from './violation.js';

/** A number of steps below one. */
export function stepsTooFew(): Violation {
  return { rule: 'steps/too-few', message: 'A step count begins at 1.', hint: 'Leave "steps" out for one step.' };
}

/** More steps back than the timeline has; an import or a first commit has nothing before it. */
export function stepsBeyondStart(branchName: string): Violation {
  return { rule: 'steps/too-many', message: `${quote(branchName)} has fewer checkpoints than that to undo.`, hint: 'Read "canUndo" and the checkpoints of the branch; the first one of an import or of a new repository cannot be undone.' };
}

/** More steps forward than were undone; a forward move after an undo leaves nothing to redo. */
export function stepsBeyondEnd(branchName: string): Violation {
  return { rule: 'steps/too-many', message: `${quote(branchName)} has fewer undone checkpoints than that to redo.`, hint: 'Read "canRedo"; checkpoints that were abandoned come back with restore.' };
}

/** A path to restore that is neither on the branch nor in what it is restored from. */
export function pathNowhere(path: string): Violation {
  return { rule: 'path/absent', message: `There is nothing at ${quote(path)}, neither on the branch nor in what is restored.`, hint: 'Name files, directories or globs as the tree has them.' };
}

/** A run that left no work on the branch which could be taken out. */
export function runAbsent(runId: string, branchName: string): Violation {
  return { rule: 'run/absent', message: `The run ${quote(runId)} has left nothing on ${quote(branchName)} that is still there.`, hint: 'Read the "runId" of the checkpoints of the branch.' };
}

/** An id that is no branch's. */
export function notBranchId(id: string): Violation {
  return { rule: 'id/branch', message: `${quote(id)} is not the node id of a branch.`, hint: 'Use the "id" of the deleted branch; its name may be in use again.' };
}
