import type { Fault } from './fault.js';
import { failing } from './tracer.js';

/** The disk has lost what was written: no acknowledgement may follow. */
export const FSYNC_FAILS: Fault = {
  what: 'every fsync fails with EIO',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  hit: (storm) => failing(storm, 'fsync', 'EIO'),
};
