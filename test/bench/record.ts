import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Comparison } from './measure.js';

/** A comparison of an earlier run, and which code it measured. */
export interface Recorded extends Comparison {
  /** ISO 8601. */
  readonly at: string;
  /** The commit whose code ran, with a `+` where files were changed since. */
  readonly commit: string;
}

/** Comparisons of several runs, a line of JSON each, so that a measurement in parts adds up to one table. */
export class BenchRecord {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Adds what a run has measured. */
  add(comparisons: readonly Comparison[], commit: string): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    const at = new Date().toISOString();
    appendFileSync(this.#file, comparisons.map((each) => `\n${JSON.stringify({ ...each, at, commit } satisfies Recorded)}`).join(''));
  }

  /** The last figure of each comparison, oldest comparison first. A line that was cut off by a crash counts as not written. */
  latest(): Recorded[] {
    if (!existsSync(this.#file)) return [];
    const found = new Map<string, Recorded>();
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      const each = parsed(line);
      if (each !== null) found.set(JSON.stringify([each.job, each.subject, each.other]), each);
    }
    return [...found.values()];
  }
}

function parsed(line: string): Recorded | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecorded(value) ? value : null;
  } catch {
    return null;
  }
}

const TEXTS = ['job', 'subject', 'ours', 'other', 'unit', 'at', 'commit'];
const NUMBERS = ['oursFigure', 'otherFigure', 'ratio', 'rounds'];

/** Written by {@link BenchRecord.add}: a ratio that was no number has become null on the way, and such a line is none. */
function isRecorded(value: unknown): value is Recorded {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map(Object.entries(value));
  const isNumberOrNull = (name: string): boolean => fields.get(name) === null || typeof fields.get(name) === 'number';
  return TEXTS.every((name) => typeof fields.get(name) === 'string') && NUMBERS.every((name) => typeof fields.get(name) === 'number') && isNumberOrNull('goal') && isNumberOrNull('cpuRatio');
}
