import { performance } from 'node:perf_hooks';
import { BudgetExceeded } from '../objects/errors.js';

/**
 * Long work cut into steps: each `yield` names the elementary operations (bytes read, diagonals advanced) done since the
 * one before, and is a point at which the work may be suspended or abandoned. Steps are kept under about a millisecond.
 */
export type Steps<T> = Generator<number, T, void>;

/** Bounds of {@link finishInSlices}. */
export interface SliceBudget {
  /** Processor time in milliseconds that the work may take in all, waiting between slices not counted. */
  readonly maxMillis: number;
  /** Milliseconds of uninterrupted work, after which other callers get the event loop; 8 unless told. */
  readonly sliceMillis?: number;
}

const DEFAULT_SLICE_MILLIS = 8;

/** Runs the work to its end without a pause; throws {@link BudgetExceeded} once it has cost more than `maxOperations`. */
export function finish<T>(steps: Steps<T>, maxOperations = Number.POSITIVE_INFINITY): T {
  let operations = 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    operations += step.value;
    if (operations > maxOperations) throw new BudgetExceeded('operations', maxOperations, operations);
  }
}

/**
 * Runs the work in slices, between which the event loop turns. Work that fits one slice is done before this returns its
 * promise. Rejects with {@link BudgetExceeded} when the slices together took longer than `maxMillis`.
 */
export async function finishInSlices<T>(steps: Steps<T>, budget: SliceBudget): Promise<T> {
  const sliceMillis = budget.sliceMillis ?? DEFAULT_SLICE_MILLIS;
  let spent = 0;
  for (;;) {
    const began = performance.now();
    let elapsed = 0;
    while (elapsed < sliceMillis) {
      const step = steps.next();
      if (step.done === true) return step.value;
      elapsed = performance.now() - began;
    }
    spent += elapsed;
    if (spent > budget.maxMillis) throw new BudgetExceeded('milliseconds', budget.maxMillis, Math.ceil(spent));
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
