import { processorTime } from './processor-time.js';

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

/** Milliseconds below which a difference of processor times is mostly rounding: children are counted in hundredths of a second. */
const LEAST_PROCESSOR_TIME = 30;

/** What two ways to do one job came to, and ours divided by the other: below 1 ours is better. */
export interface Comparison {
  readonly job: string;
  readonly subject: string;
  readonly ours: string;
  readonly other: string;
  /** What the figures are: milliseconds (medians of elapsed ones a unit, unless the job says otherwise), a number of things, or thousands of bytes. */
  readonly unit: 'ms' | 'count' | 'kB';
  readonly oursFigure: number;
  readonly otherFigure: number;
  readonly ratio: number;
  /**
   * The same ratio of processor time, spent by this process and by what it started and awaited, over all rounds that count: other
   * work on the machine moves it less. Null where the system does not tell, or tells too coarsely for so short a job.
   */
  readonly cpuRatio: number | null;
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
  const spent = { ours: 0, other: 0 };
  const turns = [['ours', ours], ['other', other]] as const;
  const warmUps = options.warmUp === false ? 0 : 1;
  for (let round = 0; round < options.rounds + warmUps; round++) {
    for (const [side, contender] of round % 2 === 0 ? turns : turns.toReversed()) {
      await contender.before?.(round);
      const cpu = processorTime();
      const started = performance.now();
      await contender.run(round);
      const ended = performance.now();
      if (round >= warmUps) {
        times[side].push(ended - started);
        spent[side] += processorTime() - cpu;
      }
      await contender.after?.();
    }
  }
  const units = options.units ?? 1;
  const oursFigure = median(times.ours) / units;
  const otherFigure = median(times.other) / units;
  const { subject, goal, rounds } = options;
  const cpuRatio = Math.min(spent.ours, spent.other) >= LEAST_PROCESSOR_TIME ? spent.ours / spent.other : null;
  return { job, subject, ours: ours.name, other: other.name, unit: 'ms', oursFigure, otherFigure, ratio: oursFigure / otherFigure, cpuRatio, goal, rounds };
}

/** How often ours did otherwise than the other, out of how often both were asked: the ratio is the share that differs. */
export function counted(job: string, subject: string, figures: { readonly different: number; readonly compared: number }, goal: number): Comparison {
  const { different, compared } = figures;
  return { job, subject, ours: 'different', other: 'compared with git', unit: 'count', oursFigure: different, otherFigure: compared, ratio: different / compared, cpuRatio: null, goal, rounds: 1 };
}

/** What something came to beside the most that it may: the ratio is the share of it that is used. `ours` says where it was measured. */
export function within(job: string, subject: string, ours: string, measured: { readonly figure: number; readonly limit: number; readonly unit: Comparison['unit']; readonly rounds: number }): Comparison {
  const { figure, limit, unit, rounds } = measured;
  return { job, subject, ours, other: 'the limit', unit, oursFigure: figure, otherFigure: limit, ratio: figure / limit, cpuRatio: null, goal: 1, rounds };
}

/** True where the design names a goal and the ratio is above it, or is no number at all. */
export function misses({ ratio, goal }: Comparison): boolean {
  return goal !== null && !(ratio <= goal);
}

/** The comparisons as a table for people. */
export function table(comparisons: readonly Comparison[]): string {
  const rows = [['job', 'on', 'ours', 'ms', 'other', 'ms', 'ratio', 'of CPU', 'goal', ''], ...comparisons.map(rowOf)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

function rowOf(comparison: Comparison): string[] {
  const { job, subject, ours, oursFigure, other, otherFigure, ratio, cpuRatio, goal, unit } = comparison;
  const verdict = goal === null ? '' : misses(comparison) ? 'missed' : 'met';
  return [job, subject, ours, shown(oursFigure, unit), other, shown(otherFigure, unit), ratio.toFixed(3), cpuRatio?.toFixed(3) ?? '', goal === null ? '' : `≤ ${goal}`, verdict];
}

function shown(figure: number, unit: Comparison['unit']): string {
  return unit === 'count' ? `${figure}` : figure.toFixed(figure < 1 ? 4 : 2);
}
