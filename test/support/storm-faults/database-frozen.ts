import { setTimeout as sleep } from 'node:timers/promises';
import { FROZEN_MS, type Fault } from './fault.js';
import { databaseProcesses, signalAll } from './processes.js';

/** SIGSTOP and SIGCONT of all its processes: statements hang, and are answered then. */
export const DATABASE_FROZEN: Fault = {
  what: 'the database is frozen, and goes on',
  rounds: 50,
  shard: 50,
  smoke: 1,
  async hit(storm, draw) {
    const all = databaseProcesses(storm);
    signalAll(all, 'SIGSTOP');
    await sleep(draw(FROZEN_MS));
    return async () => signalAll(all, 'SIGCONT');
  },
};
