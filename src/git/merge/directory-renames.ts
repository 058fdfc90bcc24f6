import { vacatedDirectories, type Renames } from './find-renames.js';
import { directoriesOf, nameOf, parentOf } from './paths.js';
import { otherSide, sideOf, type MergeScope, type PathState, type PathTable, type Side, type SideRename } from './path-state.js';
import { lookUp } from './tree-lookup.js';
import type { TreeTriple, WalkedTrees } from './three-way-walk.js';

/**
 * Directory renames, as git describes them (Documentation/technical/directory-rename-detection): where one side moved all of
 * a directory's files away and the directory is gone there, files that the other side put into it follow to where most of
 * its files went. With git's default setting each such move is a conflict over the file's location to be confirmed.
 */

/** Old directory to new (`''` is the root). Null: its files went to several places in equal numbers, so none is it. */
type DirectoryMoves = Map<string, string | null>;

/** A file of one side that may have to follow: where it is, and the rename that put it there, if one did. */
interface Follower {
  readonly path: string;
  readonly rename: SideRename | null;
}

/**
 * Lets added and renamed files follow the directories that the other side renamed: rewrites `table`, and answers the
 * renames with their new targets. Nothing follows in a virtual merge base.
 */
export async function followDirectories(scope: MergeScope, table: PathTable, trees: TreeTriple, walked: WalkedTrees, renames: Renames): Promise<Renames> {
  if (scope.depth > 0) return renames;
  const moves = { ours: movesOf(walked, renames, 'ours'), theirs: movesOf(walked, renames, 'theirs') };
  for (const directory of moves.ours.keys()) {
    // Both sides moved it: each side's new files stay where that side put them.
    if (moves.theirs.has(directory)) {
      moves.ours.delete(directory);
      moves.theirs.delete(directory);
    }
  }
  if (moves.ours.size + moves.theirs.size === 0) return renames;
  const sideFollowing = async (side: Side): Promise<Map<string, SideRename>> => {
    const plan = planFollowing(table, walked, renames, side, moves);
    return carryOut(table, plan, renames, side, (target) => isTaken(scope, table, trees, target, side));
  };
  return { ours: await sideFollowing('ours'), theirs: await sideFollowing('theirs') };
}

/** Where the directories that a side has no more went, by the number of files that went there; only where something may follow. */
function movesOf(walked: WalkedTrees, renames: Renames, side: Side): DirectoryMoves {
  const vacated = vacatedDirectories(walked, side);
  const counts = new Map<string, Map<string, number>>();
  for (const { from, to } of renames[side].values()) {
    for (const [old, next] of directoryPairs(from, to)) {
      if (!vacated.has(old)) continue;
      const targets = counts.get(old) ?? new Map<string, number>();
      targets.set(next, (targets.get(next) ?? 0) + 1);
      counts.set(old, targets);
    }
  }
  return new Map([...counts].map(([old, targets]) => [old, mostFrequent(targets)]));
}

/** The directories that a renamed file tells of: its own, and those above for as long as they end in the same name. */
function* directoryPairs(from: string, to: string): Generator<[old: string, next: string]> {
  let old = parentOf(from);
  let next = parentOf(to);
  while (old !== '' && old !== next) {
    yield [old, next];
    if (next === '' || nameOf(old) !== nameOf(next)) return;
    old = parentOf(old);
    next = parentOf(next);
  }
}

function mostFrequent(targets: ReadonlyMap<string, number>): string | null {
  const most = Math.max(...targets.values());
  const best = [...targets].filter(([, count]) => count === most);
  return best.length === 1 ? (best[0]?.[0] ?? null) : null;
}

/** For each target the files of `side` that should follow there; marks those whose directory went nowhere in particular. */
function planFollowing(table: PathTable, walked: WalkedTrees, renames: Renames, side: Side, moves: Record<Side, DirectoryMoves>): Map<string, Follower[]> {
  const plan = new Map<string, Follower[]>();
  for (const follower of followers(walked, renames[side], side)) {
    const move = moveFor(follower.path, moves[otherSide(side)]);
    if (move === null) continue;
    if (move.to === null) {
      table.at(follower.path).unplaceable = true;
      continue;
    }
    // A directory that this side moved on: following there would move the file twice.
    if (moves[side].has(move.to)) continue;
    const target = joined(move.to, follower.path.slice(move.from.length + 1));
    plan.set(target, [...(plan.get(target) ?? []), follower]);
  }
  return plan;
}

/** Moves the files of a plan, but for those whose target is taken or wanted by several; answers the side's renames, rewritten. */
async function carryOut(
  table: PathTable,
  plan: ReadonlyMap<string, readonly Follower[]>,
  renames: Renames,
  side: Side,
  taken: (target: string) => Promise<boolean>,
): Promise<Map<string, SideRename>> {
  const result = new Map(renames[side]);
  for (const [target, all] of plan) {
    const [follower] = all;
    if (follower === undefined) continue;
    if (all.length > 1 || (await taken(target))) {
      for (const { path } of all) table.at(path).unplaceable = true;
      continue;
    }
    if (follower.rename !== null) result.set(follower.rename.from, { ...follower.rename, to: target });
    moveAdded(table, follower.path, target, side);
  }
  return result;
}

/** What a side has where the base has nothing. */
function* followers(walked: WalkedTrees, renames: ReadonlyMap<string, SideRename>, side: Side): Generator<Follower> {
  const byTarget = new Map([...renames.values()].map((rename) => [rename.to, rename]));
  for (const versions of walked.paths.values()) {
    if (versions.base === null && versions[side] !== null) yield { path: versions.path, rename: byTarget.get(versions.path) ?? null };
  }
}

/** The innermost moved directory that holds the path. */
function moveFor(path: string, moves: DirectoryMoves): { readonly from: string; readonly to: string | null } | null {
  for (const directory of directoriesOf(path)) {
    const to = moves.get(directory);
    if (to !== undefined) return { from: directory, to };
  }
  return null;
}

/** Whether the side has a file or a directory at the path already, or another file has been moved there. */
async function isTaken(scope: MergeScope, table: PathTable, trees: TreeTriple, target: string, side: Side): Promise<boolean> {
  if (table.has(target) && table.at(target)[side] !== null) return true;
  const tree = trees[side];
  return tree !== null && (await lookUp(scope.staged, tree, target)) !== null;
}

function moveAdded(table: PathTable, path: string, target: string, side: Side): void {
  const from = table.at(path);
  const to: PathState = table.at(target);
  to[side] = from[side];
  to.names[side] = path;
  from[side] = null;
  const sides = { base: null, ours: null, theirs: null, [side]: sideOf(to[side], target) };
  to.placement = { report: { kind: 'FILE_DIRECTORY', paths: [path], ...sides, markers: null, hunks: [] } };
}

function joined(directory: string, rest: string): string {
  return directory === '' ? rest : `${directory}/${rest}`;
}
