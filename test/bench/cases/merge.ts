import { mergeCommits } from '../../../src/git/merge/merge-commits.js';
import { compare, type Comparison } from '../measure.js';
import type { Subject, Workplace } from '../workplace.js';
import { inTurn, isFilled, recentMerges, type Pair } from './pairs.js';

/** Merging the parents of real merges again, each for the first time and then one over and over, beside git as a service would call it. */
export async function merge(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const merges = recentMerges(subject, rounds + 1);
  if (!isFilled(merges)) return [];
  const { app } = place;
  const graph = await app.storage.graph(subject.repoId);
  const store = app.storage.objects.open(subject.repoId);
  const ours = (pair: Pair): Promise<unknown> => mergeCommits(store.stage(), graph, ...pair, { labels: { ours: 'ours', theirs: 'theirs' } });
  const native = (pair: Pair): string => subject.git('merge-tree', '--write-tree', ...pair);
  const first = Math.min(rounds, merges.length - 1);
  const [newest] = merges;
  const comparisons: Comparison[] = [];
  if (first > 0) {
    comparisons.push(
      await compare('merge, first', { name: 'engine', run: (round) => ours(inTurn(merges, round)) }, { name: 'git merge-tree, spawned', run: (round) => native(inTurn(merges, round)) }, { rounds: first, goal: 1, subject: subject.name }),
    );
  }
  comparisons.push(
    await compare('merge, warm', { name: 'engine', run: () => ours(newest) }, { name: 'git merge-tree, spawned', run: () => native(newest) }, { rounds, goal: 0.3, subject: subject.name }),
  );
  return comparisons;
}
