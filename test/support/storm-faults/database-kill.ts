import { NOTHING, type Fault } from './fault.js';
import { postmaster } from './processes.js';

/** SIGKILL of the postmaster; its children notice and end. */
export const DATABASE_KILL: Fault = {
  what: 'the database is killed',
  rounds: 60,
  shard: 30,
  smoke: 1,
  async hit(storm) {
    process.kill(postmaster(storm), 'SIGKILL');
    return NOTHING;
  },
};
