import type { Fault } from './fault.js';

/** One of these each time, so that each follows each of the others. Reads are not asked for while it lasts. */
export function mixed(faults: readonly Fault[]): Fault {
  return {
    what: 'any of the others that the machine allows',
    rounds: 1_000,
    shard: 100,
    smoke: 0,
    prepare: (dataDir) => new Set(faults.flatMap(({ prepare }) => prepare ?? [])).forEach((make) => { make(dataDir); }),
    hit: (storm, draw) => {
      const fault = faults[draw(faults.length)];
      if (fault === undefined) throw new TypeError('nothing to mix');
      return fault.hit(storm, draw);
    },
  };
}
