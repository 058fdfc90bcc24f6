import { Pace } from '../objects/pace.js';
import { BudgetExceeded } from '../objects/errors.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { MODE_DIRECTORY, readTree, type TreeEntry } from '../objects/tree.js';
import type { Version } from './conflict.js';
import type { Effort } from './effort.js';

/** git's own bound on nested directories (`core.maxTreeDepth`); deeper trees are hostile. */
const MAX_DEPTH = 2048;

/** A path on the three sides, where they are not all alike. Null: no file there (perhaps a directory). */
export interface PathVersions {
  readonly path: string;
  readonly base: Version | null;
  readonly ours: Version | null;
  readonly theirs: Version | null;
}

/** The three trees of a merge; null stands for the empty tree. */
export interface TreeTriple {
  readonly base: Oid | null;
  readonly ours: Oid | null;
  readonly theirs: Oid | null;
}

/** What a merge may cost; beyond it, it is refused rather than run out of memory or time. */
export interface MergeLimits {
  /** The most paths that may differ between the sides; a million unless told. */
  readonly maxPaths?: number;
  /** Processor time for comparing lines, spent by every merge that this object is handed to; 10 s for each tree merge unless told. */
  readonly effort?: Effort;
}

const DEFAULT_MAX_PATHS = 1_000_000;

/**
 * What a walk found: the paths that are not alike, the base's directories that a side has no more, and the directories that
 * only one side has changed or made.
 */
export interface WalkedTrees {
  readonly oneSidedDirectories: ReadonlySet<string>;
  readonly paths: ReadonlyMap<string, PathVersions>;
  readonly removedDirectories: { readonly ours: ReadonlySet<string>; readonly theirs: ReadonlySet<string> };
}

type EntryTriple = [base: TreeEntry | null, ours: TreeEntry | null, theirs: TreeEntry | null];

/**
 * Every path at which the three trees are not all alike. A subtree whose id is the same on all three sides is never opened.
 * Rejects with {@link BudgetExceeded} beyond `limits` or 2048 nested directories, and as `ObjectSource.read` does.
 */
export async function collectPaths(source: ObjectSource, trees: TreeTriple, limits: MergeLimits): Promise<WalkedTrees> {
  const { maxPaths = DEFAULT_MAX_PATHS } = limits;
  const removed = { ours: new Set<string>(), theirs: new Set<string>() };
  const oneSided = new Set<string>();
  const found = new Map<string, PathVersions>();
  const pace = new Pace();
  const visit = async (at: TreeTriple, prefix: string, depth: number): Promise<void> => {
    if (at.base === at.ours && at.ours === at.theirs) return;
    if (depth > MAX_DEPTH) throw new BudgetExceeded('directory depth', MAX_DEPTH, depth);
    await pace.breathe();
    for (const [name, [base, ours, theirs]] of await differingEntries(source, at)) {
      const path = prefix + name;
      const versions = { path, base: fileOf(base), ours: fileOf(ours), theirs: fileOf(theirs) };
      if (versions.base !== null || versions.ours !== null || versions.theirs !== null) found.set(path, versions);
      if (found.size > maxPaths) throw new BudgetExceeded('changed paths', maxPaths, found.size);
      const below = { base: directoryOf(base), ours: directoryOf(ours), theirs: directoryOf(theirs) };
      if (below.base === below.ours || below.base === below.theirs) oneSided.add(path);
      if (below.base !== null && below.ours === null) removed.ours.add(path);
      if (below.base !== null && below.theirs === null) removed.theirs.add(path);
      if (below.base !== null || below.ours !== null || below.theirs !== null) await visit(below, `${path}/`, depth + 1);
    }
  };
  await visit(trees, '', 0);
  return { paths: found, removedDirectories: removed, oneSidedDirectories: oneSided };
}

/** The names at which three directories are not all alike. */
async function differingEntries(source: ObjectSource, at: TreeTriple): Promise<Map<string, EntryTriple>> {
  const read = async (oid: Oid | null): Promise<TreeEntry[]> => (oid === null ? [] : readTree(source, oid));
  // Two sides are often one and the same tree: read it once.
  const ours = await read(at.ours);
  const base = at.base === at.ours ? ours : await read(at.base);
  const theirs = at.theirs === at.ours ? ours : at.theirs === at.base ? base : await read(at.theirs);
  const names = new Map<string, EntryTriple>();
  for (const [side, entries] of [base, ours, theirs].entries()) {
    for (const entry of entries) {
      const triple = names.get(entry.name) ?? [null, null, null];
      triple[side] = entry;
      names.set(entry.name, triple);
    }
  }
  for (const [name, [b, o, t]] of names) if (sameEntry(b, o) && sameEntry(o, t)) names.delete(name);
  return names;
}

function sameEntry(a: TreeEntry | null, b: TreeEntry | null): boolean {
  return a === b || (a !== null && b !== null && a.oid === b.oid && a.mode === b.mode);
}

function fileOf(entry: TreeEntry | null): Version | null {
  return entry === null || entry.mode === MODE_DIRECTORY ? null : { mode: entry.mode, oid: entry.oid };
}

function directoryOf(entry: TreeEntry | null): Oid | null {
  return entry !== null && entry.mode === MODE_DIRECTORY ? entry.oid : null;
}
