import type { Fault } from './fault.js';
import { failing } from './tracer.js';

/** Packs cannot get their names. */
export const RENAME_FAILS: Fault = {
  what: 'every rename fails with EIO',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  hit: (storm) => failing(storm, 'rename', 'EIO'),
};
