import { setTimeout as sleep } from 'node:timers/promises';
import { FROZEN_MS, type Fault } from './fault.js';
import { gatewayPid } from './processes.js';

/** SIGSTOP and SIGCONT: the gateway takes what it held for its own still. */
export const GATEWAY_FROZEN: Fault = {
  what: 'the gateway is frozen, and goes on',
  rounds: 50,
  shard: 50,
  smoke: 1,
  async hit(storm, draw) {
    const pid = await gatewayPid(storm);
    process.kill(pid, 'SIGSTOP');
    await sleep(draw(FROZEN_MS));
    return async () => void process.kill(pid, 'SIGCONT');
  },
};
