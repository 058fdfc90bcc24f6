import { sameVersion, type ConflictKind, type MergeConflict, type Version } from './conflict.js';
import { isRegular, mergeContent, sameType } from './merge-content.js';
import { directoriesOf } from './paths.js';
import { sideOf, type MergeScope, type PathState, type PathTable, type Settled, type Side } from './path-state.js';

/**
 * Settles every path of a merge whose renames have been applied: what stands in the result, what conflicts, and the index
 * entries that git would leave. Reads and writes blobs only where both sides changed content.
 */
export async function settlePaths(scope: MergeScope, table: PathTable): Promise<Settled> {
  const settled: Settled = { versions: new Map(), conflicts: [], stages: [] };
  const outcomes = new Map<PathState, Outcome>();
  const states = table.sorted();
  for (const state of states) outcomes.set(state, await settleOne(scope, state));
  const placer = new Placer(scope, table, outcomes);
  for (const state of states) {
    const outcome = outcomes.get(state);
    if (outcome === undefined) continue;
    settled.versions.set(state.path, null);
    if (outcome.kind === 'SPLIT') splitTypes(placer, settled, state);
    else record(placer, settled, state, outcome);
  }
  return settled;
}

/** What becomes of one path; `SPLIT` where files of different types must part. */
interface Outcome {
  readonly version: Version | null;
  readonly kind: ConflictKind | 'SPLIT' | null;
  readonly markers: MergeConflict['markers'];
  readonly hunks: MergeConflict['hunks'];
}

const outcomeOf = (version: Version | null, kind: Outcome['kind'] = null): Outcome => ({ version, kind, markers: null, hunks: [] });

async function settleOne(scope: MergeScope, state: PathState): Promise<Outcome> {
  const { base, ours, theirs, names } = state;
  if (state.replaced) return outcomeOf(survivor(scope, state), 'MODIFY_DELETE');
  if (sameVersion(ours, theirs)) return outcomeOf(ours);
  if (state.placement === null || (ours !== null && theirs !== null)) {
    if (sameVersion(ours, base)) return outcomeOf(theirs);
    if (sameVersion(theirs, base)) return outcomeOf(ours);
  }
  if (ours === null || theirs === null) {
    if (base === null || sameVersion(ours ?? theirs, base)) return outcomeOf(ours ?? theirs);
    return outcomeOf(survivor(scope, state), 'MODIFY_DELETE');
  }
  if (!sameType(ours, theirs)) return scope.depth > 0 ? outcomeOf(base, 'MODE') : outcomeOf(null, 'SPLIT');
  const { version, conflict, markers, hunks } = await mergeContent(scope, { base, ours, theirs, names });
  const isAdded = base === null && (conflict === 'CONTENT' || conflict === 'BINARY');
  return { version, kind: isAdded ? 'ADD_ADD' : conflict, markers, hunks };
}

/** What stands for a file that one side changed and the other deleted; in a virtual merge base, the base. */
function survivor(scope: MergeScope, { base, ours, theirs }: PathState): Version | null {
  return scope.depth > 0 && base !== null ? base : (ours ?? theirs);
}

/** Writes down an outcome: at the path itself, or beside it where a directory of the result is in its way. */
function record(placer: Placer, settled: Settled, state: PathState, outcome: Outcome): void {
  const { base, ours, theirs, names, placement } = state;
  const aside = outcome.version !== null && placer.isDirectory(state.path);
  const path = aside ? placer.beside(state.path, ours !== null ? 'ours' : 'theirs') : state.path;
  if (outcome.version !== null) settled.versions.set(path, outcome.version);
  if (state.unplaceable) settled.conflicts.push(unplaced(state, path, outcome));
  const kind = placement?.report?.kind ?? outcome.kind ?? (aside ? 'FILE_DIRECTORY' : null);
  if (kind === null && placement === null) return;
  addStages(settled, path, base, ours, theirs);
  if (kind === null || kind === 'SPLIT') return;
  if (placement?.report !== undefined && placement.report !== null) {
    settled.conflicts.push({ ...placement.report, path, paths: unique([path, state.path, ...placement.report.paths]) });
    return;
  }
  const sides = { base: sideOf(base, names.base), ours: sideOf(ours, names.ours), theirs: sideOf(theirs, names.theirs) };
  const paths = unique([path, state.path, ...[sides.base, sides.ours, sides.theirs].flatMap((side) => (side === null ? [] : [side.path]))]);
  settled.conflicts.push({ kind, path, paths, ...sides, markers: outcome.markers, hunks: outcome.hunks });
}

/** The file stays because there is no telling where to it should follow its directory. */
function unplaced({ base, ours, theirs, names }: PathState, path: string, { markers, hunks }: Outcome): MergeConflict {
  const sides = { base: sideOf(base, names.base), ours: sideOf(ours, names.ours), theirs: sideOf(theirs, names.theirs) };
  return { kind: 'FILE_DIRECTORY', path, paths: [path], ...sides, markers, hunks };
}

/** A file, a symlink or a submodule met at one path: a regular file steps aside; where neither is one, both do. */
function splitTypes(placer: Placer, settled: Settled, state: PathState): void {
  const { base, ours, theirs, names } = state;
  if (ours === null || theirs === null) return;
  const oneStays = isRegular(ours) || isRegular(theirs);
  const oursPath = oneStays && !isRegular(ours) ? state.path : placer.beside(state.path, 'ours');
  const theirsPath = oneStays && !isRegular(theirs) ? state.path : placer.beside(state.path, 'theirs');
  settled.versions.set(oursPath, ours);
  settled.versions.set(theirsPath, theirs);
  addStages(settled, oursPath, base !== null && sameType(base, ours) ? base : null, ours, null);
  addStages(settled, theirsPath, base !== null && sameType(base, theirs) ? base : null, null, theirs);
  const sides = { base: sideOf(base, names.base), ours: sideOf(ours, names.ours), theirs: sideOf(theirs, names.theirs) };
  settled.conflicts.push({ kind: 'MODE', path: state.path, paths: unique([state.path, oursPath, theirsPath]), ...sides, markers: null, hunks: [] });
}

function addStages(settled: Settled, path: string, base: Version | null, ours: Version | null, theirs: Version | null): void {
  if (base !== null) settled.stages.push({ ...base, path, stage: 1 });
  if (ours !== null) settled.stages.push({ ...ours, path, stage: 2 });
  if (theirs !== null) settled.stages.push({ ...theirs, path, stage: 3 });
}

/** Knows which paths are directories in the result, and finds free names for files that must step aside. */
class Placer {
  readonly #scope: MergeScope;
  readonly #table: PathTable;
  readonly #directories = new Set<string>();
  readonly #given = new Set<string>();

  constructor(scope: MergeScope, table: PathTable, outcomes: ReadonlyMap<PathState, Outcome>) {
    this.#scope = scope;
    this.#table = table;
    for (const [state, { version, kind }] of outcomes) {
      if (version === null && kind !== 'SPLIT') continue;
      for (const directory of directoriesOf(state.path)) this.#directories.add(directory);
    }
  }

  /** Whether some path beneath this one is in the result. */
  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  /** `path~label`, slashes of the label made underscores; `_0`, `_1` … behind it where that is taken. */
  beside(path: string, side: Side): string {
    const wanted = `${path}~${this.#scope.labels[side].replaceAll('/', '_')}`;
    let free = wanted;
    for (let i = 0; this.#table.has(free) || this.#given.has(free) || this.#directories.has(free); i++) free = `${wanted}_${i}`;
    this.#given.add(free);
    return free;
  }
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
