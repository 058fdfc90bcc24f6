import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKnee, isSustained } from '../load/knee.js';
import { loadOptions } from '../load/options.js';
import { recovery } from '../load/phases.js';
import { runLoad, type LoadResult } from '../load/run.js';
import { measured, quantile, type Measured } from '../load/tally.js';
import { trendOf } from '../load/trend.js';
import { judge, loadTable } from '../load/verdict.js';
import { bundleSources } from '../support/bundled.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { makeSandbox } from '../support/sandbox.js';

const BOUND = { p99Ms: 100, goodShare: 0.95 };

/** What a server of this capacity comes to: in time as long as it can, then late. */
function served(capacity: number, rate: number): Measured {
  const ms = rate <= capacity ? 10 : 1_000;
  return measured(Array.from({ length: rate }, () => ({ ending: 'GOOD', ms, at: ms, done: {}, retryAfterMs: Number.NaN, said: null })), 1);
}

describe('the load', () => {
  const sandbox = makeSandbox();
  let database: TestDatabase;
  let result: LoadResult;

  beforeAll(async () => {
    database = await createTestDatabase();
    await bundleSources(sandbox.directory);
    result = await runLoad(join(sandbox.directory, 'main.js'), { gateways: 1, minutes: 0.02, knee: null, smoke: true }, () => undefined, { WEIR_AT_ONCE: '4', DATABASE_URL: database.url });
  });

  afterAll(async () => {
    await database.drop();
    rmSync(sandbox.directory, { recursive: true, force: true });
  });

  it('drives a real gateway, and everything that is refused says when to come back', () => {
    const { phases, overload, held } = result;
    const all = [...phases, overload?.over, held?.phase].flatMap((one) => one?.measured ?? []);
    expect(phases.length).toBeGreaterThan(0);
    expect(all.flatMap(({ said }) => said)).toEqual([]);
    expect(all.map(({ speechless }) => speechless)).toEqual(all.map(() => 0));
    expect(all.reduce((sum, { good }) => sum + good, 0)).toBeGreaterThan(0);
    expect(phases.every(({ gatewayMb }) => gatewayMb > 20)).toBe(true);
  });

  it('tells of each promise whether it was kept, in a table', () => {
    const promises = judge(result).map(({ promise }) => promise);
    expect(promises).toContain('refusals are Busy and say when to come back');
    const table = loadTable(result);
    for (const promise of promises) expect(table).toContain(promise);
  });
});

describe('what the load is judged by', () => {
  it('finds the knee between the last rate that is kept and the first that is not', async () => {
    const { knee, steps } = await findKnee(async (rate) => served(90, rate), BOUND, { from: 20, factor: 2, refinements: 3, most: 10_000 });
    // 20, 40, 80 are kept, 160 is not, twice; then 120 is not, 100 is not, and 90 is.
    expect([knee, steps.map(({ rate }) => rate)]).toEqual([90, [20, 40, 80, 160, 160, 120, 120, 100, 100, 90]]);
  });

  it('forgives one pause of the machine', async () => {
    let paused = false;
    const { knee } = await findKnee(async (rate) => {
      const answer = served(rate === 40 && !paused ? 0 : 50, rate);
      paused ||= rate === 40;
      return answer;
    }, BOUND, { from: 20, factor: 2, refinements: 0, most: 10_000 });
    expect(knee).toBe(40);
  });

  it('says 0 where not even the first rate is kept', async () => {
    expect((await findKnee(async (rate) => served(5, rate), BOUND, { from: 20, factor: 2, refinements: 2, most: 100 })).knee).toBe(0);
  });

  it('takes refusals and late answers for no good ones', () => {
    const good = { ending: 'GOOD', ms: 10, at: 500, done: {}, retryAfterMs: Number.NaN, said: null } as const;
    const busy = { ...good, ending: 'BUSY', retryAfterMs: 200 } as const;
    const told = measured([...Array.from({ length: 90 }, () => good), ...Array.from({ length: 9 }, () => busy), { ...busy, retryAfterMs: Number.NaN }], 1);
    expect(told).toMatchObject({ offered: 100, goodput: 90, good: 90, busy: 10, speechless: 1 });
    expect(isSustained(told, BOUND)).toBe(false);
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  });

  it('counts what is answered when the load is over as good, but for no rate', () => {
    const good = { ending: 'GOOD', ms: 500, done: {}, retryAfterMs: Number.NaN, said: null } as const;
    expect(measured([{ ...good, at: 900 }, { ...good, at: 1_900 }, { ...good, at: 2_100 }, { ...good, at: 2_500 }], 2)).toMatchObject({ offered: 2, goodput: 1, goodShare: 1, good: 4 });
  });

  it('takes for recovered what stays as before from then on', () => {
    const calls = [900, 20, 900, 20, 20].map((ms, second) => ({ second: second + 0.5, ms }));
    expect(recovery(calls, 100)).toBe(3);
    expect(recovery(calls.slice(0, 3), 100)).toBe(Number.POSITIVE_INFINITY);
    expect(recovery([], 100)).toBe(Number.POSITIVE_INFINITY);
    expect(recovery(calls.slice(3), 100)).toBe(0);
  });

  it('sees what grows, and by how much a minute', () => {
    const points = Array.from({ length: 9 }, (_, at) => ({ second: at * 60, value: 100 + 2 * at }));
    expect(trendOf(points)).toEqual({ perMinute: 2, firstThird: 102, lastThird: 114 });
    expect(trendOf(points.map((point) => ({ ...point, value: 7 })))).toEqual({ perMinute: 0, firstThird: 7, lastThird: 7 });
  });

  it('reads its options, and refuses those that it does not know', () => {
    expect(loadOptions(['--gateways', '2', '--minutes', '30'])).toEqual({ gateways: 2, minutes: 30, knee: null, smoke: false });
    expect([['--gateways', '0'], ['--knee', '-1'], ['--fast']].map((args) => loadOptions(args))).toEqual([null, null, null]);
  });
});
