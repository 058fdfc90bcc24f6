import type { Measured } from './tally.js';

/** What a rate must keep to count as sustained. */
export interface Bound {
  /** The longest p99 of good answers, in milliseconds. */
  readonly p99Ms: number;
  /** The least share of arrivals that are answered well. */
  readonly goodShare: number;
}

/** A rate and what came of it. */
export interface Step {
  readonly rate: number;
  readonly measured: Measured;
  readonly sustained: boolean;
}

/** True where the bound is kept, and something was answered at all. */
export function isSustained({ p99, good, goodShare }: Measured, bound: Bound): boolean {
  return good > 0 && p99 <= bound.p99Ms && goodShare >= bound.goodShare;
}

/** How the rates rise, and how closely the knee is told. */
export interface Search {
  readonly from: number;
  readonly factor: number;
  /** Rates tried between the last that was sustained and the first that was not, each in the middle. */
  readonly refinements: number;
  /** No higher than this. */
  readonly most: number;
}

/**
 * Finds the highest sustained rate: rising by a factor until one is not sustained twice, since a single pause of the machine is no knee, then by halves.
 * Answers the steps in the order in which they were tried; the knee is 0 where not even the first rate was sustained.
 */
export async function findKnee(measure: (rate: number) => Promise<Measured>, bound: Bound, { from, factor, refinements, most }: Search, told: (step: Step) => void = () => undefined): Promise<{ readonly knee: number; readonly steps: readonly Step[] }> {
  const steps: Step[] = [];
  const holds = async (rate: number): Promise<boolean> => {
    for (let tries = 0; tries < 2; tries++) {
      const result = await measure(rate);
      const step = { rate, measured: result, sustained: isSustained(result, bound) };
      steps.push(step);
      told(step);
      if (step.sustained) return true;
    }
    return false;
  };
  let low = 0;
  let high = from;
  while (high <= most && (await holds(high))) {
    low = high;
    high *= factor;
  }
  if (low > 0 && high <= most) {
    for (let n = 0; n < refinements; n++) {
      const middle = (low + high) / 2;
      if (await holds(middle)) low = middle;
      else high = middle;
    }
  }
  return { knee: low, steps };
}
