import { checkpoint } from './cases/checkpoint.js';
import { clone } from './cases/clone.js';
import { crowd } from './cases/crowd.js';
import { diff } from './cases/diff.js';
import { equality } from './cases/equality.js';
import { history } from './cases/history.js';
import { importing } from './cases/import.js';
import { landing } from './cases/landing.js';
import { merge } from './cases/merge.js';
import { objects } from './cases/objects.js';
import { page } from './cases/page.js';
import { review } from './cases/review.js';
import { scale } from './cases/scale.js';
import { screen } from './cases/screen.js';
import { start } from './cases/start.js';
import { timeline } from './cases/timeline.js';
import type { Comparison } from './measure.js';
import type { Subject, Workplace } from './workplace.js';

/** A job on one repository. */
export type SubjectJob = (place: Workplace, subject: Subject, rounds: number) => Promise<Comparison[]>;

/** Jobs that are done on every repository, in this order: those that write come after those that read what was imported. */
export const SUBJECT_JOBS = { equality, diff, objects, history, merge, checkpoint, landing, import: importing, clone } as const satisfies Readonly<Record<string, SubjectJob>>;

/** Jobs that are done once. */
export const PLACE_JOBS = { page, review, start, screen } as const satisfies Readonly<Record<string, (place: Workplace, rounds: number) => Promise<Comparison[]>>>;

/** Jobs of the repository with the long history. */
export const HISTORY_JOBS: ReadonlySet<string> = new Set(['equality', 'history', 'merge', 'objects']);

/** The names of all jobs. `crowd` compares many repositories, and many branches, with few; `scale` compares the largest generated repository with the smallest, `timeline` the longest timeline with the shortest. */
export type JobName = keyof typeof SUBJECT_JOBS | keyof typeof PLACE_JOBS | 'crowd' | 'scale' | 'timeline';

const NAMES: Readonly<Record<JobName, true>> = { equality: true, diff: true, objects: true, history: true, merge: true, checkpoint: true, landing: true, crowd: true, scale: true, timeline: true, import: true, clone: true, page: true, review: true, start: true, screen: true };

/** True for the name of a job. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(NAMES, name);
}

/** All of them, as usage lists them. */
export const JOB_NAMES: readonly JobName[] = Object.keys(NAMES).filter(isJobName);

export { crowd, scale, timeline };
