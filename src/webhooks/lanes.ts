/** So many at a time, the others in line. */
export class Lane {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** How many are at work. */
  get busy(): number {
    return this.#busy;
  }

  /** Runs `work` when there is room, in the order of calls; rejects as it does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#width) this.#busy++;
    // Whoever leaves hands its place on.
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}

/** Attempts at a time of one gateway at receivers that answered the last time, or were never asked. */
const SOUND = 48;
/** At receivers that failed the last time: most of these wait for an answer until the time is up. */
const FAILING = 16;

/** The lanes of a gateway: receivers that hang fill one and leave the other free. */
export class Lanes {
  readonly sound = new Lane(SOUND);
  readonly failing = new Lane(FAILING);
}
