import { detectRenames, type RenameSide } from '../diff/renames.js';
import { walkTrees } from '../diff/tree-walk.js';
import { Pace } from '../objects/pace.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { decodeName, encodeName, MODE_DIRECTORY } from '../objects/tree.js';
import { walkTree } from '../objects/walk-tree.js';
import type { CommitGraph } from './commit-graph.js';
import { PathEntries } from './path-entries.js';
import type { PathLogOptions } from './path-log.js';
import { treeOf } from './tree-of.js';

/** A commit that changed a file, and the path that the file had after it. */
export interface FollowedCommit {
  readonly oid: Oid;
  readonly path: string;
}

/** git's default for `diff.renameLimit`: an added file is compared with up to the square of this many others. */
const RENAME_LIMIT = 1000;

/**
 * The commits that changed a file, beyond its renames, in the order of `git log --follow TIPS -- PATH`, lazily. Where a commit
 * adds the file, the walk goes on with the file that its parent has of the same or most similar content (over half), be it gone
 * since or still there. As with git there is one path at a time, in the order of the log: where branches knew the file by different
 * names, commits of one of them may be missing. Merges are not shown, and histories are not simplified.
 *
 * Rejects as `ObjectSource.read` does, and with {@link ObjectMissing} for tips that the graph lacks.
 */
export async function* followLog(source: ObjectSource, graph: CommitGraph, tips: readonly Oid[], path: string, options: PathLogOptions = {}): AsyncGenerator<FollowedCommit, void, undefined> {
  const { arrays } = graph;
  const pace = new Pace();
  let current = path;
  let entries = new PathEntries(source, current);
  let verdicts = graph.pathVerdicts(followKey(current));
  for (const oid of graph.log(tips)) {
    options.visit?.();
    if (pace.due()) await pace.breathe();
    const commit = arrays.indexOf(oid);
    const parents = arrays.parentsAt(commit);
    if (parents.length > 1 || verdicts[commit] === SAME) continue;
    const [first] = parents;
    const own = await treeOf(source, graph, commit);
    const before = first === undefined ? null : await treeOf(source, graph, first);
    if (await entries.same(own, before)) {
      verdicts[commit] = SAME;
      continue;
    }
    yield { oid, path: current };
    const added = await entries.at(own);
    if (added === null || added.mode === MODE_DIRECTORY || before === null || (await entries.at(before)) !== null) continue;
    const from = await originOf(source, before, own, { path: encodeName(current), mode: added.mode, oid: added.oid });
    if (from === null) continue;
    current = decodeName(from);
    entries = new PathEntries(source, current);
    verdicts = graph.pathVerdicts(followKey(current));
  }
}

const SAME = 1;

/** A NUL is in no path, so these bytes never meet those of a plain walk. */
function followKey(path: string): string {
  return `\0${path}`;
}

/** The path in the tree before that an added file was made from; null where nothing there is like it. */
async function originOf(source: ObjectSource, before: Oid, after: Oid, added: RenameSide): Promise<string | null> {
  const deleted: RenameSide[] = [];
  for (const { path, status, oldMode, oldOid } of await walkTrees(source, before, after, null, { maxChanges: Number.POSITIVE_INFINITY })) {
    if (status === 'DELETED' && oldMode !== null && oldOid !== null) deleted.push({ path, mode: oldMode, oid: oldOid });
  }
  const gone = new Set(deleted.map(({ path }) => path));
  const copySources: RenameSide[] = [];
  for await (const { path, entry } of walkTree(source, before)) {
    if (entry.mode !== MODE_DIRECTORY && !gone.has(path)) copySources.push({ path, mode: entry.mode, oid: entry.oid });
  }
  copySources.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const { pairs } = await detectRenames(source, deleted, [added], { limit: RENAME_LIMIT, copySources });
  return pairs[0]?.from.path ?? null;
}
