import { readCommit } from '../objects/commit.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import type { CommitGraph } from './commit-graph.js';

/** The root tree of a commit, by its number; from the graph where it keeps trees, otherwise from the commit itself. */
export async function treeOf(source: ObjectSource, { arrays }: CommitGraph, commit: number): Promise<Oid> {
  return arrays.treeAt(commit) ?? (await readCommit(source, arrays.oidAt(commit))).tree;
}
