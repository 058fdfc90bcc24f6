import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ImportRefused } from '../../src/domain/ports/import-source.js';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { indexCommits } from '../../src/git/history/index-commits.js';
import { GitDataError } from '../../src/git/objects/errors.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { openImportSource } from '../../src/storage/import/open-source.js';
import { git } from '../support/git-binary.js';
import { compareDiffs, compareStats } from './compare-diff.js';
import { compareCommits } from './compare-history.js';
import { compareMerges, mergePairs } from './compare-merge.js';
import { compareObjects } from './compare-objects.js';
import { compareRaw } from './compare-raw.js';
import { compareHttp } from './http/compare-http.js';
import { openOwnGateway } from './http/own-gateway.js';
import { openSides } from './http/sides.js';

const USAGE = `Replays a repository's history here and with the git binary, and lists every difference.

  npm run conformance -- --repo PATH [--max N] [--only objects,commits,raw,diff,stats,merge]
  npm run conformance -- --http

PATH is a repository, bare or not, or a bundle; it is only read, and its objects are taken over as "weir import" takes
them, into a temporary directory. --max bounds the first-parent commits and the merges, newest first, and the objects.
--http needs no repository: it does the same by git and over HTTP at a gateway of its own and at "git http-backend".
Ends with status 1 when anything differs, and with 2 when PATH cannot be read whole.
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
  { name: 'objects', unit: 'objects: read whole, type and size', run: compareObjects },
  { name: 'commits', unit: 'commits: parents, tree, date', run: (gitDir, source) => compareCommits(gitDir, source) },
  { name: 'raw', unit: 'commits: changed files and renames', run: (gitDir, source, max) => compareRaw(gitDir, source, bounded(max)) },
  { name: 'diff', unit: 'files: patches', run: (gitDir, source, max) => compareDiffs(gitDir, source, bounded(max)) },
  { name: 'stats', unit: 'files: counts of lines', run: (gitDir, source, max) => compareStats(gitDir, source, bounded(max)) },
  {
    name: 'merge',
    unit: 'merges: trees, conflicts and their text',
    run: async (gitDir, source, max) => compareMerges(gitDir, source, new CommitGraph(await indexCommits(source, commitsOf(gitDir), () => null)), mergePairs(gitDir, max)),
  },
];

function bounded(max: number | undefined): { max?: number } {
  return max === undefined ? {} : { max };
}

/** Runs the comparers and prints what they found; answers the exit status: 0 all equal, 1 differences, 2 wrong usage or no whole repository. */
export async function main(args: readonly string[], print: (text: string) => void): Promise<number> {
  if (args.length === 1 && args[0] === '--http') return besideHttpBackend(print);
  const wanted = wantedOf(args);
  if (wanted === null) {
    print(USAGE);
    return 2;
  }
  let repository: OpenRepository;
  try {
    repository = await openRepository(wanted.repo);
  } catch (error) {
    if (!(error instanceof ImportRefused || error instanceof GitDataError)) throw error;
    print(`${error.message}\n`);
    return 2;
  }
  let different = 0;
  try {
    for (const comparer of COMPARERS.filter(({ name }) => wanted.names.includes(name))) {
      const began = performance.now();
      const outcome = await comparer.run(repository.gitDir, repository.objects, wanted.max);
      different += outcome.different;
      for (const difference of outcome.differences) print(`${comparer.name}: ${difference}\n`);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      print(`${comparer.name.padEnd(7)} equal ${outcome.equal}  different ${outcome.different}  skipped ${outcome.skipped}  (${comparer.unit}; ${seconds} s)\n`);
    }
  } finally {
    await repository.close();
  }
  return different === 0 ? 0 : 1;
}

async function besideHttpBackend(print: (text: string) => void): Promise<number> {
  const gateway = await openOwnGateway();
  try {
    const sides = await openSides(gateway);
    try {
      const began = performance.now();
      const { equal, deliberate, different } = await compareHttp(sides, (line) => print(`${line}\n`));
      print(`http    equal ${equal}  different on purpose ${deliberate}  different ${different}  (behaviours; ${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
      return different === 0 ? 0 : 1;
    } finally {
      await sides.close();
    }
  } finally {
    await gateway.close();
  }
}

interface Wanted {
  readonly repo: string;
  readonly max: number | undefined;
  readonly names: readonly string[];
}

function wantedOf(args: readonly string[]): Wanted | null {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options: { repo: { type: 'string' }, max: { type: 'string' }, only: { type: 'string' } } }));
  } catch {
    return null;
  }
  const max = values.max === undefined ? undefined : Number(values.max);
  const names = values.only?.split(',') ?? COMPARERS.map((comparer) => comparer.name);
  const known = names.every((name) => COMPARERS.some((comparer) => comparer.name === name));
  if (values.repo === undefined || !known || (max !== undefined && !(Number.isSafeInteger(max) && max > 0))) return null;
  return { repo: values.repo, max, names };
}

/** A repository for git, and its objects as the project's own store reads them. */
interface OpenRepository {
  readonly gitDir: string;
  readonly objects: ObjectSource;
  readonly close: () => Promise<void>;
}

/**
 * Takes a repository's packs and loose objects over into a temporary store; of a bundle, whose pack is indexed here, git gets
 * a clone. Rejects with {@link ImportRefused} or a {@link GitDataError} as an import does.
 */
async function openRepository(path: string): Promise<OpenRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'weir-conformance-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const source = await openImportSource(resolve(path), { objectsDirectory: join(directory, 'objects'), maxPackBytes: Number.POSITIVE_INFINITY });
    const { objects } = await source.take(1);
    if (statSync(path).isDirectory()) return { gitDir: git(path, ['rev-parse', '--absolute-git-dir']), objects, close: remove };
    git(directory, ['clone', '-q', '--bare', resolve(path), 'history.git']);
    return { gitDir: join(directory, 'history.git'), objects, close: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Every commit that references reach, where commits are indexed from. */
function commitsOf(gitDir: string): string[] {
  return git(gitDir, ['rev-list', '--all']).split('\n').filter((oid) => oid !== '');
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.exitCode = await main(process.argv.slice(2), (text) => process.stdout.write(text));
}
