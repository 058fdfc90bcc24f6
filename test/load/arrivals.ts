import { setTimeout as sleep } from 'node:timers/promises';
import { drawsOfTheRun } from '../support/draws.js';

/** One arrival: when it was due and when it had ended, on the clock of `performance`, and what came of it. */
export interface Arrival<T> {
  readonly due: number;
  readonly ended: number;
  readonly result: T;
}

/** Between two looks at the clock; what is due meanwhile is sent together. */
const STEP_MS = 5;
/** Into how many parts the draws from 0 to 1 are cut. */
const FINE = 1_000_000;

/**
 * Begins `work` so often a second, for so long, whether or not earlier calls were answered (an open loop: clients of a slow server do not
 * come more slowly). Times between arrivals are drawn as those of many who do not know of each other (exponential). Answers when all
 * that was begun has ended.
 */
export async function arrive<T>(rate: number, seconds: number, work: () => Promise<T>): Promise<Arrival<T>[]> {
  const draw = drawsOfTheRun();
  const started = performance.now();
  const end = started + seconds * 1000;
  const under: Promise<Arrival<T>>[] = [];
  let due = started;
  const next = (): number => due - (Math.log(1 - draw(FINE) / FINE) * 1000) / rate;
  for (due = next(); due < end;) {
    const now = performance.now();
    while (due <= now && due < end) {
      const at = due;
      under.push(work().then((result) => ({ due: at, ended: performance.now(), result })));
      due = next();
    }
    await sleep(Math.max(1, Math.min(STEP_MS, due - performance.now())));
  }
  return Promise.all(under);
}
