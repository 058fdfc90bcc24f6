import { NOTHING, type Fault } from './fault.js';
import { postmaster } from './processes.js';

/** SIGQUIT: the database ends without a checkpoint, and has to recover. */
export const DATABASE_IMMEDIATE: Fault = {
  what: 'the database is stopped at once',
  rounds: 40,
  shard: 20,
  smoke: 1,
  async hit(storm) {
    process.kill(postmaster(storm), 'SIGQUIT');
    return NOTHING;
  },
};
