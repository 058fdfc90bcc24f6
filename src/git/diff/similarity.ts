import type { Pace } from './pace.js';

/** A similarity of all content is this many parts; finer than percent so that the best of several candidates is found. */
export const FULL_SCORE = 60_000;

/** A span ends after a newline or after this many bytes, whichever comes first. */
const SPAN_BYTES = 64;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** A NUL among this many first bytes makes content binary, as everywhere in git. */
const BINARY_PROBE_BYTES = 8000;
/** Content is scanned in pieces of this size, about 1 ms of work, between looks at the clock. */
const PIECE_BYTES = 256 * 1024;
const FIRST_CAPACITY = 1 << 12;

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
  #first = new Int32Array(FIRST_CAPACITY);
  #second = new Int32Array(FIRST_CAPACITY);
  /** Span number plus one; zero is a free place. */
  #numbers = new Int32Array(FIRST_CAPACITY);
  #count = 0;
  /** Bytes of the file that is being scanned, by span number; all zero in between. */
  #bytes = new Int32Array(FIRST_CAPACITY);
  readonly #countsUnfinished: boolean;

  /** `countsUnfinished`: whether an unfinished last line can be shared. */
  constructor(countsUnfinished: boolean) {
    this.#countsUnfinished = countsUnfinished;
  }

  /** How many distinct spans have been seen. */
  get count(): number {
    return this.#count;
  }

  /** Takes the fingerprint of `content`; lets the event loop run in between when it is large. */
  async fingerprint(content: Buffer, pace: Pace): Promise<Fingerprint> {
    const isText = !content.subarray(0, BINARY_PROBE_BYTES).includes(0);
    const seen: number[] = [];
    const counted = new Map<number, number>();
    for (let at = 0; at < content.length; ) {
      at = this.#scan(content, at, Math.min(at + PIECE_BYTES, content.length), isText, seen);
      if (at < content.length && pace.due()) {
        // Another fingerprint may be taken meanwhile: hand the shared counters back clean.
        this.#collect(seen, counted);
        await pace.breathe();
      }
    }
    this.#collect(seen, counted);
    const spans = Int32Array.from(counted.keys());
    return { size: content.length, spans, bytes: Int32Array.from(counted.values()) };
  }

  /** The score of two fingerprints; for many against many use {@link SimilarityIndex}. */
  score(one: Fingerprint, other: Fingerprint): number {
    const counters = this.#bytes;
    one.spans.forEach((span, i) => (counters[span] = one.bytes[i] ?? 0));
    let shared = 0;
    other.spans.forEach((span, i) => (shared += Math.min(counters[span] ?? 0, other.bytes[i] ?? 0)));
    for (const span of one.spans) counters[span] = 0;
    return scoreOf(shared, one.size, other.size);
  }

  /** Moves the counters of `seen` into `counted` and empties both the counters and `seen`. */
  #collect(seen: number[], counted: Map<number, number>): void {
    for (const span of seen) {
      counted.set(span, (counted.get(span) ?? 0) + (this.#bytes[span] ?? 0));
      this.#bytes[span] = 0;
    }
    seen.length = 0;
  }

  /** Counts the spans that start in `[from, until)`; answers where the first one after them starts. */
  #scan(content: Buffer, from: number, until: number, isText: boolean, seen: number[]): number {
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
      const span = this.#intern(first, second ^ hashed);
      const before = this.#bytes[span] ?? 0;
      if (before === 0) seen.push(span);
      this.#bytes[span] = before + length;
    }
    return at;
  }

  #intern(first: number, second: number): number {
    const mask = this.#numbers.length - 1;
    let place = (first ^ (second >>> 7)) & mask;
    for (;;) {
      const number = this.#numbers[place] ?? 0;
      if (number === 0) break;
      if (this.#first[place] === first && this.#second[place] === second) return number - 1;
      place = (place + 1) & mask;
    }
    const number = this.#count++;
    this.#first[place] = first;
    this.#second[place] = second;
    this.#numbers[place] = number + 1;
    if (this.#count * 2 > this.#numbers.length) this.#grow();
    return number;
  }

  #grow(): void {
    const [first, second, numbers, bytes] = [this.#first, this.#second, this.#numbers, this.#bytes];
    const capacity = numbers.length * 2;
    this.#first = new Int32Array(capacity);
    this.#second = new Int32Array(capacity);
    this.#numbers = new Int32Array(capacity);
    this.#bytes = new Int32Array(capacity);
    this.#bytes.set(bytes);
    for (let old = 0; old < numbers.length; old++) {
      const number = numbers[old] ?? 0;
      if (number === 0) continue;
      const a = first[old] ?? 0;
      const b = second[old] ?? 0;
      let place = (a ^ (b >>> 7)) & (capacity - 1);
      while (this.#numbers[place] !== 0) place = (place + 1) & (capacity - 1);
      this.#first[place] = a;
      this.#second[place] = b;
      this.#numbers[place] = number;
    }
  }
}

/** The score of content of two sizes that share `shared` bytes: 0 to {@link FULL_SCORE}, rounded down. */
export function scoreOf(shared: number, oneSize: number, otherSize: number): number {
  const larger = Math.max(oneSize, otherSize);
  return larger === 0 ? 0 : Math.floor((shared * FULL_SCORE) / larger);
}

/**
 * Answers what one fingerprint shares with each of many at once. Only spans that actually occur on both sides cost
 * anything, where comparing pair by pair would walk every file a thousand times.
 */
export class SimilarityIndex {
  readonly #files: readonly Fingerprint[];
  readonly #starts: Int32Array;
  readonly #holders: Int32Array;
  readonly #held: Int32Array;
  readonly #shared: Float64Array;

  /** Indexes `files`, all of them from `table`. */
  constructor(files: readonly Fingerprint[], table: SpanTable) {
    this.#files = files;
    const starts = new Int32Array(table.count + 1);
    for (const { spans } of files) for (const span of spans) starts[span + 1] = (starts[span + 1] ?? 0) + 1;
    for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    const total = starts[table.count] ?? 0;
    this.#holders = new Int32Array(total);
    this.#held = new Int32Array(total);
    const next = starts.slice();
    files.forEach(({ spans, bytes }, file) => {
      spans.forEach((span, i) => {
        const at = next[span] ?? 0;
        next[span] = at + 1;
        this.#holders[at] = file;
        this.#held[at] = bytes[i] ?? 0;
      });
    });
    this.#starts = starts;
    this.#shared = new Float64Array(files.length);
  }

  /** The score of `one` against every indexed file, by its position; the array is valid until the next call. */
  scores(one: Fingerprint): Float64Array {
    const shared = this.#shared.fill(0);
    for (let i = 0; i < one.spans.length; i++) {
      const span = one.spans[i] ?? 0;
      const bytes = one.bytes[i] ?? 0;
      const end = this.#starts[span + 1] ?? 0;
      for (let at = this.#starts[span] ?? 0; at < end; at++) {
        const file = this.#holders[at] ?? 0;
        const held = this.#held[at] ?? 0;
        shared[file] = (shared[file] ?? 0) + (held < bytes ? held : bytes);
      }
    }
    for (let file = 0; file < shared.length; file++) shared[file] = scoreOf(shared[file] ?? 0, one.size, this.#files[file]?.size ?? 0);
    return shared;
  }
}
