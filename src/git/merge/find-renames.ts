import { detectRenames, type RenameSide } from '../diff/renames.js';
import type { ObjectSource } from '../objects/object-source.js';
import { sameVersion, type Version } from './conflict.js';
import { otherSide, type Side, type SideRename } from './path-state.js';
import { directoriesOf, parentOf } from './paths.js';
import type { PathVersions, WalkedTrees } from './three-way-walk.js';

/** git's default for `merge.renameLimit`: sources times destinations up to the square of this are compared by content. */
const RENAME_LIMIT = 7000;

/** The renames of each side since the base, keyed by the old path. */
export interface Renames {
  readonly ours: ReadonlyMap<string, SideRename>;
  readonly theirs: ReadonlyMap<string, SideRename>;
}

/** Finds both sides' renames: over half of the content kept, as `git merge` does without options. */
export async function findRenames(source: ObjectSource, walked: WalkedTrees): Promise<Renames> {
  return { ours: await renamesOf(source, walked, 'ours'), theirs: await renamesOf(source, walked, 'theirs') };
}

async function renamesOf(source: ObjectSource, walked: WalkedTrees, side: Side): Promise<Map<string, SideRename>> {
  const gone: RenameSide[] = [];
  const come: RenameSide[] = [];
  for (const versions of walked.paths.values()) {
    const here = versions[side];
    if (versions.base !== null && here === null) gone.push(renameSide(versions.path, versions.base));
    if (versions.base === null && here !== null) come.push(renameSide(versions.path, here));
  }
  const relevant = relevance(walked, side);
  if (come.length === 0 || !gone.some((from) => relevant(from.path))) return new Map();
  const options = { limit: RENAME_LIMIT, pairEmpty: false, relevant: (from: RenameSide): boolean => relevant(from.path) };
  // git looks into directories that only one side touched last, so where several targets are equally good one elsewhere wins.
  const late = (file: RenameSide): number => Number(walked.oneSidedDirectories.has(parentOf(file.path)));
  const inTurn = (a: RenameSide, b: RenameSide): number => late(a) - late(b) || byPath(a, b);
  const { pairs } = await detectRenames(source, gone.sort(inTurn), come.sort(inTurn), options);
  return new Map(pairs.map(({ from, to }) => [from.path, { from: from.path, to: to.path }]));
}

function renameSide(path: string, version: Version): RenameSide {
  return { path, mode: version.mode, oid: version.oid };
}

function byPath(a: RenameSide, b: RenameSide): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/**
 * Whether it matters where a file went. It does when the other side changed or deleted it, since that change must follow;
 * and when its directory is gone here while the other side put new files into it, since those may have to follow. Leaving
 * out the rest saves comparing contents, and is visible: a destination goes to the best source that matters.
 */
function relevance(walked: WalkedTrees, side: Side): (path: string) => boolean {
  const other = otherSide(side);
  const vacated = vacatedDirectories(walked, side);
  const changedThere = (versions: PathVersions | undefined): boolean => versions !== undefined && !sameVersion(versions.base, versions[other]);
  return (path) => changedThere(walked.paths.get(path)) || directoriesOf(path).some((directory) => vacated.has(directory));
}

/**
 * The directories that a side has no more and into which the other side put new files: those that may turn out to have been
 * renamed. New files in new directories beneath do not count, as git has it, though they follow once there is another reason.
 */
export function vacatedDirectories(walked: WalkedTrees, side: Side): Set<string> {
  const other = otherSide(side);
  const removed = walked.removedDirectories[side];
  const vacated = new Set<string>();
  for (const { path, base, [other]: there } of walked.paths.values()) {
    const directory = parentOf(path);
    if (base === null && there !== null && removed.has(directory)) vacated.add(directory);
  }
  return vacated;
}
