import { setTimeout as sleep } from 'node:timers/promises';
import { anotherUser } from './another-user.js';
import type { Fault } from './fault.js';

/** One in so many outlasts the 10 s that the gateway waits for a lock, which is refused then and asked for again. */
const ONE_IN = 10;
const SHORT_MS = 2_000;
const LONG_MS = 12_000;

/** As a migration or a careless administrator does. */
export const LOCKS_HELD: Fault = {
  what: 'somebody holds a lock on all branches, now and then for longer than is waited for it',
  rounds: 50,
  shard: 25,
  smoke: 1,
  readsOn: true,
  async hit(storm, draw) {
    const other = await anotherUser(storm);
    const sql = other.dedicated('locks');
    await sql.unsafe('begin; lock table branch in exclusive mode');
    await sleep(draw(ONE_IN) === ONE_IN - 1 ? LONG_MS : draw(SHORT_MS));
    return async () => {
      await sql.unsafe('rollback');
      await other.close();
    };
  },
};
