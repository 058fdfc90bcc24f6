/** How often something was waited for, and how long in all. */
export interface Busy {
  readonly count: number;
  readonly seconds: number;
}

/** Names that are counted for each that is shown: so many have to be idle before a busy one is forgotten. */
const COUNTED_PER_SHOWN = 20;

/** Counts by number, of which only the busiest are kept and shown: labels of metrics must not grow with what clients make. */
export class Busiest {
  readonly #shown: number;
  readonly #counts = new Map<number, { count: number; seconds: number }>();

  /** Shows at most `shown`; with 0 it counts nothing. */
  constructor(shown: number) {
    this.#shown = shown;
  }

  add(id: number, seconds: number): void {
    if (this.#shown === 0) return;
    const known = this.#counts.get(id) ?? { count: 0, seconds: 0 };
    known.count++;
    known.seconds += seconds;
    this.#counts.set(id, known);
    if (this.#counts.size > this.#shown * COUNTED_PER_SHOWN) this.#forgetIdle();
  }

  /** The busiest by count, first the busiest. */
  top(): readonly (readonly [number, Busy])[] {
    return this.#sorted().slice(0, this.#shown);
  }

  #sorted(): (readonly [number, Busy])[] {
    return [...this.#counts].sort(([, a], [, b]) => b.count - a.count);
  }

  /** Half at a time: sorting for each new one would cost more than counting. */
  #forgetIdle(): void {
    for (const [id] of this.#sorted().slice((this.#shown * COUNTED_PER_SHOWN) / 2)) this.#counts.delete(id);
  }
}
