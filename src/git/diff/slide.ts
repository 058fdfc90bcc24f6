import { bestSplit } from './indent-heuristic.js';
import type { LineTable } from './line-table.js';
import type { Steps } from './steps.js';

const YIELD_OPERATIONS = 20_000;
// What looking around one place costs beside moving a group by a line.
const PLACE_COST = 20;

/**
 * Moves groups of changed lines to where a reader expects them, as the git binary does. A group whose first line equals
 * the unchanged line after it can move down by one line, and likewise up, without changing what the diff means; groups
 * that meet become one. Of the places it can stand a group takes the last at which the other file changes too; failing
 * that, the one that {@link bestSplit} finds the most readable; failing that, the last.
 *
 * Works on gaps: between `U` unchanged lines, the same number in both files, there are `U + 1` gaps, and `own[k]` and
 * `other[k]` are how many lines each file changes in gap `k`. Sliding a group by a line moves it from gap `k` to its
 * neighbour, so groups of the two files that face each other always have the same `k`. `own` is rewritten in place;
 * `other` is only read.
 */
export function* slideGroups(table: LineTable, own: Int32Array, other: Int32Array, indentHeuristic: boolean): Steps<void> {
  const ids = table.ids;
  let start = 0;
  let operations = 0;
  for (let gap = 0; gap < own.length; gap++) {
    const size = own[gap] ?? 0;
    if (size === 0) {
      start++;
      continue;
    }
    const settled = settle(ids, own, other, { gap, start, size });
    let { group } = settled;
    const lowest = settled.highestEnd;
    if (group.start + group.size > lowest) {
      const goal = settled.facing ?? (indentHeuristic ? bestSplit(table, lowest, group.start + group.size, group.size) : null);
      if (goal !== null) while (group.start + group.size > goal) group = moveUp(own, group);
    }
    operations += 1 + settled.moves + PLACE_COST * Math.min(group.start + group.size - lowest, 100);
    if (operations > YIELD_OPERATIONS) {
      yield operations;
      operations = 0;
    }
    gap = group.gap;
    start = group.start + group.size + 1;
  }
}

/** A run of changed lines `start … start + size` in gap `gap`. */
interface Group {
  readonly gap: number;
  readonly start: number;
  readonly size: number;
}

interface Settled {
  /** The group at the lowest place it can take, with all that it met on the way. */
  readonly group: Group;
  /** The line after the group when it stands as high as it can. */
  readonly highestEnd: number;
  /** The line after the group at the last place where it faces changes of the other file; null when there is none. */
  readonly facing: number | null;
  /** How many lines the group was moved by, to and fro. */
  readonly moves: number;
}

/** Slides a group up and down as far as it goes, again while that makes it grow. */
function settle(ids: Int32Array, own: Int32Array, other: Int32Array, from: Group): Settled {
  let group = from;
  let moves = 0;
  for (;;) {
    const { size } = group;
    while (canMoveUp(ids, group)) {
      group = moveUp(own, group);
      moves++;
    }
    const highestEnd = group.start + group.size;
    let facing = (other[group.gap] ?? 0) > 0 ? highestEnd : null;
    while (canMoveDown(ids, group)) {
      group = moveDown(own, group);
      moves++;
      if ((other[group.gap] ?? 0) > 0) facing = group.start + group.size;
    }
    if (group.size === size) return { group, highestEnd, facing, moves };
  }
}

function canMoveUp(ids: Int32Array, group: Group): boolean {
  return group.start > 0 && ids[group.start - 1] === ids[group.start + group.size - 1];
}

function canMoveDown(ids: Int32Array, group: Group): boolean {
  return group.start + group.size < ids.length && ids[group.start] === ids[group.start + group.size];
}

function moveUp(own: Int32Array, group: Group): Group {
  const gap = group.gap - 1;
  const met = own[gap] ?? 0;
  own[group.gap] = 0;
  own[gap] = met + group.size;
  return { gap, start: group.start - 1 - met, size: met + group.size };
}

function moveDown(own: Int32Array, group: Group): Group {
  const gap = group.gap + 1;
  const size = group.size + (own[gap] ?? 0);
  own[group.gap] = 0;
  own[gap] = size;
  return { gap, start: group.start + 1, size };
}
