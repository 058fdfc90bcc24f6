import type { RandomAccess } from './random-access.js';

/** What one read brings: the chain of an object that git wrote lies within it more often than not, and 16 kB cost 2 µs more than 4. */
const WINDOW_BYTES = 16 << 10;
/** Of these, so many in front of a base: its own base, as a rule, lies before it. */
const BEHIND_BYTES = 12 << 10;

/**
 * The bytes of a pack that were read last, in memory that is used again: a read that allocates costs twice as much. One serves all
 * packs of a thread, so what it shows is good until its next call, and nobody may wait in between.
 */
export class PackWindow {
  /** The bytes; {@link start} is the position of the first. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  #access: RandomAccess | null = null;
  #memory: Buffer | null = null;

  /**
   * Shows `length` bytes of `access` from `position` on; true when {@link bytes} has them. `wide` brings the neighbours in front and
   * behind as well, to `end` at most. False where they are more than a window. Throws as the access does.
   */
  show(access: RandomAccess, position: number, length: number, end: number, wide: boolean): boolean {
    if (this.#access === access && position >= this.start && position + length <= this.start + this.bytes.length) return true;
    if (length > WINDOW_BYTES) return false;
    const behind = wide ? Math.min(position, BEHIND_BYTES, WINDOW_BYTES - length) : 0;
    const start = position - behind;
    const size = wide ? Math.min(WINDOW_BYTES, end - start) : length;
    this.forget();
    this.#memory ??= Buffer.alloc(WINDOW_BYTES);
    access.readInto(this.#memory, start, size);
    this.bytes = this.#memory.subarray(0, size);
    this.start = start;
    this.#access = access;
    return true;
  }

  /** Lets go of what was read. Every read of an object begins with it: what is asked for again is asked of the disk, which may have gone bad. */
  forget(): void {
    this.#access = null;
  }
}
