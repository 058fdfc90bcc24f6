import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { git } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';
import { rowsFromGit } from '../support/git-histories.js';
import { compareDiffs, compareStats } from './compare-diff.js';
import { compareMerges, mergePairs } from './compare-merge.js';
import { compareRaw } from './compare-raw.js';

const USAGE = `Replays a repository's history here and with the git binary, and lists every difference.

  npm run conformance -- --repo PATH [--max N] [--only raw,diff,stats,merge]

PATH is a repository, bare or not, or a bundle. --max bounds the first-parent commits and the merges, newest first.
Ends with status 1 when anything differs.
`;

/** What every comparer answers. */
interface Outcome {
  readonly equal: number;
  readonly different: number;
  readonly skipped: number;
  readonly differences: readonly string[];
}

/** A comparer, and what it counts. */
interface Comparer {
  readonly name: string;
  readonly unit: string;
  readonly run: (gitDir: string, source: ObjectSource, max: number | undefined) => Promise<Outcome>;
}

const COMPARERS: readonly Comparer[] = [
  { name: 'raw', unit: 'commits: changed files and renames', run: (gitDir, source, max) => compareRaw(gitDir, source, bounded(max)) },
  { name: 'diff', unit: 'files: patches', run: (gitDir, source, max) => compareDiffs(gitDir, source, bounded(max)) },
  { name: 'stats', unit: 'files: counts of lines', run: (gitDir, source, max) => compareStats(gitDir, source, bounded(max)) },
  {
    name: 'merge',
    unit: 'merges: trees, conflicts and their text',
    run: async (gitDir, source, max) => compareMerges(gitDir, source, new CommitGraph(rowsFromGit(gitDir)), mergePairs(gitDir, max)),
  },
];

function bounded(max: number | undefined): { max?: number } {
  return max === undefined ? {} : { max };
}

/** Runs the comparers and prints what they found; answers the exit status: 0 all equal, 1 differences, 2 wrong usage. */
export async function main(args: readonly string[], print: (text: string) => void): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { repo: { type: 'string' }, max: { type: 'string' }, only: { type: 'string' } } });
  const max = values.max === undefined ? undefined : Number(values.max);
  const wanted = values.only?.split(',') ?? COMPARERS.map((comparer) => comparer.name);
  const known = wanted.every((name) => COMPARERS.some((comparer) => comparer.name === name));
  if (values.repo === undefined || !known || (max !== undefined && !(Number.isSafeInteger(max) && max > 0))) {
    print(USAGE);
    return 2;
  }
  const repository = await openRepository(values.repo);
  const source = new GitCatFileSource(repository.gitDir);
  let different = 0;
  try {
    for (const comparer of COMPARERS.filter(({ name }) => wanted.includes(name))) {
      const began = performance.now();
      const outcome = await comparer.run(repository.gitDir, source, max);
      different += outcome.different;
      for (const difference of outcome.differences) print(`${comparer.name}: ${difference}\n`);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      print(`${comparer.name.padEnd(6)} equal ${outcome.equal}  different ${outcome.different}  skipped ${outcome.skipped}  (${comparer.unit}; ${seconds} s)\n`);
    }
  } finally {
    await source.close();
    await repository.close();
  }
  return different === 0 ? 0 : 1;
}

/** The git directory of a repository; of a bundle, that of a clone which `close` removes. */
async function openRepository(path: string): Promise<{ gitDir: string; close: () => Promise<void> }> {
  if (statSync(path).isDirectory()) {
    return { gitDir: git(path, ['rev-parse', '--absolute-git-dir']), close: () => Promise.resolve() };
  }
  const directory = await mkdtemp(join(tmpdir(), 'weir-conformance-'));
  git(directory, ['clone', '-q', '--bare', resolve(path), 'history.git']);
  return { gitDir: join(directory, 'history.git'), close: () => rm(directory, { recursive: true, force: true }) };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(text));
}
