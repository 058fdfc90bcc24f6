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

/** A branch that has no base from which it could be refreshed. */
export function noBase(branchName: string): Violation {
  return { rule: 'branch/no-base', message: `${quote(branchName)} has no base that this key can read.`, hint: 'Name under "from" what is to be brought in.' };
}

/** The most paths that one restore names, as many as a diff takes. */
export const MAX_RESTORED_PATHS = 1_000;

/** More paths than a restore takes. */
export function tooManyPaths(count: number): Violation {
  return { rule: 'paths/too-many', message: `${count} paths are named, of ${MAX_RESTORED_PATHS} that are allowed.`, hint: 'Name directories, or leave "paths" out for everything.' };
}

/** A path whose bytes are not UTF-8, which a change by path cannot name. */
export function pathNotText(path: string): Violation {
  return { rule: 'path/not-text', message: `The name ${quote(path)} is not UTF-8, so it cannot be restored by its path.`, hint: 'Restore everything, without "paths".' };
}
