import { NOTHING, type Fault } from './fault.js';
import { backends, signalAll } from './processes.js';

/** What pg_terminate_backend does: SIGTERM to the process of each connection. */
export const DATABASE_TERMINATE: Fault = {
  what: 'every connection to the database is terminated',
  rounds: 50,
  shard: 50,
  smoke: 1,
  async hit(storm) {
    signalAll(backends(storm), 'SIGTERM');
    return NOTHING;
  },
};
