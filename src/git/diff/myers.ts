import type { Steps } from './steps.js';

/** A rectangle of the edit graph still to be explained, half open: lines `aFrom … aTo` against `bFrom … bTo`. */
interface Box {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
  /** True when the parts of this box must be split at a shortest path, whatever it costs. */
  readonly exact: boolean;
}

/** Where a box is split: at `(a, b)`; a half found by a heuristic may itself be searched inexactly. */
interface Split {
  readonly a: number;
  readonly b: number;
  readonly exactBefore: boolean;
  readonly exactAfter: boolean;
}

// Observed in git: a path of this edit cost is long enough to consider a good looking, not provably best, split.
const HEURISTIC_COST = 256;
// So many equal lines in a row are a landmark that is worth splitting at.
const LANDMARK = 20;
// A landmark counts when its path got this many times farther than its cost.
const LANDMARK_GAIN = 4;
const YIELD_OPERATIONS = 100_000;
const UNREACHED = 0x7fffffff;

/** About the square root of `n`, as the power of two that git bounds its search by: 256 lines give 32, 10,000 give 128. */
export function roughSquareRoot(n: number): number {
  let root = 1;
  for (let rest = n; rest > 0; rest >>>= 2) root *= 2;
  return root;
}

/**
 * Shortest edit script of two integer sequences in linear space: E. Myers, "An O(ND) Difference Algorithm and Its
 * Variations", 1986, section 4b, searching from both ends. Two cut-offs bound expensive inputs, as the git binary shows
 * them: from an edit cost of 256 a landmark of 20 equal lines on a far-reaching path is taken as the split, and at
 * about the square root of the input (at least 256) the farthest path is. The result is then no longer the shortest.
 *
 * Calls `deleted(i)` and `added(j)` for every element outside the common subsequence, in no promised order.
 */
export class MyersSearch {
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #forward: Int32Array;
  readonly #backward: Int32Array;
  readonly #origin: number;
  readonly #costLimit: number;
  // Diagonals searched so far; the fields live only within one box.
  #forwardLow = 0;
  #forwardHigh = 0;
  #backwardLow = 0;
  #backwardHigh = 0;
  #sawLandmark = false;
  #operations = 0;

  constructor(a: Int32Array, b: Int32Array) {
    const diagonals = a.length + b.length + 3;
    this.#a = a;
    this.#b = b;
    this.#forward = new Int32Array(diagonals + 1);
    this.#backward = new Int32Array(diagonals + 1);
    this.#origin = b.length + 1;
    this.#costLimit = Math.max(HEURISTIC_COST, roughSquareRoot(diagonals));
  }

  *run(deleted: (index: number) => void, added: (index: number) => void): Steps<void> {
    const open: Box[] = [{ aFrom: 0, aTo: this.#a.length, bFrom: 0, bTo: this.#b.length, exact: false }];
    for (let box = open.pop(); box !== undefined; box = open.pop()) {
      const { aFrom, aTo, bFrom, bTo, exact } = this.#shrink(box);
      if (aFrom === aTo) for (let j = bFrom; j < bTo; j++) added(j);
      else if (bFrom === bTo) for (let i = aFrom; i < aTo; i++) deleted(i);
      else {
        const split = yield* this.#split({ aFrom, aTo, bFrom, bTo, exact });
        open.push({ aFrom: split.a, aTo, bFrom: split.b, bTo, exact: split.exactAfter });
        open.push({ aFrom, aTo: split.a, bFrom, bTo: split.b, exact: split.exactBefore });
      }
      this.#operations += aTo - aFrom + bTo - bFrom;
      if (this.#operations > YIELD_OPERATIONS) yield this.#takeOperations();
    }
  }

  #takeOperations(): number {
    const operations = this.#operations;
    this.#operations = 0;
    return operations;
  }

  /** Drops what both sides share at either end. */
  #shrink(box: Box): Box {
    const a = this.#a;
    const b = this.#b;
    let { aFrom, aTo, bFrom, bTo } = box;
    while (aFrom < aTo && bFrom < bTo && a[aFrom] === b[bFrom]) {
      aFrom++;
      bFrom++;
    }
    while (aFrom < aTo && bFrom < bTo && a[aTo - 1] === b[bTo - 1]) {
      aTo--;
      bTo--;
    }
    return { aFrom, aTo, bFrom, bTo, exact: box.exact };
  }

  *#split(box: Box): Steps<Split> {
    const forwardMiddle = box.aFrom - box.bFrom;
    const backwardMiddle = box.aTo - box.bTo;
    const odd = ((forwardMiddle - backwardMiddle) & 1) !== 0;
    this.#forwardLow = this.#forwardHigh = forwardMiddle;
    this.#backwardLow = this.#backwardHigh = backwardMiddle;
    this.#forward[this.#origin + forwardMiddle] = box.aFrom;
    this.#backward[this.#origin + backwardMiddle] = box.aTo;
    for (let cost = 1; ; cost++) {
      this.#sawLandmark = false;
      const met = this.#stepForward(box, odd) ?? this.#stepBackward(box, odd);
      if (met !== null) return met;
      if (!box.exact) {
        const chosen = cost > HEURISTIC_COST && this.#sawLandmark ? this.#atLandmark(box, cost) : null;
        if (chosen !== null) return chosen;
        if (cost >= this.#costLimit) return this.#atFarthest(box);
      }
      this.#operations += this.#forwardHigh - this.#forwardLow + this.#backwardHigh - this.#backwardLow + 4;
      if (this.#operations > YIELD_OPERATIONS) yield this.#takeOperations();
    }
  }

  /** Advances every forward path by one edit; answers where one meets a backward path. */
  #stepForward(box: Box, odd: boolean): Split | null {
    const { aTo, bTo } = box;
    const a = this.#a;
    const b = this.#b;
    const reach = this.#forward;
    const origin = this.#origin;
    if (this.#forwardLow > box.aFrom - bTo) reach[origin + --this.#forwardLow - 1] = -1;
    else this.#forwardLow++;
    if (this.#forwardHigh < aTo - box.bFrom) reach[origin + ++this.#forwardHigh + 1] = -1;
    else this.#forwardHigh--;
    for (let diagonal = this.#forwardHigh; diagonal >= this.#forwardLow; diagonal -= 2) {
      const below = reach[origin + diagonal - 1] ?? 0;
      const above = reach[origin + diagonal + 1] ?? 0;
      const start = below >= above ? below + 1 : above;
      let x = start;
      let y = x - diagonal;
      while (x < aTo && y < bTo && a[x] === b[y]) {
        x++;
        y++;
      }
      if (x - start > LANDMARK) this.#sawLandmark = true;
      reach[origin + diagonal] = x;
      if (odd && this.#backwardLow <= diagonal && diagonal <= this.#backwardHigh && (this.#backward[origin + diagonal] ?? 0) <= x) {
        return { a: x, b: y, exactBefore: true, exactAfter: true };
      }
    }
    return null;
  }

  /** Advances every backward path by one edit; answers where one meets a forward path. */
  #stepBackward(box: Box, odd: boolean): Split | null {
    const { aFrom, bFrom } = box;
    const a = this.#a;
    const b = this.#b;
    const reach = this.#backward;
    const origin = this.#origin;
    if (this.#backwardLow > aFrom - box.bTo) reach[origin + --this.#backwardLow - 1] = UNREACHED;
    else this.#backwardLow++;
    if (this.#backwardHigh < box.aTo - bFrom) reach[origin + ++this.#backwardHigh + 1] = UNREACHED;
    else this.#backwardHigh--;
    for (let diagonal = this.#backwardHigh; diagonal >= this.#backwardLow; diagonal -= 2) {
      const below = reach[origin + diagonal - 1] ?? 0;
      const above = reach[origin + diagonal + 1] ?? 0;
      const start = below < above ? below : above - 1;
      let x = start;
      let y = x - diagonal;
      while (x > aFrom && y > bFrom && a[x - 1] === b[y - 1]) {
        x--;
        y--;
      }
      if (start - x > LANDMARK) this.#sawLandmark = true;
      reach[origin + diagonal] = x;
      if (!odd && this.#forwardLow <= diagonal && diagonal <= this.#forwardHigh && x <= (this.#forward[origin + diagonal] ?? 0)) {
        return { a: x, b: y, exactBefore: true, exactAfter: true };
      }
    }
    return null;
  }

  /** The best path that ends in a landmark and has come far enough for its cost: forward ones first. */
  #atLandmark(box: Box, cost: number): Split | null {
    const { aFrom, aTo, bFrom, bTo } = box;
    const origin = this.#origin;
    const forwardMiddle = aFrom - bFrom;
    let best = LANDMARK_GAIN * cost;
    let found: Split | null = null;
    for (let diagonal = this.#forwardHigh; diagonal >= this.#forwardLow; diagonal -= 2) {
      const x = this.#forward[origin + diagonal] ?? 0;
      const y = x - diagonal;
      const gain = x - aFrom + (y - bFrom) - Math.abs(diagonal - forwardMiddle);
      if (gain <= best || x < aFrom + LANDMARK || x >= aTo || y < bFrom + LANDMARK || y >= bTo) continue;
      if (!this.#equalRun(x - LANDMARK, y - LANDMARK)) continue;
      best = gain;
      found = { a: x, b: y, exactBefore: true, exactAfter: false };
    }
    if (found !== null) return found;
    const backwardMiddle = aTo - bTo;
    for (let diagonal = this.#backwardHigh; diagonal >= this.#backwardLow; diagonal -= 2) {
      const x = this.#backward[origin + diagonal] ?? 0;
      const y = x - diagonal;
      const gain = aTo - x + (bTo - y) - Math.abs(diagonal - backwardMiddle);
      if (gain <= best || x <= aFrom || x > aTo - LANDMARK || y <= bFrom || y > bTo - LANDMARK) continue;
      if (!this.#equalRun(x, y)) continue;
      best = gain;
      found = { a: x, b: y, exactBefore: false, exactAfter: true };
    }
    return found;
  }

  #equalRun(x: number, y: number): boolean {
    for (let k = 0; k < LANDMARK; k++) if (this.#a[x + k] !== this.#b[y + k]) return false;
    return true;
  }

  /** The point that any path has got farthest to, seen from its own end of the box. */
  #atFarthest(box: Box): Split {
    const { aFrom, aTo, bFrom, bTo } = box;
    const origin = this.#origin;
    let forwardSum = -1;
    let forwardX = -1;
    for (let diagonal = this.#forwardHigh; diagonal >= this.#forwardLow; diagonal -= 2) {
      let x = Math.min(this.#forward[origin + diagonal] ?? 0, aTo);
      if (x - diagonal > bTo) x = bTo + diagonal;
      if (x + x - diagonal > forwardSum) {
        forwardSum = x + x - diagonal;
        forwardX = x;
      }
    }
    let backwardSum = UNREACHED;
    let backwardX = UNREACHED;
    for (let diagonal = this.#backwardHigh; diagonal >= this.#backwardLow; diagonal -= 2) {
      let x = Math.max(this.#backward[origin + diagonal] ?? 0, aFrom);
      if (x - diagonal < bFrom) x = bFrom + diagonal;
      if (x + x - diagonal < backwardSum) {
        backwardSum = x + x - diagonal;
        backwardX = x;
      }
    }
    if (aTo + bTo - backwardSum < forwardSum - (aFrom + bFrom)) {
      return { a: forwardX, b: forwardSum - forwardX, exactBefore: true, exactAfter: false };
    }
    return { a: backwardX, b: backwardSum - backwardX, exactBefore: false, exactAfter: true };
  }
}
