import { roughSquareRoot } from './myers.js';
import type { Steps } from './steps.js';

/** What is left of two sequences for the search: the common ends and the lines that cannot or should not match are gone. */
export interface Reduced {
  /** Ids of the lines that remain, and where each stood. */
  readonly a: Int32Array;
  readonly aAt: Int32Array;
  readonly b: Int32Array;
  readonly bAt: Int32Array;
}

/** How a line takes part in the search. */
const UNMATCHED = 0;
const MATCHED = 1;
const COMMON = 2;

// Observed in git: however long the file, a line with this many twins on the other side is too common to be matched by.
const MAX_TWINS = 1024;
// How far around a common line git looks for company, and how many common lines it tolerates for one of any discarded kind.
const WINDOW = 100;
const COMMON_SHARE = 4;
const YIELD_LINES = 1 << 13;

/** How many lines both sequences share at their start and, of the rest, at their end. */
export function commonEnds(a: Int32Array, b: Int32Array): { prefix: number; suffix: number } {
  const shorter = Math.min(a.length, b.length);
  let prefix = 0;
  while (prefix < shorter && a[prefix] === b[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && a[a.length - 1 - suffix] === b[b.length - 1 - suffix]) suffix++;
  return { prefix, suffix };
}

/**
 * Prepares the search as the git binary does. Between the common ends, a line without a twin on the other side is changed
 * for certain. A line with very many twins (from about the square root of the file's length) that stands among such
 * lines is taken for changed too: matching on it would tear real changes apart. Both are marked in `aChanged` and `bChanged`
 * (one byte a line, 1 = changed) and left out of the result. `classes` is the number of different ids.
 */
export function* reduce(a: Int32Array, b: Int32Array, classes: number, aChanged: Uint8Array, bChanged: Uint8Array): Steps<Reduced> {
  const { prefix, suffix } = commonEnds(a, b);
  yield prefix + suffix;
  const left = yield* keep(a, occurrences(b, classes), prefix, a.length - suffix, aChanged);
  const right = yield* keep(b, occurrences(a, classes), prefix, b.length - suffix, bChanged);
  return { a: left.ids, aAt: left.at, b: right.ids, bAt: right.at };
}

function occurrences(ids: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

function* keep(ids: Int32Array, twins: Int32Array, from: number, to: number, changed: Uint8Array): Steps<{ ids: Int32Array; at: Int32Array }> {
  const tooMany = Math.min(roughSquareRoot(ids.length), MAX_TWINS);
  const kinds = new Uint8Array(to - from);
  for (let i = from; i < to; i++) {
    const count = twins[ids[i] ?? 0] ?? 0;
    kinds[i - from] = count === 0 ? UNMATCHED : count < tooMany ? MATCHED : COMMON;
  }
  const keptIds = new Int32Array(to - from);
  const keptAt = new Int32Array(to - from);
  let kept = 0;
  for (let k = 0; k < kinds.length; k++) {
    if (k % YIELD_LINES === YIELD_LINES - 1) yield YIELD_LINES;
    const kind = kinds[k] ?? 0;
    if (kind === UNMATCHED || (kind === COMMON && standsAmongUnmatched(kinds, k))) {
      changed[from + k] = 1;
    } else {
      keptIds[kept] = ids[from + k] ?? 0;
      keptAt[kept++] = from + k;
    }
  }
  return { ids: keptIds.subarray(0, kept), at: keptAt.subarray(0, kept) };
}

/** True when the run of unmatched and common lines around `index` has unmatched ones on both sides and enough of them. */
function standsAmongUnmatched(kinds: Uint8Array, index: number): boolean {
  let unmatched = 0;
  let common = 2;
  const first = Math.max(0, index - WINDOW);
  for (let k = index - 1; k >= first && kinds[k] !== MATCHED; k--) {
    if (kinds[k] === COMMON) common++;
    else unmatched++;
  }
  if (unmatched === 0) return false;
  const before = unmatched;
  const last = Math.min(kinds.length - 1, index + WINDOW);
  for (let k = index + 1; k <= last && kinds[k] !== MATCHED; k++) {
    if (kinds[k] === COMMON) common++;
    else unmatched++;
  }
  return unmatched > before && common * COMMON_SHARE < common + unmatched;
}
