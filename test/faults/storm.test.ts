import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawsOfTheRun } from '../support/draws.js';
import { unmountDisks } from '../support/storm-faults/disk.js';
import type { Fault } from '../support/storm-faults/fault.js';
import { FAULTS } from '../support/storm-faults/index.js';
import { openStorm, type Storm } from '../support/storm.js';
import { report } from '../support/fault-report.js';

/** Rounds of the fault that is asked about. */
const ROUNDS = Number(process.env['WEIR_TEST_RUNS'] ?? 1);
/** The one fault that is asked about; where nothing is said, a few rounds of each that the machine allows. */
const ASKED = process.env['WEIR_TEST_FAULT'] ?? '';
/** Many where the matrix asks, a few where other tests run beside. */
const CLIENTS = ASKED === '' ? 6 : 32;
/**
 * Writes go on within this time after a fault has passed; a gateway that has to start again first starts within it too. The matrix has the machine
 * to itself; beside other tests only that it comes back is told by the clock.
 */
const RECOVERED_MS = ASKED === '' ? 45_000 : 5_000;
/** Between two faults the clients are given up to so many answers. */
const CALM = 20;

const faults = [...FAULTS].filter(([name, fault]) => (ASKED === '' ? fault.smoke > 0 : name === ASKED)).map(([name, fault]) => ({ name, fault, rounds: ASKED === '' ? fault.smoke : ROUNDS }));

let storm: Storm;
const random = drawsOfTheRun();

beforeAll(async () => {
  const prepare = new Set(faults.flatMap(({ fault }) => fault.prepare ?? []));
  // What a shard that fails has printed is kept beside its result.
  const log = ASKED === '' ? undefined : (text: string): void => void process.stdout.write(text);
  storm = await openStorm(CLIENTS, (dataDir) => prepare.forEach((make) => { make(dataDir); }), log);
}, 120_000);
afterAll(async () => {
  unmountDisks(storm.room.sandbox.data);
  await storm.close();
}, 60_000);

/** What clients find that compare after each fault, before they go on. */
const astray: Promise<number>[] = [];

/** One round: the fault in the middle of writes, its end, the first answer after it. In milliseconds. */
async function round(fault: Fault): Promise<number> {
  await storm.blow(1 + random(CALM));
  const lift = await fault.hit(storm, random);
  expect(fault.readsOn === true ? await storm.reads() : true).toBe(true);
  await lift();
  const recovered = await storm.recovery();
  astray.push(storm.astray());
  expect(await storm.reads()).toBe(true);
  return recovered;
}

/*
 * What is verified. By each client before its next call after each fault: that its branch is where the model of its undo stack says, with no
 * acknowledged work lost or done twice. After each fault: that the neighbour repository reads. After all of them: every checkpoint, merge and
 * review that was acknowledged is there with the oid that was told, and nothing else; the numbers of checkpoints have no gap; the doctor has
 * read every object back to its id, resolved every reference, and walked every stream of the log, gapless and chained; and what is exported
 * with all its tips passes git fsck --full --strict.
 */
describe('clients that checkpoint, undo, merge and review without a pause', () => {
  it.each(faults)('are answered again soon after: $name, $rounds times', async ({ fault, rounds }) => {
    let longest = 0;
    for (let done = 0; done < rounds; done++) longest = Math.max(longest, await round(fault));
    report({ recoveryMs: Math.round(longest) });
    expect(await Promise.all(astray)).toEqual(astray.map(() => 0));
    expect(longest).toBeLessThan(RECOVERED_MS);
  }, 120_000 + ROUNDS * 20_000);

  it('have lost nothing in the end, nothing is broken, and no number is missing', async () => {
    const { acknowledged, ...damage } = await storm.settle();
    report(damage);
    expect(damage).toEqual({ lost: 0, corrupt: 0, gaps: 0 });
    expect(acknowledged).toBeGreaterThan(CLIENTS);
  }, 300_000);
});
