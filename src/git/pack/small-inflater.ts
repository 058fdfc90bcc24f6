import { HuffmanCode } from './huffman-code.js';

/** Bits of literals and lengths, of distances, and of the code of code lengths (which has none over 7) that are decoded in one step. */
const FAST_LITERALS = 9;
const FAST_DISTANCES = 6;
const FAST_LENGTHS = 7;

const END_OF_BLOCK = 256;
const LITERALS = 286;
const DISTANCES = 30;

/** RFC 1951, section 3.2.5: the shortest match of each length symbol from 257 on, and the bits that are added to it. */
const LENGTH_BASES = Uint16Array.of(3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258);
const LENGTH_EXTRA = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
/** The same of the distance symbols. */
const DISTANCE_BASES = Uint16Array.of(1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12_289, 16_385, 24_577);
const DISTANCE_EXTRA = Uint8Array.of(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13);
/** Section 3.2.7: the order in which the lengths of the code of code lengths are written. */
const LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);

/** RFC 1950, section 8.2. So many bytes can be added up before the sums leave 32 bits (5552), rounded down. */
const ADLER_MODULUS = 65_521;
const ADLER_RUN = 5552;

/** Section 3.2.6: the code of blocks that bring none. */
function fixedCode(symbols: number, fastBits: number, lengthOf: (symbol: number) => number): HuffmanCode {
  const code = new HuffmanCode(symbols, fastBits);
  code.define(Uint8Array.from({ length: symbols }, (_, symbol) => lengthOf(symbol)), 0, symbols);
  return code;
}

/**
 * Inflates small zlib streams (RFC 1950 and 1951) where they lie, without a call into zlib: that costs 5 µs before its first byte,
 * 100 times what a delta of 30 bytes takes here. It knows a good stream and nothing else: whatever is odd, be it broken, cut short,
 * of another size, or only of a form that no compressor writes, is answered with -1, and zlib is asked, whose word counts.
 *
 * One is used again and again; it keeps nothing of what it inflated.
 */
export class SmallInflater {
  readonly #literals = new HuffmanCode(LITERALS, FAST_LITERALS);
  readonly #distances = new HuffmanCode(DISTANCES, FAST_DISTANCES);
  readonly #lengthCode = new HuffmanCode(LENGTH_ORDER.length, FAST_LENGTHS);
  readonly #fixedLiterals = fixedCode(288, FAST_LITERALS, (symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8));
  readonly #fixedDistances = fixedCode(32, FAST_DISTANCES, () => 5);
  readonly #lengths = new Uint8Array(LITERALS + DISTANCES);
  #source: Uint8Array = new Uint8Array(0);
  #end = 0;
  /** The next byte to take; beyond the end, zeros are taken, and noticed before the stream is called good. */
  #at = 0;
  /** Bits that were taken and not used, the next one lowest, and how many: at most 31. */
  #hold = 0;
  #bits = 0;
  #made = 0;

  /**
   * Inflates the stream that begins `source` at `from` into `target` from `to` on, where it must make exactly `size` bytes; beyond
   * those nothing is written. Answers how many bytes the stream took, or -1: then what stands in `target` means nothing.
   */
  inflate(source: Uint8Array, from: number, target: Uint8Array, to: number, size: number): number {
    // Deflate in windows to 32 kB, no preset dictionary, and a head that divides by 31.
    const head = ((source[from] ?? 0) << 8) | (source[from + 1] ?? 0);
    if ((head & 0x8f20) !== 0x0800 || head % 31 !== 0 || to + size > target.length) return -1;
    this.#source = source;
    this.#end = source.length;
    this.#at = from + 2;
    this.#hold = 0;
    this.#bits = 0;
    this.#made = to;
    for (let last = false; !last; ) {
      const kind = this.#take(3);
      last = (kind & 1) === 1;
      const good = kind >> 1 === 1 ? this.#block(target, to, to + size, this.#fixedLiterals, this.#fixedDistances)
        : kind >> 1 === 2 ? this.#codes() && this.#block(target, to, to + size, this.#literals, this.#distances)
        : kind >> 1 === 0 && this.#stored(target, to + size);
      if (!good || this.#at > this.#end + 4) return -1;
    }
    const at = this.#at - (this.#bits >> 3);
    if (this.#made !== to + size || at + 4 > source.length) return -1;
    const sum = ((source[at] ?? 0) << 24) | ((source[at + 1] ?? 0) << 16) | ((source[at + 2] ?? 0) << 8) | (source[at + 3] ?? 0);
    return sum === adler32(target, to, to + size) ? at + 4 - from : -1;
  }

  /** The next bits, at most 16. */
  #take(count: number): number {
    while (this.#bits < count) {
      if (this.#at < this.#end) this.#hold |= (this.#source[this.#at] ?? 0) << this.#bits;
      this.#at++;
      this.#bits += 8;
    }
    const taken = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#bits -= count;
    return taken;
  }

  /** A block of bytes as they are (section 3.2.4). */
  #stored(target: Uint8Array, end: number): boolean {
    const at = this.#at - (this.#bits >> 3);
    this.#hold = 0;
    this.#bits = 0;
    const source = this.#source;
    if (at + 4 > this.#end) return false;
    const length = (source[at] ?? 0) | ((source[at + 1] ?? 0) << 8);
    const inverse = (source[at + 2] ?? 0) | ((source[at + 3] ?? 0) << 8);
    const from = at + 4;
    if ((length ^ inverse) !== 0xffff || from + length > this.#end || this.#made + length > end) return false;
    target.set(source.subarray(from, from + length), this.#made);
    this.#made += length;
    this.#at = from + length;
    return true;
  }

  /** The codes that stand in front of a block (section 3.2.7). */
  #codes(): boolean {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const written = this.#take(4) + 4;
    if (literals > LITERALS || distances > DISTANCES) return false;
    const lengths = this.#lengths;
    lengths.fill(0, 0, LENGTH_ORDER.length);
    for (let at = 0; at < written; at++) lengths[LENGTH_ORDER[at] ?? 0] = this.#take(3);
    if (!this.#lengthCode.define(lengths, 0, LENGTH_ORDER.length)) return false;
    const total = literals + distances;
    let before = 0;
    for (let at = 0; at < total; ) {
      const symbol = this.#lengthSymbol();
      if (symbol < 16) {
        before = symbol;
        lengths[at++] = symbol;
        continue;
      }
      if (symbol === 16 && at === 0) return false;
      if (symbol !== 16) before = 0;
      const times = symbol === 16 ? this.#take(2) + 3 : symbol === 17 ? this.#take(3) + 3 : this.#take(7) + 11;
      if (at + times > total) return false;
      lengths.fill(before, at, at + times);
      at += times;
    }
    if (lengths[END_OF_BLOCK] === 0) return false;
    return this.#literals.define(lengths, 0, literals) && this.#distances.define(lengths, literals, total);
  }

  #lengthSymbol(): number {
    while (this.#bits < FAST_LENGTHS) {
      if (this.#at < this.#end) this.#hold |= (this.#source[this.#at] ?? 0) << this.#bits;
      this.#at++;
      this.#bits += 8;
    }
    const entry = this.#lengthCode.fast[this.#hold & ((1 << FAST_LENGTHS) - 1)] ?? 0;
    this.#hold >>>= entry & 15;
    this.#bits -= entry & 15;
    return entry >> 4;
  }

  /** A block in these codes, into `target` between `start`, where what matches may lie begins, and `end`. Its state lives in variables: this is where the time goes. */
  #block(target: Uint8Array, start: number, end: number, literals: HuffmanCode, distances: HuffmanCode): boolean {
    const source = this.#source;
    const sourceEnd = this.#end;
    const { fast } = literals;
    const fastDistances = distances.fast;
    let hold = this.#hold;
    let bits = this.#bits;
    let at = this.#at;
    let made = this.#made;
    // Behind the end zeros are read, which would make bytes for ever in some codes: four more than there are can be in `hold`.
    while (at <= sourceEnd + 4) {
      if (bits < 15) {
        hold |= ((source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)) << bits;
        at += 2;
        bits += 16;
      }
      let entry = fast[hold & ((1 << FAST_LITERALS) - 1)] ?? 0;
      if (entry === 0) entry = literals.slow(hold);
      hold >>>= entry & 15;
      bits -= entry & 15;
      let symbol = entry >> 4;
      if (symbol < END_OF_BLOCK) {
        if (made === end || entry === 0) return false;
        target[made++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) {
        this.#hold = hold;
        this.#bits = bits;
        this.#at = at;
        this.#made = made;
        return true;
      }
      symbol -= 257;
      if (symbol >= LENGTH_BASES.length) return false;
      if (bits < 15) {
        hold |= ((source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)) << bits;
        at += 2;
        bits += 16;
      }
      let extra = LENGTH_EXTRA[symbol] ?? 0;
      const length = (LENGTH_BASES[symbol] ?? 0) + (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      if (bits < 15) {
        hold |= ((source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)) << bits;
        at += 2;
        bits += 16;
      }
      entry = fastDistances[hold & ((1 << FAST_DISTANCES) - 1)] ?? 0;
      if (entry === 0) entry = distances.slow(hold);
      hold >>>= entry & 15;
      bits -= entry & 15;
      symbol = entry >> 4;
      if (entry === 0 || symbol >= DISTANCES) return false;
      if (bits < 15) {
        hold |= ((source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)) << bits;
        at += 2;
        bits += 16;
      }
      extra = DISTANCE_EXTRA[symbol] ?? 0;
      const from = made - (DISTANCE_BASES[symbol] ?? 0) - (hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= extra;
      if (from < start || made + length > end) return false;
      for (let back = from; back < from + length; back++) target[made++] = target[back] ?? 0;
    }
    return false;
  }
}

/** The checksum of RFC 1950 over the bytes between two places, as a signed 32-bit number. */
function adler32(bytes: Uint8Array, from: number, to: number): number {
  let low = 1;
  let high = 0;
  for (let at = from; at < to; ) {
    const stop = Math.min(to, at + ADLER_RUN);
    for (; at < stop; at++) {
      low += bytes[at] ?? 0;
      high += low;
    }
    low %= ADLER_MODULUS;
    high %= ADLER_MODULUS;
  }
  return (high << 16) | low;
}
