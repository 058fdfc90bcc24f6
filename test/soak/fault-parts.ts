import { FAULTS } from '../support/storm-faults/index.js';
import type { SoakPart } from './parts.js';

/** Faults with a test of their own. */
const BY_THEMSELVES: readonly (readonly [string, SoakPart])[] = [
  ['bit-flips', { what: 'bits of packs and indexes flip, and packs are cut short', file: 'test/property/pack-bit-flips.test.ts', runs: 10_000, shard: 2_500 }],
  ['power-loss', { what: 'the power fails anywhere within a write, and what was not synced is forgotten', file: 'test/unit/storage-packs/power-loss.test.ts', runs: 10_000, shard: 2_500 }],
  ['two-gateways-killed', { what: 'operations through two gateways that are killed by turns, told to subscribers that come and go', file: 'test/faults/events.test.ts', runs: 20_000, shard: 5_000 }],
  ['same-content', { what: 'two gateways write the same content at once, and one is killed in between', file: 'test/faults/same-content.test.ts', runs: 1_000, shard: 100 }],
  ['merge-races', { what: 'two gateways race merges into one branch', file: 'test/property/landing.test.ts', runs: 5_000, shard: 250 }],
  ['migration-crash', { what: 'gateways are killed within their migrations', file: 'test/faults/migration-crash.test.ts', runs: 1, shard: 1 }],
  ['half-restored', { what: 'the database is of another time than the objects', file: 'test/faults/halves.test.ts', runs: 1, shard: 1 }],
  ['lost-notifications', { what: 'no notification arrives', file: 'test/faults/dead-notifications.test.ts', runs: 1, shard: 1 }],
  ['slow-loris', { what: 'hundreds of clients that send a byte now and then', file: 'test/faults/slow-loris.test.ts', runs: 400, shard: 400 }],
  ['stalled-subscribers', { what: 'seconds of events for a hundred subscribers that do not read', file: 'test/faults/stalled-readers.test.ts', runs: 60, shard: 60 }],
  ['push-crash', { what: 'a push is cut off at each of its points', file: 'test/faults/push-crash.test.ts', runs: 1, shard: 1 }],
  ['import-crash', { what: 'an import is killed at each of its points', file: 'test/faults/import-crash.test.ts', runs: 1, shard: 1 }],
  ['mirror-crash', { what: 'a push to a mirror is killed before and behind it', file: 'test/faults/mirror-crash.test.ts', runs: 1, shard: 1 }],
  ['purge-crash', { what: 'a purge is killed at each of its points', file: 'test/faults/purge-crash.test.ts', runs: 1, shard: 1 }],
  ['collection-crash', { what: 'a collection of garbage is killed', file: 'test/faults/gc-crash.test.ts', runs: 1, shard: 1 }],
];

const STORMS = [...FAULTS].map(([name, { what, rounds, shard }]): [string, SoakPart] => [name, { what, file: 'test/faults/storm.test.ts', runs: rounds, shard, settings: { WEIR_TEST_FAULT: name } }]);

/** What `npm run faults` knows, by name: what happens in the storm, and what has a test of its own. */
export const FAULT_PARTS: ReadonlyMap<string, SoakPart> = new Map([...STORMS, ...BY_THEMSELVES]);
