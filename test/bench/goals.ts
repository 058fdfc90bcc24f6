import { misses, type Comparison } from './measure.js';

/** The jobs that the design sets goals for, in its order; each case knows its own figure, which may depend on the size. */
export const DESIGN_GOALS: readonly string[] = [
  'structured diff, warm',
  'structured diff, objects cold',
  'diff of 3 files, warm',
  'durable checkpoint, 3 files, by size',
  'createCheckpoint, 3 files, by size',
  'durable checkpoint, 3 files',
  'merge, first',
  'merge, warm',
  'random object read',
  'merge base, rows cached',
  'ahead/behind, rows cached',
  'patches of files',
  'changed files and renames of commits',
  'merges, trees and marker text',
];

/** The goals of the design and whatever else was measured against one: a line for each repository or size, PASS or MISS, and what was not measured. */
export function goalsTable(comparisons: readonly Comparison[]): string {
  const held = comparisons.filter(({ goal }) => goal !== null);
  const jobs = [...new Set([...DESIGN_GOALS, ...held.map(({ job }) => job)])];
  const lines = jobs.flatMap((job) => {
    const found = held.filter((each) => each.job === job);
    return [job, ...(found.length === 0 ? ['  not measured'] : linesOf(found))];
  });
  return [...lines, '', conclusion(held, jobs)].join('\n');
}

function linesOf(found: readonly Comparison[]): string[] {
  const width = Math.max(...found.map(({ subject }) => subject.length));
  return found.map((each) => {
    const cpu = each.cpuRatio === null ? '' : `  (${each.cpuRatio.toFixed(3)} of CPU)`;
    return `  ${each.subject.padEnd(width)}  ${each.ratio.toFixed(4)} ≤ ${each.goal ?? ''}  ${misses(each) ? 'MISS' : 'PASS'}${cpu}`;
  });
}

/** One sentence on all of them. */
function conclusion(held: readonly Comparison[], jobs: readonly string[]): string {
  const missed = held.filter(misses).length;
  const unmeasured = jobs.filter((job) => !held.some((each) => each.job === job)).length;
  const measured = missed === 0 ? `All ${held.length} goals that were measured are met` : `${missed} of ${held.length} goals that were measured are missed`;
  return `${measured}${unmeasured === 0 ? '.' : `, ${unmeasured} jobs with goals were not measured.`}`;
}
