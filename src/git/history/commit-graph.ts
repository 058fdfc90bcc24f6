import type { Oid } from '../objects/object-source.js';
import { bestCommonAncestors, countAheadBehind, reachableFrom, reaches, type AheadBehind } from './ancestry.js';
import { GraphArrays } from './graph-arrays.js';
import type { GraphRow, GraphRows } from './graph-row.js';
import { firstParents, logOrder, orderedBases } from './log-walk.js';

/** Paths whose findings are kept: a byte a commit each, so that together they take no more than half of what the graph takes. */
const KEPT_PATHS = 32;

/** Commits that a search passes over without letting the event loop run: about 2 ms. */
const PASSED_AT_ONCE = 10_000;

/** What a log leaves out: everything reachable from these commits. */
export interface LogOptions {
  readonly exclude?: readonly Oid[];
}

/** The commits that some tips reach, asked one at a time. A snapshot: commits added to the graph later are not in it. */
export interface ReachableSet {
  has(oid: Oid): boolean;
}

/**
 * The commits of one repository as compact arrays (about 60 bytes each), growable and never shrinking. It is a cache of
 * immutable facts: it may know commits that no ref reaches any more, so what may be *seen* is decided by walks from refs.
 *
 * Every method that is given a commit throws {@link ObjectMissing} when the graph does not have it (but {@link has},
 * {@link row} and {@link ReachableSet.has}). Methods are synchronous; generators are invalidated by nothing, since adding
 * commits never renumbers.
 */
export class CommitGraph {
  readonly #arrays = new GraphArrays();
  readonly #verdicts = new Map<string, Uint8Array>();

  constructor(rows: readonly GraphRow[] = []) {
    this.#arrays.append(rows);
  }

  /** The numbers behind, for walks within this folder; whoever reads them must not add to them. */
  get arrays(): GraphArrays {
    return this.#arrays;
  }

  /**
   * One byte a commit in which walks note what they found of a path, since neither ever changes; zero at first. Those of the 32
   * paths used last are kept. What was noted by a walk that the graph has outgrown is kept as well.
   */
  pathVerdicts(key: string): Uint8Array {
    const verdicts = this.#roomFor(this.#verdicts.get(key));
    // A Map keeps the order of insertion, so the one used last goes to the end.
    this.#verdicts.delete(key);
    this.#verdicts.set(key, verdicts);
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > KEPT_PATHS && oldest !== undefined) this.#verdicts.delete(oldest);
    return verdicts;
  }

  #roomFor(known: Uint8Array | undefined): Uint8Array {
    if (known !== undefined && known.length >= this.#arrays.size) return known;
    // Some room to grow: every new commit would copy them otherwise.
    const verdicts = new Uint8Array(Math.ceil(this.#arrays.size * 1.125) + 64);
    if (known !== undefined) verdicts.set(known);
    return verdicts;
  }

  /** How many commits it has. */
  get size(): number {
    return this.#arrays.size;
  }

  /** Adds commits, in any order; known ones are left alone. Throws {@link ObjectMissing} naming a parent that is nowhere. */
  append(rows: readonly GraphRow[]): void {
    this.#arrays.append(rows);
  }

  has(oid: Oid): boolean {
    return this.#arrays.find(oid) >= 0;
  }

  /** All that is kept of a commit, or null when the graph does not have it. */
  row(oid: Oid): GraphRow | null {
    const index = this.#arrays.find(oid);
    if (index < 0) return null;
    return {
      oid,
      parents: this.parentsOf(oid),
      generation: this.#arrays.generationAt(index),
      seconds: this.#arrays.secondsAt(index),
      tree: this.#arrays.treeAt(index),
    };
  }

  /** The parents of a commit, first parent first. */
  parentsOf(oid: Oid): Oid[] {
    return this.#names(this.#arrays.parentsAt(this.#arrays.indexOf(oid)));
  }

  /** 1 for a root, otherwise one more than the highest generation of the parents. */
  generationOf(oid: Oid): number {
    return this.#arrays.generationAt(this.#arrays.indexOf(oid));
  }

  /** The root tree of a commit, where its row had it. */
  treeOf(oid: Oid): Oid | null {
    return this.#arrays.treeAt(this.#arrays.indexOf(oid));
  }

  /**
   * All best common ancestors of two commits, in the order of `git merge-base --all`; empty for unrelated histories.
   * Costs the distance to the oldest base, at about 5 ns a commit.
   */
  mergeBases(a: Oid, b: Oid): Oid[] {
    return this.mergeBasesOfVirtual([a], b);
  }

  /** The merge bases of `b` and a commit that does not exist and whose parents would be `parents`. */
  mergeBasesOfVirtual(parents: readonly Oid[], b: Oid): Oid[] {
    const left = parents.map((parent) => this.#arrays.indexOf(parent));
    const right = this.#arrays.indexOf(b);
    const bases = bestCommonAncestors(this.#arrays, left, [right]);
    return this.#names(orderedBases(this.#arrays, bases, [...left, right]));
  }

  /** True when `descendant` reaches `ancestor`; a commit is its own ancestor. */
  isAncestor(ancestor: Oid, descendant: Oid): boolean {
    return reaches(this.#arrays, this.#arrays.indexOf(ancestor), [this.#arrays.indexOf(descendant)]);
  }

  /** True when any of `tips` reaches `oid`. Tips that the graph does not have reach nothing. */
  isReachable(oid: Oid, tips: readonly Oid[]): boolean {
    const known = tips.map((tip) => this.#arrays.find(tip)).filter((tip) => tip >= 0);
    return reaches(this.#arrays, this.#arrays.indexOf(oid), known);
  }

  /** All that `tips` reach, for many questions at once. Tips that the graph does not have reach nothing. */
  reachable(tips: readonly Oid[]): ReachableSet {
    const reached = reachableFrom(this.#arrays, tips.map((tip) => this.#arrays.find(tip)).filter((tip) => tip >= 0));
    return { has: (oid) => reached[this.#arrays.find(oid)] === 1 };
  }

  /** How many commits `ours` has that `theirs` lacks, and the other way round. */
  aheadBehind(ours: Oid, theirs: Oid): AheadBehind {
    return countAheadBehind(this.#arrays, this.#arrays.indexOf(ours), this.#arrays.indexOf(theirs));
  }

  /** Commits in the order of `git log FROM… --not EXCLUDE…`, lazily. */
  *log(from: Oid | readonly Oid[], options: LogOptions = {}): Generator<Oid, void, undefined> {
    const tips = typeof from === 'string' ? [from] : from;
    const starts = tips.map((tip) => this.#arrays.indexOf(tip));
    for (const commit of logOrder(this.#arrays, starts, this.#excluded(options))) yield this.#arrays.oidAt(commit);
  }

  /**
   * Of the commits in the order of {@link log} those in `wanted`, lazily, and null after every 10,000 others: a moment at which the
   * caller can let the event loop run. Ends with the last one that `from` reaches; about 0.15 µs a commit on the way there.
   */
  *logOf(from: readonly Oid[], wanted: ReadonlySet<Oid>): Generator<Oid | null, void, undefined> {
    const starts = from.map((tip) => this.#arrays.indexOf(tip));
    const reached = reachableFrom(this.#arrays, starts);
    const left = new Set<number>();
    for (const oid of wanted) {
      const commit = this.#arrays.find(oid);
      if (commit >= 0 && reached[commit] === 1) left.add(commit);
    }
    if (left.size === 0) return;
    let passed = 0;
    for (const commit of logOrder(this.#arrays, starts, [])) {
      if (left.delete(commit)) yield this.#arrays.oidAt(commit);
      else if (++passed % PASSED_AT_ONCE === 0) yield null;
      if (left.size === 0) return;
    }
  }

  /** Commits in the order of `git log --first-parent FROM`, lazily, to the first one that `exclude` reaches. */
  *firstParentLog(from: Oid, options: LogOptions = {}): Generator<Oid, void, undefined> {
    const walk = firstParents(this.#arrays, this.#arrays.indexOf(from), this.#excluded(options));
    for (const commit of walk) yield this.#arrays.oidAt(commit);
  }

  #excluded(options: LogOptions): number[] {
    return (options.exclude ?? []).map((oid) => this.#arrays.indexOf(oid));
  }

  #names(indexes: Iterable<number>): Oid[] {
    return Array.from(indexes, (index) => this.#arrays.oidAt(index));
  }
}

/**
 * Fills a graph from its rows. Batches are gathered before they are added, since a batch may come before the one that
 * holds its parents; 100,000 rows take about 0.2 s.
 */
export async function loadCommitGraph(rows: GraphRows): Promise<CommitGraph> {
  const all: GraphRow[] = [];
  for await (const batch of rows.load()) for (const row of batch) all.push(row);
  return new CommitGraph(all);
}
