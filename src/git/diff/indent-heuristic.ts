import type { LineTable } from './line-table.js';

/**
 * The places where a reader would part a text: "indent heuristic", the default of `git diff` since 2.14. Method and
 * weights follow Michael Haggerty's published study of sliders (diff-slider-tools and git's announcement of the option);
 * the weights were fitted by him on a corpus that people had rated, and agree with what the git binary prints.
 */
const WEIGHTS = {
  startOfFile: 1,
  endOfFile: 21,
  totalBlank: -30,
  blankAfter: 6,
  indent: -4,
  indentAfterBlank: 10,
  outdent: 24,
  outdentAfterBlank: 17,
  dedent: 23,
  dedentAfterBlank: 17,
  effectiveIndent: 60,
} as const;

// Observed bounds, so that a group of many thousand equal lines stays cheap: places tried, blanks looked past, columns counted.
const MAX_SLIDE = 100;
const MAX_BLANKS = 20;
const MAX_INDENT = 200;
const TAB_WIDTH = 8;
const BLANK = -1;

const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** What surrounds a place between two lines; indents in columns, {@link BLANK} where there is no line with text. */
interface Surroundings {
  readonly endOfFile: boolean;
  readonly indent: number;
  readonly blanksBefore: number;
  readonly indentBefore: number;
  readonly blanksAfter: number;
  readonly indentAfter: number;
}

/**
 * Of the places `lowestEnd … highestEnd` at which a group of `size` lines can end, the one whose two edges part the text
 * best; of equals the last. Answers the line number after the group.
 */
export function bestSplit(table: LineTable, lowestEnd: number, highestEnd: number, size: number): number {
  const first = Math.max(lowestEnd, highestEnd - size - 1, highestEnd - MAX_SLIDE);
  let best = first;
  let bestIndent = 0;
  let bestPenalty = 0;
  for (let end = first; end <= highestEnd; end++) {
    const below = surroundings(table, end);
    const above = surroundings(table, end - size);
    const indent = effectiveIndent(below) + effectiveIndent(above);
    const penalty = penaltyOf(below) + penaltyOf(above);
    const worse = WEIGHTS.effectiveIndent * Math.sign(indent - bestIndent) + (penalty - bestPenalty);
    if (end === first || worse <= 0) {
      best = end;
      bestIndent = indent;
      bestPenalty = penalty;
    }
  }
  return best;
}

function effectiveIndent(place: Surroundings): number {
  return place.indent === BLANK ? place.indentAfter : place.indent;
}

function penaltyOf(place: Surroundings): number {
  const blanksBelow = place.indent === BLANK ? 1 + place.blanksAfter : 0;
  const blanks = place.blanksBefore + blanksBelow;
  const indent = effectiveIndent(place);
  let penalty = WEIGHTS.totalBlank * blanks + WEIGHTS.blankAfter * blanksBelow;
  if (place.indentBefore === BLANK && place.blanksBefore === 0) penalty += WEIGHTS.startOfFile;
  if (place.endOfFile) penalty += WEIGHTS.endOfFile;
  if (indent === BLANK || place.indentBefore === BLANK || indent === place.indentBefore) return penalty;
  if (indent > place.indentBefore) return penalty + (blanks > 0 ? WEIGHTS.indentAfterBlank : WEIGHTS.indent);
  const opensBlock = place.indentAfter !== BLANK && place.indentAfter > indent;
  if (opensBlock) return penalty + (blanks > 0 ? WEIGHTS.outdentAfterBlank : WEIGHTS.outdent);
  return penalty + (blanks > 0 ? WEIGHTS.dedentAfterBlank : WEIGHTS.dedent);
}

/** Looks around the place before line `line`. */
function surroundings(table: LineTable, line: number): Surroundings {
  let blanksBefore = 0;
  let indentBefore = BLANK;
  for (let above = line - 1; above >= 0; above--) {
    indentBefore = indentOf(table, above);
    if (indentBefore !== BLANK) break;
    if (++blanksBefore === MAX_BLANKS) {
      indentBefore = 0;
      break;
    }
  }
  let blanksAfter = 0;
  let indentAfter = BLANK;
  for (let below = line + 1; below < table.count; below++) {
    indentAfter = indentOf(table, below);
    if (indentAfter !== BLANK) break;
    if (++blanksAfter === MAX_BLANKS) {
      indentAfter = 0;
      break;
    }
  }
  const endOfFile = line >= table.count;
  return { endOfFile, indent: endOfFile ? BLANK : indentOf(table, line), blanksBefore, indentBefore, blanksAfter, indentAfter };
}

/** Columns of white space before the first other byte, at most 200; {@link BLANK} for a line of nothing else. */
function indentOf(table: LineTable, line: number): number {
  const { bytes, starts } = table;
  const end = starts[line + 1] ?? bytes.length;
  let columns = 0;
  for (let at = starts[line] ?? end; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === SPACE) columns++;
    else if (byte === TAB) columns += TAB_WIDTH - (columns % TAB_WIDTH);
    else if (byte !== NEWLINE && byte !== CARRIAGE_RETURN) return columns;
    if (columns >= MAX_INDENT) return MAX_INDENT;
  }
  return BLANK;
}
