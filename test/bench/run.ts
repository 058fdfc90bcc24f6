import { ImportRefused } from '../../src/domain/ports/import-source.js';
import { StartRefused } from '../../src/shared/start-refused.js';
import { HISTORY_JOBS, isJobName, PLACE_JOBS, scale, SUBJECT_JOBS, timeline, type JobName } from './jobs.js';
import { describeMachine, type Machine } from './machine.js';
import { misses, table, type Comparison } from './measure.js';
import { GitFailed } from './native-git.js';
import { benchOptions, USAGE, type BenchOptions } from './options.js';
import { BenchRefused, openWorkplace, type Subject, type Workplace } from './workplace.js';

/** Where a run prints: its result, and what it is about to do. */
export interface BenchOutput {
  readonly out: (text: string) => void;
  readonly progress: (text: string) => void;
}

/** What a run prints with `--json`. */
export interface BenchResult {
  readonly machine: Machine;
  readonly comparisons: readonly (Comparison & { readonly missed: boolean })[];
}

/** Commits of a generated repository, and files of the one with a long history. */
const FEW_COMMITS = 100;
const FEW_FILES = 100;

/**
 * Runs the command; answers the exit status: 0, 1 when a goal is missed and `--check` was given, 2 for wrong usage and where
 * something refuses that is needed, after a sentence about it.
 */
export async function runBench(args: readonly string[], output: BenchOutput): Promise<number> {
  try {
    return await runMeasured(args, output);
  } catch (error) {
    if (!(error instanceof GitFailed || error instanceof BenchRefused || error instanceof ImportRefused || error instanceof StartRefused)) throw error;
    output.progress(`${error.message.trim()}\n`);
    return 2;
  }
}

async function runMeasured(args: readonly string[], { out, progress }: BenchOutput): Promise<number> {
  const options = benchOptions(args);
  if (options === null) {
    out(USAGE);
    return 2;
  }
  const machine = describeMachine();
  if (!options.json) out(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB · ${machine.system} · Node ${machine.node} · ${machine.git}\n`);
  const comparisons = await measureAll(options, progress);
  const missed = comparisons.filter(misses);
  if (options.json) {
    const result: BenchResult = { machine, comparisons: comparisons.map((each) => ({ ...each, missed: misses(each) })) };
    out(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    out(`${table(comparisons)}\n\n${missed.length === 0 ? 'Every goal is met.' : `${missed.length} of ${comparisons.filter(({ goal }) => goal !== null).length} goals are missed.`}\n`);
  }
  return options.check && missed.length > 0 ? 1 : 0;
}

async function measureAll(options: BenchOptions, progress: (text: string) => void): Promise<Comparison[]> {
  const place = await openWorkplace();
  try {
    const comparisons: Comparison[] = [];
    const run = async (name: string, on: string, job: () => Promise<Comparison[]>): Promise<void> => {
      if (!isJobName(name) || !options.only.has(name)) return;
      progress(`${name}: ${on}\n`);
      comparisons.push(...(await job()));
    };
    const generated: Subject[] = [];
    for await (const { subject, jobs, isGenerated } of subjectsOf(place, options, progress)) {
      if (isGenerated) generated.push(subject);
      for (const [name, job] of Object.entries(SUBJECT_JOBS)) if (jobs(name)) await run(name, subject.name, () => job(place, subject, options.rounds));
    }
    const [small] = generated;
    const large = generated.at(-1);
    if (small !== undefined && large !== undefined && small !== large) await run('scale', `${large.name} / ${small.name}`, () => scale(place, small, large, options.rounds));
    const { checkpoints } = options;
    if (checkpoints !== null) await run('timeline', `${checkpoints.join(', ')} checkpoints`, () => timeline(place, checkpoints, options.rounds, progress));
    for (const [name, job] of Object.entries(PLACE_JOBS)) await run(name, 'the gateway', () => job(place, options.rounds));
    return comparisons;
  } finally {
    await place.close();
  }
}

const everyJob = (): boolean => true;

interface Chosen {
  readonly subject: Subject;
  readonly jobs: (name: string) => boolean;
  readonly isGenerated: boolean;
}

/** The repositories of a run, each made when its turn comes; none where only jobs without a repository are wanted. */
async function* subjectsOf(place: Workplace, { repos, sizes, commits, only }: BenchOptions, progress: (text: string) => void): AsyncGenerator<Chosen, void, undefined> {
  const withoutRepository: readonly JobName[] = ['page', 'start', 'timeline'];
  if ([...only].every((name) => withoutRepository.includes(name))) return;
  for (const repo of repos) {
    progress(`importing ${repo}\n`);
    yield { subject: await place.subjectOf(repo), jobs: everyJob, isGenerated: false };
  }
  for (const files of sizes) {
    progress(`generating ${files} files\n`);
    yield { subject: await place.generated({ files, commits: FEW_COMMITS }), jobs: everyJob, isGenerated: true };
  }
  if (commits === null) return;
  progress(`generating ${commits} commits\n`);
  yield { subject: await place.generated({ files: FEW_FILES, commits }), jobs: (name) => HISTORY_JOBS.has(name), isGenerated: false };
}
