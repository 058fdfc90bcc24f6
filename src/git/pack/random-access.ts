import { PackInvalid } from '../objects/errors.js';

/**
 * Positioned reads over bytes that do not change: a pack on disk, a bundle, a buffer in a test. `read` is synchronous: the
 * page cache answers in microseconds where a hop to the thread pool costs 30–50; `readAsync` is for pieces over a megabyte.
 *
 * Both answer exactly `length` bytes, or throw {@link PackInvalid} where the range leaves the file. The answer may share
 * memory with the source and is never written to.
 */
export interface RandomAccess {
  /** Size in bytes, taken once when the file was opened. */
  readonly size: number;
  read(position: number, length: number): Buffer;
  readAsync(position: number, length: number): Promise<Buffer>;
  /** As `read`, into the first bytes of `target`: for who reads often and keeps nothing. */
  readInto(target: Buffer, position: number, length: number): void;
  /** Gives back what the access holds; reading afterwards is a fault of the caller. */
  close(): void;
}

/** Refuses a range that is not inside `size` bytes. */
export function requireRange(position: number, length: number, size: number): void {
  if (!(position >= 0 && length >= 0 && position + length <= size)) {
    throw new PackInvalid(`bytes ${position} to ${position + length} of a file of ${size} bytes were needed`);
  }
}

/** Positioned reads over a buffer. */
export class BufferAccess implements RandomAccess {
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(position: number, length: number): Buffer {
    requireRange(position, length, this.size);
    return this.#bytes.subarray(position, position + length);
  }

  async readAsync(position: number, length: number): Promise<Buffer> {
    return this.read(position, length);
  }

  readInto(target: Buffer, position: number, length: number): void {
    this.read(position, length).copy(target);
  }

  close(): void {
    // A buffer holds nothing that must be given back.
  }
}

/** The bytes of `whole` from `start` on, as an access of their own: the pack inside a bundle. Closing it closes `whole`. */
export class TailAccess implements RandomAccess {
  readonly size: number;
  readonly #whole: RandomAccess;
  readonly #start: number;

  constructor(whole: RandomAccess, start: number) {
    requireRange(start, 0, whole.size);
    this.#whole = whole;
    this.#start = start;
    this.size = whole.size - start;
  }

  read(position: number, length: number): Buffer {
    requireRange(position, length, this.size);
    return this.#whole.read(this.#start + position, length);
  }

  async readAsync(position: number, length: number): Promise<Buffer> {
    requireRange(position, length, this.size);
    return this.#whole.readAsync(this.#start + position, length);
  }

  readInto(target: Buffer, position: number, length: number): void {
    requireRange(position, length, this.size);
    this.#whole.readInto(target, this.#start + position, length);
  }

  close(): void {
    this.#whole.close();
  }
}
