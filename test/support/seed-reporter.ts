import type { Reporter, TestRunEndReason } from 'vitest/node';
import { SEED } from './seed.js';

/** Says after a failed run from which seed its cases were made. */
export class SeedReporter implements Reporter {
  onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): void {
    if (reason === 'failed') process.stderr.write(`\nThe generated cases are those of WEIR_TEST_SEED=${SEED}.\n`);
  }
}
