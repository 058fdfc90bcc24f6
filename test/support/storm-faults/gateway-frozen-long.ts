import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { gatewayPid } from './processes.js';

/** Longer than any lease, and than the 15 s after which the database ends a transaction that does nothing. */
const FROZEN_LONG_MS = 30_000;

/** SIGSTOP and SIGCONT: what the gateway held it has lost, and may not take for its own still. */
export const GATEWAY_FROZEN_LONG: Fault = {
  what: 'the gateway is frozen for 30 s, and goes on',
  rounds: 10,
  shard: 5,
  smoke: 0,
  async hit(storm) {
    const pid = await gatewayPid(storm);
    process.kill(pid, 'SIGSTOP');
    await sleep(FROZEN_LONG_MS);
    return async () => void process.kill(pid, 'SIGCONT');
  },
};
