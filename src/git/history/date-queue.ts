/**
 * A priority queue of commit numbers, newest date first and, among equal dates, first in first out: the order in which git
 * takes commits up. A binary heap over three parallel arrays.
 */
export class DateQueue {
  readonly #commits: number[] = [];
  readonly #seconds: number[] = [];
  readonly #turns: number[] = [];
  #turn = 0;

  get size(): number {
    return this.#commits.length;
  }

  push(commit: number, seconds: number): void {
    let at = this.#commits.length;
    this.#set(at, commit, seconds, this.#turn++);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#before(at, above)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  /** Takes the newest commit out; undefined when there is none. */
  pop(): number | undefined {
    const top = this.#commits[0];
    const last = this.#commits.pop();
    const seconds = this.#seconds.pop();
    const turn = this.#turns.pop();
    if (top === undefined || last === undefined || seconds === undefined || turn === undefined) return undefined;
    if (this.#commits.length > 0) {
      this.#set(0, last, seconds, turn);
      this.#sink();
    }
    return top;
  }

  #sink(): void {
    const size = this.#commits.length;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      if (left >= size) return;
      const right = left + 1;
      const below = right < size && this.#before(right, left) ? right : left;
      if (!this.#before(below, at)) return;
      this.#swap(at, below);
      at = below;
    }
  }

  #before(a: number, b: number): boolean {
    const newer = (this.#seconds[a] ?? 0) - (this.#seconds[b] ?? 0);
    return newer === 0 ? (this.#turns[a] ?? 0) < (this.#turns[b] ?? 0) : newer > 0;
  }

  #set(at: number, commit: number, seconds: number, turn: number): void {
    this.#commits[at] = commit;
    this.#seconds[at] = seconds;
    this.#turns[at] = turn;
  }

  #swap(a: number, b: number): void {
    const commit = this.#commits[a] ?? 0;
    const seconds = this.#seconds[a] ?? 0;
    const turn = this.#turns[a] ?? 0;
    this.#set(a, this.#commits[b] ?? 0, this.#seconds[b] ?? 0, this.#turns[b] ?? 0);
    this.#set(b, commit, seconds, turn);
  }
}
