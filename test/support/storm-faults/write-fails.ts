import type { Fault } from './fault.js';
import { failing } from './tracer.js';

/** Packs are written by pwrite alone, sockets and the log by other calls. */
export const WRITE_FAILS: Fault = {
  what: 'every write to the disk of the objects fails with EIO',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  hit: (storm) => failing(storm, 'pwrite64', 'EIO'),
};
