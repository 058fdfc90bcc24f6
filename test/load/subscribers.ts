import { Weir } from '../../src/client/index.js';
import type { Place } from './place.js';
import { quantile } from './tally.js';

/** What subscribers saw: how many events in all, and how long after the acknowledgement they came, in milliseconds. */
export interface Heard {
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

/** Those who listen while others work. */
export interface Subscribers {
  /** What was heard since the last time somebody asked. */
  heard(): Heard;
  close(): Promise<void>;
}

/** Subscribes so often at each gateway to proposals as they are opened; `opened` says when each was acknowledged, by its title. */
export function subscribe(place: Pick<Place, 'urls' | 'key'>, each: number, opened: Map<string, number>): Subscribers {
  const over = new AbortController();
  let delays: number[] = [];
  let events = 0;
  const listen = async (url: string, telling: boolean): Promise<void> => {
    const weir = new Weir({ url, key: place.key });
    for await (const { proposalOpened } of weir.subscribe<{ readonly proposalOpened: { readonly proposal: { readonly title: string } } }>('subscription { proposalOpened { cursor proposal { number title } } }', {}, { signal: over.signal })) {
      events++;
      const { title } = proposalOpened.proposal;
      const at = opened.get(title);
      // An event may overtake the answer to whoever caused it.
      delays.push(at === undefined ? 0 : performance.now() - at);
      if (telling) opened.delete(title);
    }
  };
  const listening = place.urls.flatMap((url, gateway) => Array.from({ length: each }, (_, n) => listen(url, gateway === 0 && n === each - 1)));
  const all = Promise.allSettled(listening);
  return {
    heard() {
      const sorted = delays.sort((a, b) => a - b);
      const told = { events, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
      delays = [];
      events = 0;
      return told;
    },
    async close() {
      over.abort();
      await all;
    },
  };
}
