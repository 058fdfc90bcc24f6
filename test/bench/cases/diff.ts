import { diffFile } from '../../../src/git/diff/file-diff.js';
import { hunkLines, type HunkLine } from '../../../src/git/diff/hunk-lines.js';
import { diffTrees } from '../../../src/git/diff/tree-diff.js';
import type { ObjectSource } from '../../../src/git/objects/object-source.js';
import { readCommit } from '../../../src/git/objects/commit.js';
import { openPackDirectory, type PackDirectory } from '../../../src/storage/packs/pack-directory.js';
import { compare, type Comparison, type Contender } from '../measure.js';
import { document, type Subject, type Workplace } from '../workplace.js';
import { everydayChanges, inTurn, isFilled, type Pair } from './pairs.js';

const PAIRS = 12;
/** Warm diffs in one run: a server answers many in a row. */
const IN_A_ROW = 5;
/** Asked, a round, before anything is measured: the state of a server that has run for a while, its code compiled, its caches full. */
export const ASKED_BEFORE = 12;

const DIFF = document(`query ($repo: String!, $from: String!, $to: String!) {
  repo(name: $repo) {
    diff(from: $from, to: $to, options: { comparison: DIRECT }) {
      stats { files additions deletions }
      files(first: 50) { edges { node {
        path oldPath status additions deletions
        hunks(first: 50) { edges { node { oldStart oldLines newStart newLines section lines { kind oldNumber newNumber text } } } }
      } } }
    }
  }
}`);

/** Asks for a whole structured diff, lines included, over GraphQL in process. */
export function askDiff(place: Workplace, { repoName }: Pick<Subject, 'repoName'>, [from, to]: Pair): Promise<unknown> {
  return place.ask(DIFF, { repo: repoName, from, to });
}

/** The whole structured diff of two commits by the engine alone: changes, renames, hunks, lines. */
export async function engineDiff(source: ObjectSource, [from, to]: Pair): Promise<HunkLine[][]> {
  const [before, after] = await Promise.all([readCommit(source, from), readCommit(source, to)]);
  const shown: HunkLine[][] = [];
  for (const change of await diffTrees(source, before.tree, after.tree)) {
    const { text, hunks } = await diffFile(source, change);
    if (text !== null) shown.push(...hunks.map((hunk) => hunkLines(text, hunk)));
  }
  return shown;
}

/** The subject's packs with nothing cached but, once they were asked for an object, their indexes. */
export async function coldStore(place: Workplace, { repoId }: Subject): Promise<PackDirectory> {
  const { directory, names } = await place.app.storage.packsOf(repoId);
  return openPackDirectory({ directory, livePacks: async () => names });
}

/** Everyday diffs beside `git diff` of the same commits, spawned: asked before; with no object read; and with no index read either. */
export async function diff(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const pairs = everydayChanges(subject, PAIRS);
  if (!isFilled(pairs)) return [];
  const native = { name: 'git diff, spawned', run: (round: number) => subject.git('diff', ...inTurn(pairs, round)) };
  for (let n = 0; n < ASKED_BEFORE * rounds; n++) await askDiff(place, subject, inTurn(pairs, n));
  const indexed: PackDirectory[] = [];
  for (let round = 0; round <= rounds; round++) {
    const store = await coldStore(place, subject);
    await store.refresh();
    indexed.push(store);
  }
  const on = { rounds, subject: subject.name };
  const comparisons = [
    await compare('structured diff, warm', inARow('GraphQL in process', (n) => askDiff(place, subject, inTurn(pairs, n))), inARow(native.name, native.run), { ...on, goal: 0.05, units: IN_A_ROW }),
    await compare('structured diff, objects cold', { name: 'engine', run: (round) => engineDiff(inTurn(isFilled(indexed) ? indexed : [place.app.storage.objects.open(subject.repoId)], round), inTurn(pairs, round)) }, native, { ...on, goal: coldGoal(subject.files) }),
    await compare('structured diff, indexes cold', { name: 'engine', run: async (round) => {
      const store = await coldStore(place, subject);
      await engineDiff(store, inTurn(pairs, round));
      store.close();
    } }, native, { ...on, goal: null }),
  ];
  for (const store of indexed) store.close();
  return comparisons;
}

/**
 * Several in a row, on both sides after one that is not counted: a fork makes all memory of this process copy-on-write, and the first
 * diff after git's turn pays 0.4 ms for its pages, which no server pays that spawns nothing.
 */
function inARow(name: string, once: (n: number) => unknown): Contender {
  return {
    name,
    before: once,
    async run(round) {
      for (let n = 0; n < IN_A_ROW; n++) await once(round * IN_A_ROW + n);
    },
  };
}

/** A spawned git pays for the size of the repository; between 10,000 and 100,000 files the goal falls. */
function coldGoal(files: number): number {
  return files < 100_000 ? 1 : 0.3;
}
