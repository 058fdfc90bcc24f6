/** How something developed. */
export interface Trend {
  /** By how much it grew a minute (least squares); NaN for fewer than two points in time. */
  readonly perMinute: number;
  /** The means of the first and of the last third of the points. */
  readonly firstThird: number;
  readonly lastThird: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The line through values that were seen at these seconds. */
export function trendOf(points: readonly { readonly second: number; readonly value: number }[]): Trend {
  const x = mean(points.map(({ second }) => second));
  const y = mean(points.map(({ value }) => value));
  let above = 0;
  let below = 0;
  for (const { second, value } of points) {
    above += (second - x) * (value - y);
    below += (second - x) ** 2;
  }
  const third = Math.max(1, Math.floor(points.length / 3));
  return { perMinute: below === 0 ? Number.NaN : (above / below) * 60, firstThird: mean(points.slice(0, third).map(({ value }) => value)), lastThird: mean(points.slice(-third).map(({ value }) => value)) };
}
