/**
 * Reads that run now, each by what it is for (a request, or a part of its answer) and a key: fields of one object are resolved
 * side by side, and two of them that need the same result shall not each compute it. Nothing is kept when a read is over.
 */
export class InFlight<T> {
  readonly #running = new WeakMap<object, Map<string, Promise<T>>>();

  /** What the running read answers; starts one where there is none. A read that fails, fails for all who wait for it. */
  join(owner: object, key: string, read: () => Promise<T>): Promise<T> {
    const running = this.#of(owner);
    const known = running.get(key);
    if (known !== undefined) return known;
    const started = read().finally(() => running.delete(key));
    running.set(key, started);
    return started;
  }

  #of(owner: object): Map<string, Promise<T>> {
    const known = this.#running.get(owner);
    if (known !== undefined) return known;
    const made = new Map<string, Promise<T>>();
    this.#running.set(owner, made);
    return made;
  }
}
