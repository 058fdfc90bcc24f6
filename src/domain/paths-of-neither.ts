import { diffTrees } from '../git/diff/tree-diff.js';
import type { ObjectSource, Oid } from '../git/objects/object-source.js';
import { decodeName } from '../git/objects/tree.js';

/** The readable paths at which a merged tree is neither as the one side has it nor as the other: what the merge itself wrote. */
export async function pathsOfNeither(source: ObjectSource, trees: { readonly ours: Oid; readonly theirs: Oid; readonly result: Oid }): Promise<string[]> {
  const [fromOurs, fromTheirs] = await Promise.all([trees.ours, trees.theirs].map((side) => diffTrees(source, side, trees.result, { renames: false })));
  const unlikeTheirs = new Set(fromTheirs?.map(({ path }) => path));
  return (fromOurs ?? []).flatMap(({ path }) => (unlikeTheirs.has(path) ? [decodeName(path)] : []));
}
