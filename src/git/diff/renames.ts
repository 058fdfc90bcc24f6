import type { ObjectSource, Oid } from '../objects/object-source.js';
import { ContentComparer } from './content-comparer.js';
import { IdenticalSources } from './identical-sources.js';
import { Pace } from '../objects/pace.js';
import { baseName, type RenameSide } from './rename-side.js';
import { FULL_SCORE } from './similarity.js';

export type { RenameSide } from './rename-side.js';

/** The empty blob, which every empty file is. */
const EMPTY_BLOB: Oid = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
const TYPE_BITS = 0o170000;
const REGULAR_TYPE = 0o100000;
/** At most this many sources are remembered for each destination; one whose best four all went elsewhere stays unpaired, as in git. */
const CANDIDATES = 4;

/** How renames are looked for; what is left out is as `git diff -M` does it. */
export interface RenameOptions {
  /** Least percent of content kept, 1–100; 100 finds exact renames only. 50 unless given. */
  readonly threshold?: number;
  /** When sources times destinations pass the square of this, only exact and same-name renames are found. 1000 unless given. */
  readonly limit?: number;
  /** Files that still exist and may have been copied from; looks for copies when given (`-C`), and then skips the same-name step. */
  readonly copySources?: readonly RenameSide[];
  /** False where an empty file is never paired, as in merges. True unless given. */
  readonly pairEmpty?: boolean;
  /** True for the measure of git 2.44 and later, where an unfinished last line counts. False, as in earlier ones, unless given. */
  readonly countsUnfinishedLine?: boolean;
  /** Once exact renames are found, only these sources are looked at further; all unless given. */
  readonly relevant?: (source: RenameSide) => boolean;
}

/** One found rename or copy; `score` runs from 0 to {@link FULL_SCORE} (60,000), which only identical content reaches for certain. */
export interface RenamePair {
  readonly from: RenameSide;
  readonly to: RenameSide;
  readonly score: number;
}

/** What {@link detectRenames} found; `limited` when the rename limit or a byte budget kept the full comparison from running. */
export interface RenameResult {
  readonly pairs: readonly RenamePair[];
  readonly limited: boolean;
}

/**
 * Finds which of the deleted files became which of the added ones, by the steps that gitdiffcore(7) describes: identical
 * content first; then a file whose base name occurs once on each side and that kept enough of its content (half-way
 * between the threshold and all of it); then every remaining pair, most similar first. Both lists must be in byte order of
 * their paths: ties fall to the first. Pairs come in the order of `added`.
 *
 * Without `copySources` a source is used once; with them as often as it fits. Symlinks and submodules pair only when identical.
 * Reads no content for identical files. Rejects as `ObjectSource.read` does.
 */
export async function detectRenames(
  source: ObjectSource,
  deleted: readonly RenameSide[],
  added: readonly RenameSide[],
  options: RenameOptions = {},
): Promise<RenameResult> {
  const detection = new Detection(source, deleted, added, options);
  await detection.pairIdentical();
  if (detection.minimum < FULL_SCORE) {
    if (options.copySources === undefined) await detection.pairSameNames();
    await detection.pairMostSimilar();
  }
  return { pairs: detection.result(), limited: detection.limited };
}

interface Candidate {
  readonly from: number;
  readonly to: number;
  readonly score: number;
  readonly sameName: boolean;
}

class Detection {
  readonly minimum: number;
  limited = false;
  readonly #sources: readonly RenameSide[];
  readonly #added: readonly RenameSide[];
  readonly #used: Int32Array;
  readonly #pairs: (RenamePair | null)[];
  readonly #options: RenameOptions;
  readonly #comparer: ContentComparer;

  constructor(source: ObjectSource, deleted: readonly RenameSide[], added: readonly RenameSide[], options: RenameOptions) {
    this.#options = options;
    const pairable = (side: RenameSide): boolean => options.pairEmpty !== false || side.oid !== EMPTY_BLOB;
    this.#sources = mergeByPath(deleted, options.copySources ?? []).filter(pairable);
    this.#added = added.filter(pairable);
    this.#used = new Int32Array(this.#sources.length);
    const kept = new Set(options.copySources?.map((side) => side.path));
    this.#sources.forEach((side, i) => (this.#used[i] = kept.has(side.path) ? 1 : 0));
    this.#pairs = this.#added.map(() => null);
    this.#comparer = new ContentComparer(source, options.countsUnfinishedLine === true);
    this.minimum = Math.floor((Math.max(options.threshold ?? 50, 1) * FULL_SCORE) / 100);
  }

  result(): RenamePair[] {
    return this.#pairs.filter((pair) => pair !== null);
  }

  /** Each destination takes, among unused sources of the same content and type, one of its own base name, otherwise the first. */
  async pairIdentical(): Promise<void> {
    const identical = new IdenticalSources(this.#sources, this.#options.copySources !== undefined);
    const isUsed = (source: number): boolean => this.#used[source] !== 0;
    const pace = new Pace();
    for (const [index, to] of this.#added.entries()) {
      const from = identical.take(to, isUsed);
      if (from >= 0) this.#pair(from, index, FULL_SCORE);
      if (index % 256 === 255) await pace.breathe();
    }
  }

  /** Pairs files whose base name is left once on each side. */
  async pairSameNames(): Promise<void> {
    const sources = onlyByName(this.#sources, this.#openSources());
    const destinations = onlyByName(this.#added, this.#openDestinations());
    const minimum = Math.floor((this.minimum + FULL_SCORE) / 2);
    for (const [name, from] of sources) {
      const to = destinations.get(name);
      const [one, other] = [this.#sources[from ?? -1], this.#added[to ?? -1]];
      if (typeof from !== 'number' || typeof to !== 'number' || one === undefined || other === undefined) continue;
      if (!isRegular(one) || !isRegular(other)) continue;
      const score = await this.#comparer.score(one.oid, other.oid, minimum);
      if (score >= minimum) this.#pair(from, to, score);
    }
  }

  /** Compares everything that is left with everything, and pairs the most similar first. */
  async pairMostSimilar(): Promise<void> {
    const sources = this.#openSources();
    const destinations = this.#openDestinations();
    const limit = this.#options.limit ?? 1000;
    if (sources.length === 0 || destinations.length === 0) return;
    if (sources.length * destinations.length > limit * limit) {
      this.limited = true;
      return;
    }
    const candidates = await this.#candidates(sources, destinations);
    candidates.sort((a, b) => b.score - a.score || Number(b.sameName) - Number(a.sameName));
    const passes = this.#options.copySources === undefined ? [false] : [false, true];
    for (const reuse of passes) {
      for (const { from, to, score } of candidates) {
        if (this.#pairs[to] === null && (reuse || this.#used[from] === 0)) this.#pair(from, to, score);
      }
    }
  }

  /** The best few sources of each destination, at or above the threshold. */
  async #candidates(sources: readonly number[], destinations: readonly number[]): Promise<Candidate[]> {
    const found: Candidate[] = [];
    const complete = await this.#comparer.compareAll(blobsOf(this.#sources, sources), blobsOf(this.#added, destinations), this.minimum, (row, scores) => {
      const to = destinations[row] ?? -1;
      const best: Candidate[] = [];
      for (let column = 0; column < scores.length; column++) {
        const from = sources[column] ?? -1;
        keepBest(best, { from, to, score: scores[column] ?? 0, sameName: sameBaseName(this.#sources[from], this.#added[to]) });
      }
      found.push(...best.filter(({ score }) => score >= this.minimum));
    });
    this.limited = !complete;
    return complete ? found : [];
  }

  /** Sources that the steps after the exact one may still use. */
  #openSources(): number[] {
    const { copySources, relevant } = this.#options;
    return indices(this.#sources, (side, i) => (copySources !== undefined || this.#used[i] === 0) && (relevant?.(side) ?? true));
  }

  #openDestinations(): number[] {
    return indices(this.#added, (_, i) => this.#pairs[i] === null);
  }

  #pair(from: number, to: number, score: number): void {
    const [one, other] = [this.#sources[from], this.#added[to]];
    if (one === undefined || other === undefined) return;
    this.#pairs[to] = { from: one, to: other, score };
    this.#used[from] = (this.#used[from] ?? 0) + 1;
  }
}

/**
 * Puts `candidate` into a free place, or in place of the first of the worst when it is better, however low its own score:
 * which of several equal candidates wins in the end follows from where they stand, so this order, observed on made ties,
 * is part of what `git diff -M` answers.
 */
function keepBest(best: Candidate[], candidate: Candidate): void {
  if (best.length < CANDIDATES) {
    best.push(candidate);
    return;
  }
  let worst = 0;
  best.forEach((other, i) => {
    const held = best[worst];
    if (held !== undefined && isBetter(held, other)) worst = i;
  });
  const held = best[worst];
  if (held !== undefined && isBetter(candidate, held)) best[worst] = candidate;
}

function isBetter(one: Candidate, other: Candidate): boolean {
  return one.score !== other.score ? one.score > other.score : one.sameName && !other.sameName;
}

function isRegular(side: RenameSide | undefined): boolean {
  return side !== undefined && (side.mode & TYPE_BITS) === REGULAR_TYPE;
}

function indices(sides: readonly RenameSide[], keep: (side: RenameSide, index: number) => boolean): number[] {
  const kept: number[] = [];
  sides.forEach((side, i) => {
    if (keep(side, i)) kept.push(i);
  });
  return kept;
}

/** The blobs to compare; null where a symlink or submodule stands, which resembles nothing but takes its place among the candidates. */
function blobsOf(sides: readonly RenameSide[], at: readonly number[]): (Oid | null)[] {
  return at.map((i) => (isRegular(sides[i]) ? (sides[i]?.oid ?? null) : null));
}

/** Position of each base name that occurs once among `open`; null for those that occur more often. */
function onlyByName(sides: readonly RenameSide[], open: readonly number[]): Map<string, number | null> {
  const names = new Map<string, number | null>();
  for (const i of open) {
    const name = baseName(sides[i]?.path ?? '');
    names.set(name, names.has(name) ? null : i);
  }
  return names;
}

function sameBaseName(one: RenameSide | undefined, other: RenameSide | undefined): boolean {
  return one !== undefined && other !== undefined && baseName(one.path) === baseName(other.path);
}

/** Both lists as one, in byte order of their paths. */
function mergeByPath(one: readonly RenameSide[], other: readonly RenameSide[]): readonly RenameSide[] {
  if (other.length === 0) return one;
  return [...one, ...other].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
