import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.js';
import { drawsOfTheRun } from '../support/draws.js';
import { Fuzzer } from './inputs/fuzzer.js';
import { type InputTarget, openInputTarget } from './inputs/target.js';

/** So many random requests; `npm run soak -- fuzz` sends a hundred thousand. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 200);

let target: InputTarget;
beforeAll(async () => {
  target = await openInputTarget();
});
afterAll(() => target.gateway.close());

describe('random requests', () => {
  it('break nothing and hold the thread for no longer than a tenth of a second', { timeout: 60_000 + 100 * RUNS }, async () => {
    const fuzzer = new Fuzzer(schema, drawsOfTheRun());
    const faults: string[] = [];
    for (let run = 0; run < RUNS; run++) {
      const ask = fuzzer.next();
      const fault = await target.send(ask);
      if (fault !== null) faults.push(`${fault} ${JSON.stringify(ask).slice(0, 2_000)}`);
    }
    expect(faults).toEqual([]);
  });

  it('leave nothing that native git objects to', { timeout: 300_000 }, async () => {
    expect(await target.objections()).toEqual([]);
  });
});
