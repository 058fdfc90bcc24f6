import type { Called } from './caller.js';

/** A call, and when it was answered, in milliseconds from the begin of the load that it belongs to. */
export interface Answered extends Called {
  readonly at: number;
}

/** What a time of load came to. Rates a second, times in milliseconds. */
export interface Measured {
  /** Arrivals a second, as they were sent. */
  readonly offered: number;
  /** Good answers a second while the load lasted: what a full line gives after its end is no rate that could be kept. */
  readonly goodput: number;
  /** Of all calls, those that were answered well, whenever. */
  readonly goodShare: number;
  /** Of the good answers; NaN where there were none. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly good: number;
  readonly busy: number;
  readonly late: number;
  readonly failed: number;
  /** Refusals for the load that did not say when to come back. */
  readonly speechless: number;
  /** What the failed ones were told, the most frequent first. */
  readonly said: readonly string[];
  /** How long a refusal took, in the middle and at 99 of 100. */
  readonly refusalP50: number;
  readonly refusalP99: number;
}

/** The value below which `share` of an ascending list lies (nearest rank); NaN for an empty one. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function times(list: readonly Called[]): number[] {
  return list.map(({ ms }) => ms).sort((a, b) => a - b);
}

/** Sums up the calls that were due within `seconds`. */
export function measured(calls: readonly Answered[], seconds: number): Measured {
  const by = (ending: Called['ending']): Answered[] => calls.filter((call) => call.ending === ending);
  const good = by('GOOD');
  const busy = by('BUSY');
  const failed = by('FAILED');
  const waited = times(good);
  const refused = times(busy);
  const said = new Map<string, number>();
  for (const call of failed) said.set(call.said ?? '', (said.get(call.said ?? '') ?? 0) + 1);
  return {
    offered: calls.length / seconds,
    goodput: good.filter(({ at }) => at <= seconds * 1000).length / seconds,
    goodShare: good.length / calls.length,
    p50: quantile(waited, 0.5),
    p95: quantile(waited, 0.95),
    p99: quantile(waited, 0.99),
    good: good.length,
    busy: busy.length,
    late: by('LATE').length,
    failed: failed.length,
    speechless: busy.filter(({ retryAfterMs }) => !(retryAfterMs > 0)).length,
    said: [...said].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([text, count]) => `${count} × ${text}`),
    refusalP50: quantile(refused, 0.5),
    refusalP99: quantile(refused, 0.99),
  };
}
