import { setTimeout as sleep } from 'node:timers/promises';
import { FAILING_MS, type Fault } from './fault.js';

const HOUR_MS = 3_600_000;

/** The clock of the gateway alone, as after a correction of a machine that was wrong for long: the database's goes on. */
export const CLOCK_JUMPS: Fault = {
  what: 'the clock of the gateway jumps by up to an hour, and back',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  async hit(storm, draw) {
    await storm.shiftClock(draw(2 * HOUR_MS) - HOUR_MS);
    await sleep(FAILING_MS);
    return () => storm.shiftClock(0);
  },
};
