import type { Subject } from '../workplace.js';

/** Two commits, the older first. */
export type Pair = readonly [from: string, to: string];

/** Commits that change more than a person would read at once are no everyday diff. */
const MOST_FILES = 20;

/**
 * Parent and child of recent first-parent commits of the subject that changed 1 to 20 files, newest first, at most `count`;
 * with `exactly`, those that changed just so many.
 */
export function everydayChanges(subject: Subject, count: number, exactly?: number): Pair[] {
  const printed = subject.git('log', '--first-parent', '-m', '--no-renames', '--name-only', `-n${count * 8}`, '--format=%x00%H %P', subject.head);
  const pairs = printed.split('\0').flatMap((record): Pair[] => {
    const [head = '', ...files] = record.split('\n').filter((line) => line !== '');
    const [commit, parent] = head.split(' ');
    const fits = exactly === undefined ? files.length > 0 && files.length <= MOST_FILES : files.length === exactly;
    return commit === undefined || parent === undefined || !fits ? [] : [[parent, commit]];
  });
  return pairs.slice(0, count);
}

/** Both parents of recent merges of two, newest first, at most `count`. */
export function recentMerges(subject: Subject, count: number): Pair[] {
  const lines = subject.git('log', '--min-parents=2', '--max-parents=2', '--format=%P', `-n${count}`, subject.head).trim().split('\n');
  return lines.flatMap((line): Pair[] => {
    const [ours, theirs] = line.split(' ');
    return ours === undefined || theirs === undefined ? [] : [[ours, theirs]];
  });
}

/** The entry of this round, around and around; `list` is not empty. */
export function inTurn<T>(list: readonly [T, ...T[]], round: number): T {
  return list[round % list.length] ?? list[0];
}

/** True for a list with something in it, which {@link inTurn} asks for. */
export function isFilled<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
