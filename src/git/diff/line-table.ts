import { randomInt } from 'node:crypto';
import { commonPrefixBytes, commonSuffixBytes } from './common-bytes.js';
import { finish, type Steps } from './steps.js';
import { normalizeLines, type Whitespace } from './whitespace.js';

/**
 * A file cut into lines. Line `i` is `bytes[starts[i] … starts[i + 1])`, its newline included where it has one; a carriage
 * return is an ordinary byte. Nothing here is written to after it was made.
 */
export interface Lines {
  readonly bytes: Buffer;
  readonly count: number;
  /** `count + 1` byte offsets. */
  readonly starts: Uint32Array;
}

/**
 * Lines with numbers: `ids[i]` is the same for equal lines of all tables that one {@link LineInterner} made, so the
 * algorithms compare integers and never look at bytes.
 */
export interface LineTable extends Lines {
  readonly ids: Int32Array;
}

/** The bytes of lines `from … to`, newlines included; a view, not a copy. */
export function lineBytes(lines: Lines, from: number, to = from + 1): Buffer {
  return lines.bytes.subarray(lines.starts[from] ?? lines.bytes.length, lines.starts[to] ?? lines.bytes.length);
}

/** True when line `index` ends the file without a newline. */
export function lacksNewline(lines: Lines, index: number): boolean {
  return index === lines.count - 1 && lines.bytes[lines.bytes.length - 1] !== NEWLINE;
}

/** Cuts a file into lines without giving them numbers. */
export function cutLines(bytes: Buffer): Lines {
  let starts = new Uint32Array(Math.max(16, bytes.length >>> 5));
  let at = 0;
  let count = 0;
  while (at < bytes.length) {
    if (count + 1 >= starts.length) starts = grown(starts, new Uint32Array(starts.length * 2));
    starts[count++] = at;
    const newline = bytes.indexOf(NEWLINE, at);
    at = newline < 0 ? bytes.length : newline + 1;
  }
  starts[count] = bytes.length;
  return { bytes, count, starts: starts.slice(0, count + 1) };
}

const NEWLINE = 0x0a;
const FNV_PRIME = 0x01000193;
const STEP_BYTES = 1 << 18;
// Lines chosen by a stranger must not be able to aim at one bucket: the hash starts from a number unknown to them.
const HASH_SEED = randomInt(0x7fffffff);

/** Lines as they are cut from `at` to `end` of a file. */
class Cut {
  ids: Int32Array;
  count = 0;
  #starts: Uint32Array;

  constructor(
    readonly bytes: Buffer,
    public at: number,
    readonly end: number,
  ) {
    this.ids = new Int32Array(Math.max(16, (end - at) >>> 5));
    this.#starts = new Uint32Array(this.ids.length + 1);
  }

  push(start: number, id: number): void {
    if (this.count === this.ids.length) {
      this.ids = grown(this.ids, new Int32Array(this.count * 2));
      this.#starts = grown(this.#starts, new Uint32Array(this.count * 2 + 1));
    }
    this.#starts[this.count] = start;
    this.ids[this.count++] = id;
  }

  /** The start of every line, and `end` after them. */
  offsets(end: number): Uint32Array {
    this.#starts[this.count] = end;
    return this.#starts.slice(0, this.count + 1);
  }
}

/** Whole lines that a file shares with another at either end, and the bytes they take. */
interface SharedLines {
  readonly head: number;
  readonly headBytes: number;
  readonly tail: number;
  readonly tailBytes: number;
}

const NOTHING_SHARED: SharedLines = { head: 0, headBytes: 0, tail: 0, tailBytes: 0 };

function sharedLines({ bytes: known, count, starts }: LineTable, bytes: Buffer): SharedLines {
  const prefix = commonPrefixBytes(known, bytes);
  // A last line without a newline is shared only by a file that ends there too.
  const endsLine = prefix < known.length || prefix === bytes.length || known[prefix - 1] === NEWLINE;
  const head = endsLine ? lastStart(starts, prefix) : Math.max(0, count - 1);
  const headBytes = starts[head] ?? 0;
  const suffix = commonSuffixBytes(known, bytes, Math.min(known.length, bytes.length) - headBytes);
  // A line is shared only when the newline before it is, or the line would begin elsewhere.
  const firstOfTail = Math.min(count, lastStart(starts, known.length - suffix) + 1);
  const tailBytes = known.length - (starts[firstOfTail] ?? known.length);
  return { head, headBytes, tail: count - firstOfTail, tailBytes };
}

/** The last of the ascending `starts` that is not beyond `offset`. */
function lastStart(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A table of the lines shared with `like` and of those cut between them. */
function spliced(bytes: Buffer, like: LineTable, { head, tail, tailBytes }: SharedLines, cut: Cut): LineTable {
  const count = head + cut.count + tail;
  const ids = new Int32Array(count);
  const starts = new Uint32Array(count + 1);
  ids.set(like.ids.subarray(0, head));
  ids.set(cut.ids.subarray(0, cut.count), head);
  ids.set(like.ids.subarray(like.count - tail), head + cut.count);
  starts.set(like.starts.subarray(0, head));
  starts.set(cut.offsets(bytes.length - tailBytes), head);
  const shift = bytes.length - like.bytes.length;
  for (let k = 0; k <= tail; k++) starts[count - tail + k] = (like.starts[like.count - tail + k] ?? 0) + shift;
  return { bytes, count, starts, ids };
}

/**
 * Gives equal lines equal numbers across any number of files: two for a diff, three for a merge. Numbers are dense from 0,
 * in order of first appearance. `whitespace` decides what equal means (git's default, `-b` or `-w`).
 */
export class LineInterner {
  readonly #whitespace: Whitespace;
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Int32Array(512);
  #sources: Buffer[] = [];
  #sourceOf = new Uint32Array(512);
  #starts = new Uint32Array(512);
  #ends = new Uint32Array(512);
  #size = 0;

  constructor(whitespace: Whitespace = 'SHOW') {
    this.#whitespace = whitespace;
  }

  /** How many different lines have been seen; every id is below it. */
  get size(): number {
    return this.#size;
  }

  /** Cuts and interns a file in one go. */
  add(bytes: Buffer): LineTable {
    return finish(this.addSteps(bytes));
  }

  /**
   * The same, suspendable about every quarter of a megabyte. `like` is a table of this interner that `bytes` probably
   * resembles: lines that both files share at their ends take its numbers without being hashed.
   */
  *addSteps(bytes: Buffer, like?: LineTable): Steps<LineTable> {
    const compared = yield* normalizeLines(bytes, this.#whitespace);
    const source = this.#sources.push(compared) - 1;
    const shared = like === undefined || compared !== bytes ? NOTHING_SHARED : sharedLines(like, bytes);
    const cut = new Cut(compared, shared.headBytes, compared.length - shared.tailBytes);
    while (cut.at < cut.end) {
      const from = cut.at;
      this.#internRun(cut, source, Math.min(cut.end, from + STEP_BYTES));
      yield cut.at - from;
    }
    if (like !== undefined && shared !== NOTHING_SHARED) return spliced(bytes, like, shared, cut);
    const starts = compared === bytes ? cut.offsets(compared.length) : cutLines(bytes).starts;
    return { bytes, count: cut.count, starts, ids: cut.ids.slice(0, cut.count) };
  }

  /** Cuts and numbers the lines that begin before `until`. The loop that costs the most: two bytes a round. */
  #internRun(cut: Cut, source: number, until: number): void {
    const { bytes, end } = cut;
    let at = cut.at;
    while (at < until) {
      const start = at;
      let hash = HASH_SEED;
      for (;;) {
        const first = bytes[at] ?? 0;
        if (first === NEWLINE || at + 1 >= end) {
          hash = Math.imul(hash ^ first, FNV_PRIME);
          at++;
          break;
        }
        const second = bytes[at + 1] ?? 0;
        hash = Math.imul(hash ^ (first | (second << 8)), FNV_PRIME);
        at += 2;
        if (second === NEWLINE || at >= end) break;
      }
      cut.push(start, this.#intern(source, hash ^ (hash >>> 15), start, at));
    }
    cut.at = at;
  }

  #intern(source: number, hash: number, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) break;
      if (this.#hashes[id] === hash && this.#equals(id, source, start, end)) return id;
      slot = (slot + 1) & mask;
    }
    return this.#insert(slot, hash, source, start, end);
  }

  #equals(id: number, source: number, start: number, end: number): boolean {
    const other = this.#starts[id] ?? 0;
    const length = end - start;
    if ((this.#ends[id] ?? 0) - other !== length) return false;
    const left = this.#sources[this.#sourceOf[id] ?? 0];
    const right = this.#sources[source];
    if (left === undefined || right === undefined) return false;
    // A call into native code pays only for long lines.
    if (length > 64) return left.compare(right, start, end, other, other + length) === 0;
    for (let i = 0; i < length; i++) if (left[other + i] !== right[start + i]) return false;
    return true;
  }

  #insert(slot: number, hash: number, source: number, start: number, end: number): number {
    const id = this.#size++;
    if (id === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Int32Array(id * 2));
      this.#sourceOf = grown(this.#sourceOf, new Uint32Array(id * 2));
      this.#starts = grown(this.#starts, new Uint32Array(id * 2));
      this.#ends = grown(this.#ends, new Uint32Array(id * 2));
    }
    this.#hashes[id] = hash;
    this.#sourceOf[id] = source;
    this.#starts[id] = start;
    this.#ends[id] = end;
    this.#slots[slot] = id;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let slot = (this.#hashes[id] ?? 0) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function grown<T extends Int32Array | Uint32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
