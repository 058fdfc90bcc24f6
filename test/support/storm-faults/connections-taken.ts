import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../../src/shared/start-refused.js';
import { anotherUser } from './another-user.js';
import type { Fault } from './fault.js';
import { backends, signalAll } from './processes.js';

const TAKEN_MS = 1_000;
const TOO_MANY = '53300';

/** The gateway loses its connections while others have all that the database gives. */
export const CONNECTIONS_TAKEN: Fault = {
  what: 'others take every connection to the database, those of the gateway too',
  rounds: 50,
  shard: 50,
  smoke: 1,
  async hit(storm) {
    const its = backends(storm);
    const other = await anotherUser(storm);
    const taking = async (): Promise<boolean> => {
      try {
        await other.dedicated('taking').unsafe('select 1');
        return true;
      } catch (error) {
        if (errorCode(error) !== TOO_MANY) throw error;
        return false;
      }
    };
    while (await taking());
    signalAll(its, 'SIGTERM');
    for (const end = performance.now() + TAKEN_MS; performance.now() < end;) {
      if (!(await taking())) await sleep(10);
    }
    return () => other.close();
  },
};
