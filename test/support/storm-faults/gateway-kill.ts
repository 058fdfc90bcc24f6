import { NOTHING, type Fault } from './fault.js';

/** SIGKILL at a moment that nothing chooses. */
export const GATEWAY_KILL: Fault = {
  what: 'the gateway is killed at any time',
  rounds: 1000,
  shard: 100,
  smoke: 25,
  async hit(storm) {
    await storm.replace((gateway) => gateway.kill());
    return NOTHING;
  },
};
