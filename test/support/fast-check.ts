import * as fc from 'fast-check';
import { SEED } from './seed.js';

fc.configureGlobal({ seed: SEED });

/** fast-check with the seed of the run: tests take it from here, so that none draws cases that the next run would not draw again. */
export * as fc from 'fast-check';
