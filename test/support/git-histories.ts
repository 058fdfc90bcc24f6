import type { GraphRow } from '../../src/git/history/graph-row.js';
import { fc } from './fast-check.js';
import { git } from './git-binary.js';

/** A commit of a generated history: which of the earlier commits are its parents, and when it was committed. */
export interface HistoryStep {
  readonly parents: readonly number[];
  readonly seconds: number;
}

/** Histories of up to `size` commits with merges, several roots, criss-crosses, equal dates and clocks that run backwards. */
export function histories(size: number): fc.Arbitrary<readonly HistoryStep[]> {
  const step = fc.record({
    parents: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 0, maxLength: 3 }),
    seconds: fc.integer({ min: 0, max: 12 }),
    skewed: fc.integer({ min: 0, max: 9 }),
  });
  return fc.array(step, { minLength: 2, maxLength: size }).map((steps) =>
    steps.map(({ parents, seconds, skewed }, at) => ({
      parents: [...new Set(parents.map((back) => at - back).filter((parent) => parent >= 0))],
      seconds: 1_600_000_000 + (skewed === 0 ? seconds : at * 5 + seconds),
    })),
  );
}

/** Writes a generated history with one `git fast-import` (empty trees); answers the commit ids in order. */
export function writeHistory(repository: string, steps: readonly HistoryStep[]): string[] {
  const stream = steps.map(({ parents, seconds }, at) => {
    const [first, ...others] = parents.map((parent) => `:${parent + 1}`);
    const lines = ['commit refs/heads/tmp', `mark :${at + 1}`, `committer Ada <ada@example.org> ${seconds} +0000`];
    const message = `commit ${at}`;
    lines.push(`data ${message.length}`, message);
    if (first !== undefined) lines.push(`from ${first}`);
    return `${first === undefined ? 'reset refs/heads/tmp\n' : ''}${[...lines, ...others.map((other) => `merge ${other}`)].join('\n')}\n`;
  });
  const asked = steps.map((_, at) => `get-mark :${at + 1}\n`).join('');
  return git(repository, ['fast-import', '--quiet', '--force', '--date-format=raw'], `${stream.join('\n')}\n${asked}`).split('\n');
}

/** The graph rows of all that a repository's refs (or `revisions`) reach, as real git tells them, parents first. */
export function rowsFromGit(repository: string, revisions: readonly string[] = ['--all']): GraphRow[] {
  const listed = git(repository, ['log', '--topo-order', '--reverse', '--format=%H %T %ct %P', ...revisions]);
  const generations = new Map<string, number>();
  return listed.split('\n').map((line) => {
    const [oid = '', tree = '', seconds = '', ...parents] = line.trim().split(' ');
    const generation = 1 + Math.max(0, ...parents.map((parent) => generations.get(parent) ?? 0));
    generations.set(oid, generation);
    return { oid, parents, generation, seconds: Number(seconds), tree };
  });
}
