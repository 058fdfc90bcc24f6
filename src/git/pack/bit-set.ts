/** A set of small whole numbers, one bit each: which objects of a pack are meant, by position in its index. */
export class BitSet {
  readonly #words: Uint32Array;
  #size = 0;

  /** For numbers from 0 to `capacity` - 1. */
  constructor(capacity: number) {
    this.#words = new Uint32Array((capacity + 31) >>> 5);
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    return (((this.#words[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
  }

  /** Adds a number; false when it was there already. */
  add(number: number): boolean {
    const word = this.#words[number >>> 5] ?? 0;
    const bit = 1 << (number & 31);
    if ((word & bit) !== 0) return false;
    this.#words[number >>> 5] = word | bit;
    this.#size++;
    return true;
  }
}
