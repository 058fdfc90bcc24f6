/**
 * Shares one piece of work among those who ask while it has not begun: at most one run at a time and one waiting. Whoever asks
 * gets a run that *began after* the asking, so it sees all that was committed before.
 */
export class SingleFlight<T> {
  readonly #work: () => Promise<T>;
  #running: Promise<T> | null = null;
  #waiting: Promise<T> | null = null;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  /** Rejects with what the run rejects with; the next asking runs anew. */
  run(): Promise<T> {
    if (this.#waiting !== null) return this.#waiting;
    if (this.#running === null) return this.#start();
    this.#waiting = this.#running.then(
      () => this.#next(),
      () => this.#next(),
    );
    return this.#waiting;
  }

  /** Resolves when no run is under way or waiting; never rejects. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running.then(() => undefined, () => undefined);
  }

  #next(): Promise<T> {
    this.#waiting = null;
    return this.#start();
  }

  #start(): Promise<T> {
    const run = this.#work().finally(() => {
      if (this.#running === run) this.#running = null;
    });
    this.#running = run;
    return run;
  }
}
