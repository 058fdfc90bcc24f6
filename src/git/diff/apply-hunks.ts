import { lineBytes, LineInterner, type LineTable } from './line-table.js';
import { PatchRefused } from './patch-refused.js';
import type { PatchHunk } from './parse-patch.js';

/** A hunk that found its place: lines `at … at + count` of the original give way to `after`. */
interface Placed {
  readonly at: number;
  readonly count: number;
  readonly after: Buffer;
  /** How many lines the file grows by. */
  readonly growth: number;
}

/** A hunk's expected lines, interned beside the original's. */
interface Expected {
  readonly ids: Int32Array;
  readonly count: number;
}

// Tries of a place for one hunk, before a patch made to be slow is refused; a 1M-line file is searched once from end to end.
const MAX_COMPARISONS = 20_000_000;

/**
 * The content after all hunks. Each is looked for where it says, counting what earlier hunks added or took away, then ever
 * farther to both sides, after before before at the same distance; all of its lines must be there, byte for byte (no fuzz). As
 * `git apply` has it, a hunk that says line 1 must stand at the start, one without trailing context at the end, and
 * no line is matched that another hunk has touched.
 *
 * Throws {@link PatchRefused} with the number of the first hunk that finds no place.
 */
export function applyHunks(path: string, original: Buffer, hunks: readonly PatchHunk[]): Buffer {
  const interner = new LineInterner();
  const table = interner.add(original);
  const placed: Placed[] = [];
  hunks.forEach((hunk, index) => {
    const expected = interner.add(hunk.before);
    if (expected.count !== hunk.oldLines) throw new PatchRefused('MALFORMED', 'a line lacks its newline amid others', path, index + 1);
    const at = findPlace(table, expected, hunk, placed);
    if (at === null) throw new PatchRefused('HUNK_MISMATCH', `the lines expected at ${hunk.oldStart} are not there`, path, index + 1);
    insertInOrder(placed, { at, count: expected.count, after: hunk.after, growth: hunk.newLines - hunk.oldLines });
  });
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { at, count, after } of placed) {
    pieces.push(lineBytes(table, from, at), after);
    from = at + count;
  }
  pieces.push(lineBytes(table, from, table.count));
  return Buffer.concat(pieces);
}

function findPlace(table: LineTable, expected: Expected, hunk: PatchHunk, placed: readonly Placed[]): number | null {
  const last = table.count - expected.count;
  if (last < 0) return null;
  const atStart = hunk.oldStart <= 1;
  const atEnd = !hunk.trailingContext;
  if (atStart || atEnd) {
    const only = atStart ? 0 : last;
    return (!atEnd || only === last) && fits(table, expected, only, placed) ? only : null;
  }
  const aim = Math.min(last, Math.max(0, originalLine(Math.max(0, hunk.newStart - 1), placed)));
  let comparisons = 0;
  for (let distance = 0; distance <= Math.max(aim, last - aim); distance++) {
    if (aim + distance <= last && fits(table, expected, aim + distance, placed)) return aim + distance;
    if (distance > 0 && aim - distance >= 0 && fits(table, expected, aim - distance, placed)) return aim - distance;
    comparisons += 2;
    if (comparisons > MAX_COMPARISONS) return null;
  }
  return null;
}

/** The line of the original that stands at `line` once the hunks so far are applied. */
function originalLine(line: number, placed: readonly Placed[]): number {
  let grown = 0;
  for (const hunk of placed) {
    if (hunk.at + grown >= line) break;
    grown += hunk.growth;
  }
  return line - grown;
}

function fits(table: LineTable, expected: Expected, at: number, placed: readonly Placed[]): boolean {
  for (let k = 0; k < expected.count; k++) if (table.ids[at + k] !== expected.ids[k]) return false;
  const end = at + expected.count;
  for (let i = placed.length - 1; i >= 0; i--) {
    const other = placed[i];
    if (other === undefined || other.at + other.count <= at) break;
    if (other.at < end) return false;
  }
  return true;
}

function insertInOrder(placed: Placed[], hunk: Placed): void {
  let index = placed.length;
  while (index > 0 && (placed[index - 1]?.at ?? 0) > hunk.at) index--;
  placed.splice(index, 0, hunk);
}
