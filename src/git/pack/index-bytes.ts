import type { RandomAccess } from './random-access.js';

/** The bytes of an index as its reader asks for them. Positions are inside `length`; what lies outside is the caller's fault. */
export interface IndexBytes {
  readonly length: number;
  /** Bytes of memory that are held. */
  readonly held: number;
  uint32(at: number): number;
  /** Orders `id`, 20 bytes, against the 20 bytes at a position: below 0, 0 or above 0. */
  compareId(id: Buffer, at: number): number;
  hex(from: number, to: number): string;
}

/** All of an index in memory. */
export class WholeIndex implements IndexBytes {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get held(): number {
    return this.#bytes.length;
  }

  uint32(at: number): number {
    return this.#bytes.readUInt32BE(at);
  }

  compareId(id: Buffer, at: number): number {
    return -this.#bytes.compare(id, 0, 20, at, at + 20);
  }

  hex(from: number, to: number): string {
    return this.#bytes.toString('hex', from, to);
  }
}

/** A look-up touches one page of ids and one of offsets nearly always; a read of this size costs no more than a small one. */
const PAGE_BYTES = 8 << 10;
/** Ids lie across borders of pages, so each page is read with the beginning of the next. */
const OVERLAP_BYTES = 20;

/** An index on the disk, of which only the pages that were asked for are read, once each. Reads throw as the access does. */
export class PagedIndex implements IndexBytes {
  readonly length: number;
  readonly #access: RandomAccess;
  readonly #pages = new Map<number, Buffer>();
  #held = 0;

  constructor(access: RandomAccess) {
    this.#access = access;
    this.length = access.size;
  }

  get held(): number {
    return this.#held;
  }

  uint32(at: number): number {
    return this.#page(at).readUInt32BE(at % PAGE_BYTES);
  }

  compareId(id: Buffer, at: number): number {
    const from = at % PAGE_BYTES;
    return -this.#page(at).compare(id, 0, 20, from, from + 20);
  }

  hex(from: number, to: number): string {
    return this.#access.read(from, to - from).toString('hex');
  }

  #page(at: number): Buffer {
    const number = Math.floor(at / PAGE_BYTES);
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const from = number * PAGE_BYTES;
    const page = this.#access.read(from, Math.min(PAGE_BYTES + OVERLAP_BYTES, this.length - from));
    this.#pages.set(number, page);
    this.#held += page.length;
    return page;
  }
}
