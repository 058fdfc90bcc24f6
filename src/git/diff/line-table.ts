import { randomInt } from 'node:crypto';
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

  /** The same, suspendable about every quarter of a megabyte. */
  *addSteps(bytes: Buffer): Steps<LineTable> {
    const compared = normalizeLines(bytes, this.#whitespace);
    const source = this.#sources.push(compared) - 1;
    let ids = new Int32Array(Math.max(16, compared.length >>> 5));
    let starts = new Uint32Array(ids.length + 1);
    let at = 0;
    let count = 0;
    while (at < compared.length) {
      const until = Math.min(compared.length, at + STEP_BYTES);
      const from = at;
      while (at < until) {
        if (count === ids.length) {
          ids = grown(ids, new Int32Array(count * 2));
          starts = grown(starts, new Uint32Array(count * 2 + 1));
        }
        let hash = HASH_SEED;
        let byte = 0;
        const start = at;
        do {
          byte = compared[at++] ?? 0;
          hash = Math.imul(hash ^ byte, FNV_PRIME);
        } while (byte !== NEWLINE && at < compared.length);
        starts[count] = start;
        ids[count++] = this.#intern(source, hash ^ (hash >>> 15), start, at);
      }
      yield at - from;
    }
    starts[count] = compared.length;
    const shown = compared === bytes ? starts.slice(0, count + 1) : cutLines(bytes).starts;
    return { bytes, count, starts: shown, ids: ids.slice(0, count) };
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
