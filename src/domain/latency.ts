import type { OperationKind } from './operation.js';

/**
 * How much wider each bucket is than the one before: a value that stands for its bucket is wrong by (γ − 1) / (γ + 1), not quite 1 %, at most
 * (Masson, Rim and Lee, DDSketch, VLDB 2019, 2.1). From a microsecond to a day takes 1,300 buckets, of which a kind of operation fills about fifty.
 */
const WIDTH = 1.02;
const SHORTEST_MS = 0.001;

/** Waits of one kind that fell into one bucket, and the longest of them in milliseconds. */
export interface WaitBucket {
  readonly kind: OperationKind;
  readonly bucket: number;
  readonly count: number;
  readonly longest: number;
}

/** Latency as clients waited, in milliseconds, over a window; null where nobody did. */
export interface LatencyRecord {
  readonly kind: OperationKind;
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** The bucket of a wait. */
export function waitBucket(milliseconds: number): number {
  return Math.ceil(Math.log(Math.max(milliseconds, SHORTEST_MS)) / Math.log(WIDTH));
}

/**
 * Percentiles of each kind, in order of its name: the value at the nearest rank, wrong by 1 % at most (and 0 where a bucket has one value
 * that is also the longest). Count and maximum are exact. A bucket may be given in several parts.
 */
export function latencyOfBuckets(buckets: readonly WaitBucket[]): LatencyRecord[] {
  const kinds = new Map<OperationKind, WaitBucket[]>();
  for (const each of buckets) kinds.set(each.kind, [...(kinds.get(each.kind) ?? []), each]);
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, parts]) => {
      const sorted = parts.toSorted((a, b) => a.bucket - b.bucket);
      const count = sorted.reduce((sum, part) => sum + part.count, 0);
      const at = (share: number): number | null => valueAt(sorted, Math.ceil(share * count));
      return { kind, count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: Math.max(...sorted.map(({ longest }) => longest)) };
    });
}

function valueAt(sorted: readonly WaitBucket[], rank: number): number | null {
  let passed = 0;
  for (const { bucket, count, longest } of sorted) {
    passed += count;
    if (passed >= rank) return Math.min(longest, (2 * WIDTH ** bucket) / (WIDTH + 1));
  }
  return null;
}
