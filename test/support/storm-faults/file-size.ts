import type { Fault } from './fault.js';
import { limited } from './processes.js';

/** EFBIG in the middle of a pack (Node ignores SIGXFSZ). */
export const FILE_SIZE: Fault = {
  what: 'no file may be larger than 100 bytes',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  hit: (storm) => limited(storm, 'fsize', 100),
};
