import { diffTrees } from '../git/diff/tree-diff.js';
import type { Oid } from '../git/objects/object-source.js';
import type { FileChange } from '../git/diff/file-change.js';
import { decodeName, encodeName } from '../git/objects/tree.js';
import { entryAt } from '../git/objects/walk-tree.js';
import { emptyList } from './input-violations.js';
import { exceeds } from './limits.js';
import type { Problem } from './problem.js';
import { MAX_RESTORED_PATHS, pathNotText, pathNowhere, tooManyPaths } from './timeline-violations.js';
import { brokenRule, Refused, TreeDraft, type ChangedTree, type ChangeGround } from './tree-draft.js';

const FIELD = 'paths';

/**
 * The tree of `ground` with everything at these paths as `from` has it: files, directories or globs, read as a diff reads them. What
 * `from` lacks there goes away. Refuses paths that name nothing on either side, and what cannot stand beside the rest of the tree.
 */
export async function restorePaths(ground: ChangeGround, from: Oid, paths: readonly string[]): Promise<ChangedTree | Problem> {
  try {
    if (paths.length === 0) throw brokenRule(FIELD, emptyList('The list of paths'));
    if (paths.length > MAX_RESTORED_PATHS) throw brokenRule(FIELD, tooManyPaths(paths.length));
    for (const [index, path] of paths.entries()) await requireSomewhere(ground, from, path, `${FIELD}[${index}]`);
    const changes = await diffTrees(ground.staged, ground.tree, from, { paths, renames: false });
    const tooMany = exceeds(ground.limits, 'changesPerCheckpoint', changes.length);
    if (tooMany !== null) return tooMany;
    const draft = new TreeDraft(ground);
    // What goes away makes room first: a file may come back in the place of a directory.
    for (const change of changes) if (change.newOid === null) await draft.drop(readable(change));
    for (const change of changes) if (change.newOid !== null && change.newMode !== null) await draft.put(readable(change), { mode: change.newMode, oid: change.newOid }, FIELD);
    return await draft.finish(FIELD);
  } catch (error) {
    if (error instanceof Refused) return error.problem;
    throw error;
  }
}

/** A path that is spelled out must be on one of the sides; a glob must match something that differs, since alike it is nothing to do. */
async function requireSomewhere({ staged, tree }: ChangeGround, from: Oid, path: string, field: string): Promise<void> {
  const literal = path.replace(/\/+$/u, '');
  if (literal === '') throw brokenRule(field, pathNowhere(path));
  for (const side of [tree, from]) if ((await entryAt(staged, side, literal)) !== null) return;
  if ((await diffTrees(staged, tree, from, { paths: [path], renames: false })).length === 0) throw brokenRule(field, pathNowhere(path));
}

function readable({ path }: FileChange): string {
  const text = decodeName(path);
  if (encodeName(text) !== path) throw brokenRule(FIELD, pathNotText(text));
  return text;
}
