import { compare, type Comparison } from '../measure.js';
import type { PackDirectory } from '../../../src/storage/packs/pack-directory.js';
import type { Subject, Workplace } from '../workplace.js';
import { engineCheckpoint, verbCheckpoint } from './checkpoint.js';
import { ASKED_BEFORE, askDiff, coldStore, engineDiff } from './diff.js';
import { everydayChanges, inTurn, isFilled } from './pairs.js';

const PAIRS = 8;
const FILES = 3;
const GOAL = 1.3;
/** Warm diffs in one run, each pair as often as the others: a tenth of a millisecond alone is mostly whatever else happens. */
const IN_A_ROW = 5 * PAIRS;
/** A sync to the disk takes as long as others let it: more rounds than elsewhere, for a median that says something. */
const SYNCED_ROUNDS = 3;

/** The same work of three files in a large repository and in a small one, ours on both sides: what size costs. */
export async function scale(place: Workplace, small: Subject, large: Subject, rounds: number): Promise<Comparison[]> {
  const few = everydayChanges(small, PAIRS, FILES);
  const many = everydayChanges(large, PAIRS, FILES);
  if (!isFilled(few) || !isFilled(many)) return [];
  const sides = [{ subject: large, pairs: many }, { subject: small, pairs: few }] as const;
  for (let n = 0; n < ASKED_BEFORE * rounds; n++) for (const { subject, pairs } of sides) await askDiff(place, subject, inTurn(pairs, n));
  const on = { rounds, subject: `${large.name} / ${small.name}` };
  const both = (run: (side: (typeof sides)[number], round: number) => unknown) =>
    [{ name: large.name, run: (round: number) => run(sides[0], round) }, { name: small.name, run: (round: number) => run(sides[1], round) }] as const;
  const stores = new Map<Subject, PackDirectory[]>();
  for (const { subject } of sides) stores.set(subject, await coldStores(place, subject, rounds + 1));
  const comparisons = [
    await compare('diff of 3 files, warm', ...both(async ({ subject, pairs }) => {
      for (let n = 0; n < IN_A_ROW; n++) await askDiff(place, subject, inTurn(pairs, n));
    }), { ...on, goal: GOAL, units: IN_A_ROW }),
    await compare('diff of 3 files, objects cold', ...both(async ({ subject, pairs }, round) => {
      const store = stores.get(subject)?.[round] ?? (await coldStore(place, subject));
      return engineDiff(store, inTurn(pairs, round));
    }), { ...on, goal: null }),
    await compare('durable checkpoint, 3 files, by size', ...both(({ subject }, round) => engineCheckpoint(place, subject, 1000 + round)), { ...on, rounds: SYNCED_ROUNDS * rounds, goal: GOAL }),
    await compare('createCheckpoint, 3 files, by size', ...both(({ subject }, round) => verbCheckpoint(place, subject, 1000 + round)), { ...on, rounds: SYNCED_ROUNDS * rounds, goal: GOAL }),
  ];
  for (const each of stores.values()) for (const store of each) store.close();
  return comparisons;
}

async function coldStores(place: Workplace, subject: Subject, count: number): Promise<PackDirectory[]> {
  const stores: PackDirectory[] = [];
  for (let n = 0; n < count; n++) {
    const store = await coldStore(place, subject);
    await store.refresh();
    stores.push(store);
  }
  return stores;
}
