import { parseArgs } from 'node:util';
import { isJobName, JOB_NAMES, type JobName } from './jobs.js';

/** What `npm run bench` was asked for. */
export interface BenchOptions {
  /** The user's repositories; when there are any, none are generated unless sizes are named. */
  readonly repos: readonly string[];
  /** Files of the repositories to generate, ascending. */
  readonly sizes: readonly number[];
  /** First-parent commits of one more repository, with few files and a long history; null for none. */
  readonly commits: number | null;
  /** Checkpoints of the timelines to compare, ascending, two or more; null for none. */
  readonly checkpoints: readonly number[] | null;
  /** How many repositories, and branches of one, to compare, ascending, two or more; null for none. */
  readonly crowd: readonly number[] | null;
  readonly only: ReadonlySet<JobName>;
  readonly rounds: number;
  /** Where generated repositories and the record are kept; null to keep nothing. */
  readonly cache: string | null;
  /** Only makes the generated repositories. */
  readonly generate: boolean;
  /** Adds what is measured to the record in the cache. */
  readonly record: boolean;
  /** Measures nothing: shows the goals as the record has them. */
  readonly summary: boolean;
  readonly json: boolean;
  readonly check: boolean;
}

/** What `npm run bench -- --help` prints, and every wrong usage. */
export const USAGE = `Measures Weir side by side with native git, in turns, and prints medians and ratios (ours / other: below 1 is faster).

  npm run bench [-- --repo PATH]… [--sizes FILES,…] [--commits N] [--checkpoints N,…]
                [--crowd N,…] [--only JOB,…] [--rounds N] [--cache DIR [--generate | --record | --summary]] [--json] [--check]

--repo PATH    a repository, bare or not, or a bundle; may be given again. It is only read.
--sizes N,…    generates repositories of these many files (1000 unless --repo or --commits is given). With two or more, the
               first and the last are compared with each other, too.
--commits N    generates one of a long history, for the jobs that walk it
--checkpoints N,…  generates branches of these many checkpoints, two or more, and compares the longest timeline with the
               shortest; 1000,1000000 takes some minutes and 6 GB of disk
--crowd N,…    compares a gateway of the most repositories with one of the fewest, and a repository of the most branches
               with one of the fewest; 100,100000 takes some minutes
--only JOB,…   some of: ${JOB_NAMES.join(', ')}
--rounds N     how often each side is measured (15)
--cache DIR    keeps generated repositories there and uses those that it finds
--generate     makes the generated repositories and measures nothing
--record       adds what was measured to DIR/record.jsonl, so that a long measurement can be made in parts
--summary      measures nothing: the goals by what is recorded there, the last figure of each
--json         prints JSON instead of a table
--check        ends with status 1 when a goal of the design is missed
`;

const DEFAULT_SIZES: readonly number[] = [1000];
const DEFAULT_ROUNDS = 15;

/** Reads the arguments; null when they are wrong, or help was asked for. */
export function benchOptions(args: readonly string[]): BenchOptions | null {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        repo: { type: 'string', multiple: true },
        sizes: { type: 'string' },
        commits: { type: 'string' },
        checkpoints: { type: 'string' },
        crowd: { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        cache: { type: 'string' },
        generate: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
        summary: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
      },
    }));
  } catch {
    return null;
  }
  const repos = values.repo ?? [];
  const commits = values.commits === undefined ? null : Number(values.commits);
  const sizes = values.sizes?.split(',').map(Number) ?? (repos.length > 0 || commits !== null ? [] : [...DEFAULT_SIZES]);
  const checkpoints = values.checkpoints === undefined ? null : ascending(values.checkpoints.split(',').map(Number));
  const crowd = values.crowd === undefined ? null : ascending(values.crowd.split(',').map(Number));
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : Number(values.rounds);
  const only = values.only?.split(',') ?? JOB_NAMES;
  if (checkpoints?.length === 1 || crowd?.length === 1) return null;
  const { cache = null, generate, record, summary, json, check } = values;
  if ([generate, record, summary].filter(Boolean).length > (cache === null ? 0 : 1)) return null;
  if (![...sizes, rounds, ...(commits === null ? [] : [commits]), ...(checkpoints ?? []), ...(crowd ?? [])].every((number) => Number.isSafeInteger(number) && number > 0)) return null;
  if (!only.every(isJobName)) return null;
  return { repos, sizes: ascending(sizes), commits, checkpoints, crowd, only: new Set(only.filter(isJobName)), rounds, cache, generate, record, summary, json, check };
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
