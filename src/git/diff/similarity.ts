import type { Pace } from '../objects/pace.js';

/** A similarity of all content is this many parts; finer than percent so that the best of several candidates is found. */
export const FULL_SCORE = 60_000;

/** A span ends after a newline or after this many bytes, whichever comes first. */
const SPAN_BYTES = 64;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** A NUL among this many first bytes makes content binary, as everywhere in git. */
const BINARY_PROBE_BYTES = 8000;
/** Content is scanned in pieces of this size, a few milliseconds of work, between looks at the clock. */
const PIECE_BYTES = 256 * 1024;
const FIRST_CAPACITY = 1 << 12;
const SHARDS = 64;
const FIRST_SHARD_CAPACITY = 1 << 6;
/** Bounds on memory, for content made of nothing but short, distinct lines: about 100 MB for each. Text reaches them at some 150 and 600 MB. */
const MAX_DISTINCT_SPANS = 1 << 22;
const MAX_FINGERPRINT_SPANS = 1 << 24;

/**
 * What content is made of, without order: which spans occur, and how many bytes each accounts for in all its
 * occurrences. Comparable only with fingerprints from the same {@link SpanTable}.
 */
export interface Fingerprint {
  /** Size of the content in bytes, carriage returns included. */
  readonly size: number;
  /** Distinct span numbers, in the order of their first occurrence. */
  readonly spans: Int32Array;
  /** Bytes that each of `spans` accounts for. */
  readonly bytes: Int32Array;
}

/**
 * Numbers the distinct spans of many files, and takes fingerprints.
 *
 * The measure was found by observing the scores of `git diff -M` on made content: content is cut into spans of 64 bytes
 * or up to a newline; in text (no NUL in the first 8000 bytes) a carriage return before a newline does not count; what two
 * files share is, for each distinct span, the smaller of the bytes it accounts for on either side; and the score is what
 * they share over the size of the larger. A last line that is not finished by a newline counts from git 2.44 on; before, and
 * here unless asked for, what is left of it after whole spans of 64 bytes counts as never shared. NUL bytes at the start of a
 * span do not tell it from others, but count as bytes.
 *
 * Spans are told apart by 64 bits of hash, not by their bytes: two unlike spans are taken for one in about 1 of 10^10
 * comparisons of files with ten thousand lines. git takes far more for one: two files of a thousand random lines share about
 * 1 % by its count and none by ours, and so do some spans of one repeated byte, so scores of such files can differ.
 */
export class SpanTable {
  readonly #shards: readonly SpanShard[] = Array.from({ length: SHARDS }, () => new SpanShard());
  readonly #countsUnfinished: boolean;
  #count = 0;
  #kept = 0;
  /** By span number, its place in the fingerprint that is being taken plus one; zero for spans it does not hold. */
  #places = new Int32Array(FIRST_CAPACITY);
  #taking: Tally | null = null;

  /** `countsUnfinished`: whether an unfinished last line can be shared. */
  constructor(countsUnfinished: boolean) {
    this.#countsUnfinished = countsUnfinished;
  }

  /** How many distinct spans have been seen. */
  get count(): number {
    return this.#count;
  }

  /** True when the table has reached its bounds; a fingerprint that was being taken then is incomplete, and the table of no more use. */
  get full(): boolean {
    return this.#count > MAX_DISTINCT_SPANS || this.#kept > MAX_FINGERPRINT_SPANS;
  }

  /** Takes the fingerprint of `content`; lets the event loop run in between when it is large. Check {@link full} afterwards. */
  async fingerprint(content: Buffer, pace: Pace): Promise<Fingerprint> {
    const isText = !content.subarray(0, BINARY_PROBE_BYTES).includes(0);
    const tally = new Tally();
    for (let at = 0; at < content.length && !this.full; ) {
      this.#take(tally);
      at = this.#scan(content, at, Math.min(at + PIECE_BYTES, content.length), isText, tally);
      await pace.breathe();
    }
    this.#take(null);
    this.#kept += tally.count;
    return { size: content.length, spans: tally.spans.slice(0, tally.count), bytes: tally.bytes.slice(0, tally.count) };
  }

  /** The score of two fingerprints; for many against many use a `SimilarityIndex`. */
  score(one: Fingerprint, other: Fingerprint): number {
    this.#take(null);
    const places = this.#places;
    for (let i = 0; i < one.spans.length; i++) places[one.spans[i] ?? 0] = i + 1;
    let shared = 0;
    for (let i = 0; i < other.spans.length; i++) {
      const place = places[other.spans[i] ?? 0] ?? 0;
      if (place > 0) shared += Math.min(one.bytes[place - 1] ?? 0, other.bytes[i] ?? 0);
    }
    for (let i = 0; i < one.spans.length; i++) places[one.spans[i] ?? 0] = 0;
    return scoreOf(shared, one.size, other.size);
  }

  /** Lets `tally` be the one whose places are laid out; several fingerprints may be under way, one at any moment. */
  #take(tally: Tally | null): void {
    if (this.#taking === tally) return;
    const left = this.#taking;
    if (left !== null) for (let i = 0; i < left.count; i++) this.#places[left.spans[i] ?? 0] = 0;
    if (tally !== null) for (let i = 0; i < tally.count; i++) this.#places[tally.spans[i] ?? 0] = i + 1;
    this.#taking = tally;
  }

  /** Counts the spans that start in `[from, until)`; answers where the first one after them starts. */
  #scan(content: Buffer, from: number, until: number, isText: boolean, tally: Tally): number {
    let at = from;
    while (at < until) {
      let first = 0x2545f491;
      let second = 0x6c078965;
      let length = 0;
      let hashed = 0;
      let finished = false;
      while (length < SPAN_BYTES && at < content.length) {
        const byte = content[at++] ?? 0;
        if (byte === RETURN && isText && content[at] === NEWLINE) continue;
        length++;
        if (byte === 0 && hashed === 0) continue;
        hashed++;
        first = Math.imul(first ^ byte, 0x01000193);
        second = Math.imul(second + byte, 0x5bd1e995);
        second ^= second >>> 15;
        if (byte === NEWLINE) {
          finished = true;
          break;
        }
      }
      if (!finished && length < SPAN_BYTES && !this.#countsUnfinished) break;
      this.#add(this.#number(first, second ^ hashed), length, tally);
    }
    return at;
  }

  #number(first: number, second: number): number {
    const shard = this.#shards[(second >>> 8) & (SHARDS - 1)];
    const number = shard?.number(first, second, this.#count) ?? 0;
    if (number === this.#count) {
      this.#count++;
      if (this.#count > this.#places.length) this.#places = grown(this.#places);
    }
    return number;
  }

  #add(span: number, length: number, tally: Tally): void {
    let place = this.#places[span] ?? 0;
    if (place === 0) {
      place = tally.open(span);
      this.#places[span] = place;
    }
    tally.bytes[place - 1] = (tally.bytes[place - 1] ?? 0) + length;
  }
}

/** A fingerprint that is being taken. */
class Tally {
  count = 0;
  spans = new Int32Array(64);
  bytes = new Int32Array(64);

  /** Makes room for a span not seen before; answers its place plus one. */
  open(span: number): number {
    if (this.count === this.spans.length) {
      this.spans = grown(this.spans);
      this.bytes = grown(this.bytes);
    }
    this.spans[this.count] = span;
    return ++this.count;
  }
}

/**
 * A part of the table with a hash table of its own, so that making room for more never moves more than a small part at
 * once: in one piece, moving a million spans takes 60 ms.
 */
class SpanShard {
  #first = new Int32Array(FIRST_SHARD_CAPACITY);
  #second = new Int32Array(FIRST_SHARD_CAPACITY);
  /** Span number plus one; zero is a free place. */
  #numbers = new Int32Array(FIRST_SHARD_CAPACITY);
  #count = 0;

  /** The number of the span with these hashes: the one it has, otherwise `next`. */
  number(first: number, second: number, next: number): number {
    const place = this.#place(first, second);
    const number = this.#numbers[place] ?? 0;
    if (number !== 0) return number - 1;
    this.#put(place, first, second, next + 1);
    if (++this.#count * 2 > this.#numbers.length) this.#grow();
    return next;
  }

  /** Where the span stands, or the free place where it belongs. */
  #place(first: number, second: number): number {
    const mask = this.#numbers.length - 1;
    let place = (first ^ (second >>> 7)) & mask;
    while (this.#numbers[place] !== 0 && (this.#first[place] !== first || this.#second[place] !== second)) place = (place + 1) & mask;
    return place;
  }

  #put(place: number, first: number, second: number, number: number): void {
    this.#first[place] = first;
    this.#second[place] = second;
    this.#numbers[place] = number;
  }

  #grow(): void {
    const [first, second, numbers] = [this.#first, this.#second, this.#numbers];
    this.#first = new Int32Array(numbers.length * 2);
    this.#second = new Int32Array(numbers.length * 2);
    this.#numbers = new Int32Array(numbers.length * 2);
    for (let old = 0; old < numbers.length; old++) {
      const number = numbers[old] ?? 0;
      const [a, b] = [first[old] ?? 0, second[old] ?? 0];
      if (number !== 0) this.#put(this.#place(a, b), a, b, number);
    }
  }
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** The score of content of two sizes that share `shared` bytes: 0 to {@link FULL_SCORE}, rounded down. */
export function scoreOf(shared: number, oneSize: number, otherSize: number): number {
  const larger = Math.max(oneSize, otherSize);
  return larger === 0 ? 0 : Math.floor((shared * FULL_SCORE) / larger);
}
