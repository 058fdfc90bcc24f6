/** RFC 1951, section 3.2.7: no code is longer. */
const MAX_LENGTH = 15;

/**
 * One code of RFC 1951, section 3.2.2, made anew for every block that brings its own. Codes to `fastBits` are looked up in one step
 * in {@link fast}; longer ones, which are rare by their nature, are decoded bit by bit from the number of codes of each length
 * (Moffat and Turpin, "On the implementation of minimum redundancy prefix codes", 1997).
 */
export class HuffmanCode {
  /** By the next `fastBits` bits of the stream: the symbol times 16, plus the bits of its code; 0 where the code is longer. */
  readonly fast: Uint16Array;
  readonly #counts = new Uint16Array(MAX_LENGTH + 1);
  readonly #places = new Uint16Array(MAX_LENGTH + 1);
  /** The symbols in the order of their codes. */
  readonly #symbols: Uint16Array;

  /** Room for `symbols` symbols, of which those with codes to `fastBits` bits are fast. */
  constructor(symbols: number, fastBits: number) {
    this.fast = new Uint16Array(1 << fastBits);
    this.#symbols = new Uint16Array(symbols);
  }

  /**
   * Takes the lengths of the codes of symbols 0, 1, …, which lie in `lengths` between two places; 0 is for a symbol without code. False
   * where they are no complete code: more than fit, or bits left that stand for nothing (which RFC 1951 allows a single distance;
   * zlib writes none, and who meets one asks zlib).
   */
  define(lengths: Uint8Array, from: number, to: number): boolean {
    const counts = this.#counts;
    const places = this.#places;
    counts.fill(0);
    for (let at = from; at < to; at++) counts[lengths[at] ?? 0] = (counts[lengths[at] ?? 0] ?? 0) + 1;
    let left = 1;
    let longest = 0;
    let place = 0;
    for (let length = 1; length <= MAX_LENGTH; length++) {
      const count = counts[length] ?? 0;
      left = left * 2 - count;
      if (left < 0) return false;
      if (count > 0) longest = length;
      places[length] = place;
      place += count;
    }
    if (left !== 0) return false;
    for (let at = from; at < to; at++) {
      const length = lengths[at] ?? 0;
      if (length === 0) continue;
      const next = places[length] ?? 0;
      this.#symbols[next] = at - from;
      places[length] = next + 1;
    }
    this.#fillFast(longest);
    return true;
  }

  /** As an entry of {@link fast}, the symbol whose code, of whatever length, begins `bits`; 0 where none does within 15. */
  slow(bits: number): number {
    let code = 0;
    let first = 0;
    let place = 0;
    for (let length = 1; length <= MAX_LENGTH; length++) {
      code = code * 2 + ((bits >>> (length - 1)) & 1);
      const count = this.#counts[length] ?? 0;
      if (code - first < count) return (this.#symbols[place + code - first] ?? 0) * 16 + length;
      place += count;
      first = (first + count) * 2;
    }
    return 0;
  }

  #fillFast(longest: number): void {
    const { fast } = this;
    const symbols = this.#symbols;
    const size = fast.length;
    // A complete code fills every entry, unless some of its codes are longer than an entry's number.
    if (1 << longest > size) fast.fill(0);
    let place = 0;
    // Codes are counted with their first bit lowest, as the stream has them: adding one carries towards lower bits.
    let code = 0;
    for (let length = 1; length <= longest && 1 << length <= size; length++) {
      const step = 1 << length;
      for (let left = this.#counts[length] ?? 0; left > 0; left--) {
        const entry = (symbols[place++] ?? 0) * 16 + length;
        for (let at = code; at < size; at += step) fast[at] = entry;
        let bit = step >>> 1;
        while ((code & bit) !== 0) {
          code ^= bit;
          bit >>>= 1;
        }
        code |= bit;
      }
    }
  }
}
