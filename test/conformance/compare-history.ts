import type { GraphRow } from '../../src/git/history/graph-row.js';
import { indexCommits } from '../../src/git/history/index-commits.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { rowsFromGit } from '../support/git-histories.js';

/** What a comparison came to; `differences` holds one readable text for each thing that differs. */
export interface Comparison {
  readonly equal: number;
  readonly different: number;
  readonly skipped: number;
  readonly differences: readonly string[];
}

/** Indexes all commits that git lists from the references and compares parents, tree, generation and date of each with git's own. */
export async function compareCommits(gitDir: string, source: ObjectSource): Promise<Comparison> {
  const native = rowsFromGit(gitDir).filter(({ oid }) => oid !== '');
  const rows = await indexCommits(source, native.map(({ oid }) => oid), () => null);
  const own = new Map(rows.map((row) => [row.oid, shown(row)]));
  const differences: string[] = [];
  for (const row of native) {
    const theirs = shown(row);
    const ours = own.get(row.oid) ?? 'nothing';
    own.delete(row.oid);
    if (ours !== theirs) differences.push(`${row.oid}\n  git:  ${theirs}\n  weir: ${ours}`);
  }
  for (const [oid, ours] of own) differences.push(`${oid}\n  git:  nothing\n  weir: ${ours}`);
  return { equal: native.length - differences.length, different: differences.length, skipped: 0, differences };
}

function shown({ parents, generation, seconds, tree }: GraphRow): string {
  return `tree ${tree ?? 'unknown'}, generation ${generation}, at ${seconds}, parents ${parents.join(' ')}`;
}
