import { describe, expect, it } from 'vitest';
import { latencyOfBuckets, waitBucket, type WaitBucket } from '../../src/domain/latency.js';
import { Busiest } from '../../src/server/status/busiest.js';
import { fc } from '../support/fast-check.js';

function buckets(waits: readonly number[]): WaitBucket[] {
  return waits.map((wait) => ({ kind: 'UNDO', bucket: waitBucket(wait), count: 1, longest: wait }));
}

describe('percentiles of buckets', () => {
  it('are the value at the nearest rank, wrong by one in a hundred at most, however the buckets are split', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 300 }), (waits) => {
        const sorted = waits.toSorted((a, b) => a - b);
        const [found] = latencyOfBuckets(buckets(waits));
        expect(found?.count).toBe(waits.length);
        expect(found?.max).toBe(sorted.at(-1));
        for (const [share, value] of [[0.5, found?.p50], [0.95, found?.p95], [0.99, found?.p99]] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          expect(Math.abs((value ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01);
        }
      }),
    );
  });

  it('come by kind, and there are none of nothing', () => {
    expect(latencyOfBuckets([])).toEqual([]);
    expect(latencyOfBuckets([...buckets([1]), { kind: 'DIFF', bucket: 0, count: 3, longest: 1 }]).map(({ kind, count }) => [kind, count])).toEqual([['DIFF', 3], ['UNDO', 1]]);
  });
});

describe('the busiest', () => {
  it('are shown by how often they were, and no more than were asked for', () => {
    const busiest = new Busiest(2);
    for (const id of [1, 2, 2, 3, 3, 3]) busiest.add(id, 0.5);
    expect(busiest.top()).toEqual([[3, { count: 3, seconds: 1.5 }], [2, { count: 2, seconds: 1 }]]);
  });

  it('stay counted while thousands of others come and go', () => {
    const busiest = new Busiest(3);
    for (let id = 1000; id < 20_000; id++) {
      busiest.add(id, 0.001);
      if (id % 3 === 0) busiest.add(7, 0.001);
    }
    expect(busiest.top()[0]?.[0]).toBe(7);
    expect(busiest.top()[0]?.[1].count).toBe(6333);
    expect(busiest.top()).toHaveLength(3);
  });

  it('are not counted when none are shown', () => {
    const busiest = new Busiest(0);
    busiest.add(1, 1);
    expect(busiest.top()).toEqual([]);
  });
});
