import type { LineChange } from '../../src/git/diff/line-diff.js';
import { git, makeRepository, removeRepository } from './git-binary.js';
import { SEED } from './seed.js';

/** An old and a new content, one character a byte. */
export type FilePair = readonly [string, string];

/**
 * Random numbers that are the same in each run of one seed: xorshift32. `below(n)` is from 0 to n - 1. Tests give each of their dice
 * a number of its own.
 */
export class Dice {
  #state: number;

  constructor(number: number) {
    this.#state = (Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(SEED, 0x85ebca6b)) >>> 0 || 1;
  }

  below(n: number): number {
    this.#state ^= this.#state << 13;
    this.#state >>>= 0;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % n;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

/**
 * Pairs that resemble edits: lines from `line` are dropped, replaced, doubled and put in, whole blocks move, and now and then both
 * sides have nothing to do with each other. Some end without a newline.
 */
export function filePairs(count: number, dice: Dice, maxLines: number, line: () => string): FilePair[] {
  return Array.from({ length: count }, () => {
    const before = Array.from({ length: dice.below(maxLines) }, line);
    const after = edited(before, dice, line);
    return [joined(before, dice), joined(after, dice)] as const;
  });
}

function edited(before: readonly string[], dice: Dice, line: () => string): string[] {
  const kind = dice.below(4);
  if (kind === 0) return Array.from({ length: dice.below(before.length + 5) }, line);
  const rarity = dice.pick([2, 5, 20, 50]);
  const after: string[] = [];
  for (const kept of before) {
    const fate = dice.below(rarity);
    if (fate > 0) after.push(kept);
    else if (dice.below(2) === 0) after.push(line());
    if (fate === 1) for (let more = dice.below(6); more > 0; more--) after.push(dice.below(2) === 0 ? line() : (before[dice.below(before.length)] ?? ''));
  }
  if (kind === 2 && after.length > 3) {
    const from = dice.below(after.length);
    const block = after.splice(from, dice.below(after.length - from));
    after.splice(dice.below(after.length + 1), 0, ...block);
  }
  return after;
}

function joined(lines: readonly string[], dice: Dice): string {
  return lines.join('\n') + (lines.length > 0 && dice.below(5) > 0 ? '\n' : '');
}

/** What one `git diff` over all pairs at once prints for each; an empty text where git sees no difference. */
export function nativePatches(pairs: readonly FilePair[], args: readonly string[] = []): string[] {
  const repository = makeRepository();
  try {
    const sides = [0, 1].map((side) => {
      const files = pairs.map((pair, index) => {
        const content = side === 0 ? pair[0] : pair[1];
        return `M 100644 inline f${index}\ndata ${content.length}\n${content}\n`;
      });
      return `commit refs/heads/side${side}\ncommitter Ada <ada@example.org> 0 +0000\ndata 0\n${files.join('')}\n`;
    });
    git(repository, ['fast-import', '--quiet'], Buffer.from(sides.join(''), 'latin1'));
    const printed = `${git(repository, ['diff', '--no-renames', '--text', '--full-index', ...args, 'side0', 'side1'])}\n`;
    const patches = pairs.map(() => '');
    for (const patch of printed.split(/^(?=diff --git )/mu)) {
      const index = /^diff --git a\/f(\d+) /u.exec(patch)?.[1];
      if (index !== undefined) patches[Number(index)] = patch;
    }
    return patches;
  } finally {
    removeRepository(repository);
  }
}

/** The changes that a patch shows, as line numbers from 0. */
export function changesOfPatch(patch: string): LineChange[] {
  const changes: LineChange[] = [];
  let oldAt = 0;
  let newAt = 0;
  let open = false;
  const start = patch.search(/^@@ /mu);
  for (const line of start < 0 ? [] : patch.slice(start).split('\n')) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(line);
    const mark = line.charAt(0);
    if (head !== null) {
      oldAt = Number(head[1]) - (head[2] === '0' ? 0 : 1);
      newAt = Number(head[3]) - (head[4] === '0' ? 0 : 1);
      open = false;
    } else if (mark === ' ') {
      oldAt++;
      newAt++;
      open = false;
    } else if (mark === '-' || mark === '+') {
      const last = open ? changes.pop() : undefined;
      const change = last ?? { oldStart: oldAt, oldLines: 0, newStart: newAt, newLines: 0 };
      changes.push(mark === '-' ? { ...change, oldLines: change.oldLines + 1 } : { ...change, newLines: change.newLines + 1 });
      open = true;
      if (mark === '-') oldAt++;
      else newAt++;
    }
  }
  return changes;
}
