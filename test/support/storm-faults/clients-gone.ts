import { setTimeout as sleep } from 'node:timers/promises';
import { NOTHING, type Fault } from './fault.js';

/** Clients that go at a time, and how far apart, at most. */
const GONE = 32;
const APART_MS = 20;

/** Anywhere within what they have asked for: before it is read, while it waits, or after the commit. */
export const CLIENTS_GONE: Fault = {
  what: 'clients hang up before they are answered, and ask again',
  rounds: 200,
  shard: 100,
  smoke: 1,
  readsOn: true,
  async hit(storm, draw) {
    for (let left = 1 + draw(GONE); left > 0; left--) {
      storm.hangUp(draw);
      await sleep(draw(APART_MS));
    }
    return NOTHING;
  },
};
