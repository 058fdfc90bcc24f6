/** One way to do a job. What it answers is thrown away. */
export interface Contender {
  readonly name: string;
  run(round: number): unknown;
  /** Brings this side back to what it is in use, after the other side's turn; not counted. */
  readonly before?: (round: number) => unknown;
  /** Puts things back after each run; not counted. */
  readonly after?: () => unknown;
}

/** How a comparison is made. */
export interface CompareOptions {
  /** How many times each side is measured. */
  readonly rounds: number;
  /** The highest ratio that the design accepts; null where it names none. */
  readonly goal: number | null;
  /** What was measured on, as the table names it. */
  readonly subject: string;
  /** Units of work in one run (objects, commits): times are divided by it. 1 unless given. */
  readonly units?: number;
  /** Run each side once, uncounted, before. True unless given; false for work that takes seconds. */
  readonly warmUp?: boolean;
}

/** Medians of two ways to do one job, in milliseconds a unit, and ours divided by the other: below 1 ours is faster. */
export interface Comparison {
  readonly job: string;
  readonly subject: string;
  readonly ours: string;
  readonly other: string;
  readonly oursMs: number;
  readonly otherMs: number;
  readonly ratio: number;
  readonly goal: number | null;
  readonly rounds: number;
}

/** The middle of a list of numbers; NaN for an empty one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Runs both ways in turns, so that whatever else the machine does meets both, and compares the medians. The order changes
 * from round to round. `run` is told the round, from 0 (the one that only warms up, where there is one).
 */
export async function compare(job: string, ours: Contender, other: Contender, options: CompareOptions): Promise<Comparison> {
  const times: { readonly ours: number[]; readonly other: number[] } = { ours: [], other: [] };
  const turns = [['ours', ours], ['other', other]] as const;
  const warmUps = options.warmUp === false ? 0 : 1;
  for (let round = 0; round < options.rounds + warmUps; round++) {
    for (const [side, contender] of round % 2 === 0 ? turns : turns.toReversed()) {
      await contender.before?.(round);
      const started = performance.now();
      await contender.run(round);
      if (round >= warmUps) times[side].push(performance.now() - started);
      await contender.after?.();
    }
  }
  const units = options.units ?? 1;
  const oursMs = median(times.ours) / units;
  const otherMs = median(times.other) / units;
  const { subject, goal, rounds } = options;
  return { job, subject, ours: ours.name, other: other.name, oursMs, otherMs, ratio: oursMs / otherMs, goal, rounds };
}

/** True where the design names a goal and the ratio is above it, or is no number at all. */
export function misses({ ratio, goal }: Comparison): boolean {
  return goal !== null && !(ratio <= goal);
}

/** The comparisons as a table for people. */
export function table(comparisons: readonly Comparison[]): string {
  const rows = [['job', 'on', 'ours', 'ms', 'other', 'ms', 'ratio', 'goal', ''], ...comparisons.map(rowOf)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

function rowOf(comparison: Comparison): string[] {
  const { job, subject, ours, oursMs, other, otherMs, ratio, goal } = comparison;
  const verdict = goal === null ? '' : misses(comparison) ? 'missed' : 'met';
  return [job, subject, ours, shown(oursMs), other, shown(otherMs), ratio.toFixed(3), goal === null ? '' : `≤ ${goal}`, verdict];
}

function shown(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 1 ? 4 : 2);
}
