import type { Renames } from './find-renames.js';
import { mergeContent, sameType } from './merge-content.js';
import { otherSide, sideOf, type MergeScope, type PathState, type PathTable, type Side, type SideRename } from './path-state.js';

/** The outcome of one rename will be merged once more with what is at its new path, or is written twice: its markers are longer by one. */
const NESTED = 1;

/**
 * Brings the versions of renamed files together at their new paths, so that every path can then be settled on its own.
 * Conflicts over places are noted on the paths.
 */
export async function applyRenames(scope: MergeScope, table: PathTable, renames: Renames): Promise<void> {
  const sources = [...new Set([...renames.ours.keys(), ...renames.theirs.keys()])].sort();
  for (const from of sources) {
    const ours = renames.ours.get(from);
    const theirs = renames.theirs.get(from);
    if (ours !== undefined && theirs !== undefined) await applyBoth(scope, table, ours, theirs);
    else if (ours !== undefined) await applyOne(scope, table, 'ours', ours);
    else if (theirs !== undefined) await applyOne(scope, table, 'theirs', theirs);
  }
}

/** Both sides renamed the same file: to one path, which then merges there, or to two. */
async function applyBoth(scope: MergeScope, table: PathTable, ours: SideRename, theirs: SideRename): Promise<void> {
  const old = table.at(ours.from);
  const [mine, other] = [table.at(ours.to), table.at(theirs.to)];
  if (mine === other) {
    mine.base = old.base;
    mine.names.base = old.path;
    clear(old);
    return;
  }
  if (mine.ours === null || other.theirs === null) return;
  const names = { base: old.path, ours: mine.path, theirs: other.path };
  const sides = { base: sideOf(old.base, names.base), ours: sideOf(mine.ours, names.ours), theirs: sideOf(other.theirs, names.theirs) };
  const merged = sameType(mine.ours, other.theirs)
    ? await mergeContent(scope, { base: old.base, ours: mine.ours, theirs: other.theirs, names }, NESTED)
    : null;
  if (merged !== null && merged.version !== null) {
    mine.ours = merged.version;
    other.theirs = merged.version;
  }
  const content = { markers: merged?.markers ?? null, hunks: merged?.hunks ?? [] };
  mine.placement = { report: { kind: 'RENAME_RENAME', paths: [old.path, other.path], ...sides, ...content } };
  other.placement = { report: null };
  old.placement = { report: null };
}

/** One side renamed a file that the other kept, changed, deleted or replaced. */
async function applyOne(scope: MergeScope, table: PathTable, side: Side, { from, to }: SideRename): Promise<void> {
  const other = otherSide(side);
  const old = table.at(from);
  const target = table.at(to);
  const moved = target[side];
  const kept = old[other];
  if (moved === null) return;
  const collides = target[other] !== null;
  if (kept === null) {
    if (!collides) markDeleted(target, old, side);
    clear(old);
  } else if (old.base !== null && !sameType(old.base, kept)) {
    target.base = old.base;
    target.names.base = from;
    target.replaced = !collides;
    old.base = null;
    old[side] = null;
  } else if (collides) {
    // What the other side has at the new path conflicts with the outcome there, as two added files do.
    const names = { ...old.names, [side]: to };
    const [ours, theirs] = side === 'ours' ? [moved, kept] : [kept, moved];
    const { version } = await mergeContent(scope, { base: old.base, ours, theirs, names }, NESTED);
    target[side] = version;
    clear(old);
  } else {
    target.base = old.base;
    target[other] = kept;
    target.names.base = from;
    target.names[other] = from;
    clear(old);
  }
}

/** The other side deleted what this one renamed; the base then counts as being at the new path. */
function markDeleted(target: PathState, old: PathState, side: Side): void {
  target.base = old.base;
  const sides = { base: sideOf(old.base, old.path), ours: null, theirs: null, [side]: sideOf(target[side], target.path) };
  target.placement = { report: { kind: 'RENAME_DELETE', paths: [old.path], ...sides, markers: null, hunks: [] } };
}

function clear(state: PathState): void {
  state.base = null;
  state.ours = null;
  state.theirs = null;
}
