import { NOTHING, type Fault } from './fault.js';

const DRAIN_LIMIT_MS = 10_000;

/** SIGTERM: what is under way is finished. */
export const GATEWAY_STOP: Fault = {
  what: 'the gateway is told to stop with work under way, and exits with 0 within 10 s',
  rounds: 50,
  shard: 50,
  smoke: 1,
  async hit(storm) {
    await storm.replace(async (gateway) => {
      const asked = performance.now();
      const code = await gateway.stop();
      if (code !== 0 || performance.now() - asked > DRAIN_LIMIT_MS) throw new TypeError(`it ended with ${code} after ${performance.now() - asked} ms`);
    });
    return NOTHING;
  },
};
