import type { Steps } from '../diff/steps.js';
import { hunkOf, rangeBytes, regionsSteps } from './merge-lines.js';
import type { ConflictHunk } from './conflict.js';

/** What to put in the place of one conflicting hunk: sides one after another, or other bytes. */
export type HunkChoice =
  | { readonly id: string; readonly sides: readonly ('BASE' | 'OURS' | 'THEIRS')[] }
  | { readonly id: string; readonly replacement: Buffer };

/** Why choices do not fit the hunks, and which hunk it is about. */
export interface HunkRefusal {
  readonly reason: 'NO_SUCH_HUNK' | 'HUNK_WITHOUT_BASE' | 'HUNK_LEFT_OVER' | 'RESOLVED_TWICE';
  readonly hunk: string;
}

/**
 * The merged file with every conflicting hunk replaced by what was chosen for it; the merge is that of `mergeLines`, so its
 * ids fit. Refuses unless each hunk is chosen exactly once; BASE is refused where a hunk has no base of its own. Suspendable work.
 */
export function* resolveLines(base: Buffer, ours: Buffer, theirs: Buffer, choices: readonly HunkChoice[]): Steps<{ readonly content: Buffer } | HunkRefusal> {
  const open = new Map<string, HunkChoice>();
  for (const choice of choices) {
    if (open.has(choice.id)) return { reason: 'RESOLVED_TWICE', hunk: choice.id };
    open.set(choice.id, choice);
  }
  const merge = yield* regionsSteps(base, ours, theirs);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const region of merge.regions) {
    pieces.push(rangeBytes(merge.ours, { start: at, end: region.ours.start }));
    at = region.ours.end;
    if (region.kind !== 'CONFLICT') pieces.push(rangeBytes(merge[region.kind === 'OURS' ? 'ours' : 'theirs'], region[region.kind === 'OURS' ? 'ours' : 'theirs']));
    else {
      const hunk = hunkOf(merge, region);
      const choice = open.get(hunk.id);
      if (choice === undefined) return { reason: 'HUNK_LEFT_OVER', hunk: hunk.id };
      open.delete(hunk.id);
      const chosen = chosenBytes(hunk, choice);
      if (chosen === null) return { reason: 'HUNK_WITHOUT_BASE', hunk: hunk.id };
      pieces.push(...chosen);
    }
  }
  const [unknown] = open.keys();
  if (unknown !== undefined) return { reason: 'NO_SUCH_HUNK', hunk: unknown };
  pieces.push(rangeBytes(merge.ours, { start: at, end: merge.ours.count }));
  return { content: Buffer.concat(pieces) };
}

/** Null where the base is wanted of a hunk that has none. */
function chosenBytes(hunk: ConflictHunk, choice: HunkChoice): Buffer[] | null {
  if ('replacement' in choice) return [choice.replacement];
  const pieces: Buffer[] = [];
  for (const side of choice.sides) {
    const bytes = side === 'BASE' ? hunk.base : side === 'OURS' ? hunk.ours : hunk.theirs;
    if (bytes === null) return null;
    pieces.push(bytes);
  }
  return pieces;
}
