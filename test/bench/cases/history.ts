import { compare, type Comparison } from '../measure.js';
import type { Subject, Workplace } from '../workplace.js';
import { inTurn, isFilled, type Pair } from './pairs.js';

const PAIRS = 16;

/** Merge base and ahead/behind of commits far apart, rows in memory, beside spawned git with its commit-graph. */
export async function history(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const graph = await place.app.storage.graph(subject.repoId);
  const pairs = distantPairs(subject);
  if (!isFilled(pairs)) return [];
  const on = { rounds, goal: 1, subject: subject.name };
  return [
    await compare(
      'merge base, rows cached',
      { name: 'engine', run: (round) => graph.mergeBases(...inTurn(pairs, round)) },
      { name: 'git merge-base, spawned', run: (round) => subject.git('merge-base', ...inTurn(pairs, round)) },
      on,
    ),
    await compare(
      'ahead/behind, rows cached',
      { name: 'engine', run: (round) => graph.aheadBehind(...inTurn(pairs, round)) },
      { name: 'git rev-list --count, spawned', run: (round) => subject.git('rev-list', '--count', '--left-right', inTurn(pairs, round).join('...')) },
      on,
    ),
  ];
}

/** Commits from all over the history, each with one from the other half. */
function distantPairs(subject: Subject): Pair[] {
  const commits = subject.git('rev-list', '--all').trim().split('\n');
  const at = (share: number): string => commits[Math.floor(share * (commits.length - 1))] ?? '';
  return commits.length < 2 ? [] : Array.from({ length: PAIRS }, (_, n): Pair => [at(n / PAIRS / 2), at(0.5 + n / PAIRS / 2)]);
}
