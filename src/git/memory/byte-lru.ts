/**
 * A least-recently-used map bounded by the bytes that its values hold, not by their number. A value larger than
 * `maxEntryBytes` (an eighth of the capacity unless given) is not kept, so that one large file cannot empty the cache.
 *
 * Not promised: that a value put in is found again.
 */
export class ByteLru<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly bytes: number }>();
  readonly #capacity: number;
  readonly #maxEntryBytes: number;
  #bytes = 0;

  /** Both in bytes; a capacity of 0 keeps nothing. */
  constructor(capacity: number, maxEntryBytes: number = capacity / 8) {
    this.#capacity = capacity;
    this.#maxEntryBytes = Math.min(capacity, maxEntryBytes);
  }

  /** Bytes held at present, as the callers of {@link set} declared them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many values are held. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value, now the most recently used; undefined when it is not held. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps `value`, which takes `bytes` bytes, in place of what stood at `key`; the least recently used make room. */
  set(key: K, value: V, bytes: number): void {
    this.delete(key);
    if (bytes > this.#maxEntryBytes) return;
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    if (this.#bytes <= this.#capacity) return;
    for (const [oldest, entry] of this.#entries) {
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
      if (this.#bytes <= this.#capacity) return;
    }
  }

  /** Forgets the value at `key`, if there is one. */
  delete(key: K): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}
