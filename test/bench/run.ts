import { join, resolve } from 'node:path';
import { ImportRefused } from '../../src/domain/ports/import-source.js';
import { StartRefused } from '../../src/shared/start-refused.js';
import type { GeneratedShape } from './generate.js';
import { cachedRepository } from './generated.js';
import { DESIGN_GOALS, goalsTable } from './goals.js';
import { crowd, HISTORY_JOBS, isJobName, PLACE_JOBS, scale, SUBJECT_JOBS, timeline, type JobName } from './jobs.js';
import { describeMachine, type Machine } from './machine.js';
import { misses, table, type Comparison } from './measure.js';
import { GitFailed, runGit } from './native-git.js';
import { benchOptions, USAGE, type BenchOptions } from './options.js';
import { BenchRecord, type Recorded } from './record.js';
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
  if (options.generate) {
    await generateAll(options, progress);
    return 0;
  }
  const record = options.cache === null ? null : new BenchRecord(join(options.cache, 'record.jsonl'));
  if (options.summary) return summarize(record?.latest() ?? [], options, out);
  const machine = describeMachine();
  if (!options.json) out(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB · ${machine.system} · Node ${machine.node} · ${machine.git}\n`);
  const comparisons = await measureAll(options, progress);
  if (options.record) record?.add(comparisons, measuredCommit());
  const missed = comparisons.filter(misses);
  if (options.json) {
    const result: BenchResult = { machine, comparisons: comparisons.map((each) => ({ ...each, missed: misses(each) })) };
    out(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    out(`${table(comparisons)}\n\n${goalsTable(comparisons)}\n`);
  }
  return options.check && missed.length > 0 ? 1 : 0;
}

/** The goals as all recorded runs have them, and the code that they measured; status 1 with `--check` where one is missed or was not measured. */
function summarize(recorded: readonly Recorded[], { json, check }: BenchOptions, out: (text: string) => void): number {
  const commits = [...new Set(recorded.map(({ commit }) => commit))].join(', ');
  if (json) out(`${JSON.stringify({ comparisons: recorded.map((each) => ({ ...each, missed: misses(each) })) }, null, 2)}\n`);
  else out(`${goalsTable(recorded)}\n\nMeasured at ${commits === '' ? 'no commit' : commits}.\n`);
  const isWhole = DESIGN_GOALS.every((job) => recorded.some((each) => each.job === job));
  return check && (!isWhole || recorded.some(misses)) ? 1 : 0;
}

async function generateAll({ cache, sizes, commits }: BenchOptions, progress: (text: string) => void): Promise<void> {
  if (cache === null) return;
  for (const shape of shapesOf(sizes, commits)) {
    progress(`generating ${shape.files} files, ${shape.commits} commits\n`);
    await cachedRepository(resolve(cache), shape);
  }
}

/** The repositories of many files, then the one of a long history. */
function shapesOf(sizes: readonly number[], commits: number | null): GeneratedShape[] {
  return [...sizes.map((files) => ({ files, commits: FEW_COMMITS })), ...(commits === null ? [] : [{ files: FEW_FILES, commits }])];
}

/** The commit of the code that is measured, with a `+` where files were changed since; `unknown` outside of a clone. */
function measuredCommit(): string {
  try {
    return runGit('.', ['rev-parse', '--short', 'HEAD']).trim() + (runGit('.', ['status', '--porcelain']) === '' ? '' : '+');
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    return 'unknown';
  }
}

async function measureAll(options: BenchOptions, progress: (text: string) => void): Promise<Comparison[]> {
  const place = await openWorkplace(options.cache);
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
    const { checkpoints, crowd: counts } = options;
    if (checkpoints !== null) await run('timeline', `${checkpoints.join(', ')} checkpoints`, () => timeline(place, checkpoints, options.rounds, progress));
    if (counts !== null) await run('crowd', `${counts.join(', ')} repositories and branches`, () => crowd(place, counts, options.rounds, progress));
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
  const withoutRepository: readonly JobName[] = ['crowd', 'page', 'review', 'screen', 'start', 'timeline'];
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
