import type { OpenConnection } from './connection-pool.js';
import { TransactionPool } from './transaction-pool.js';
import { TAKE_TURN, turnNumber } from './locks.js';

/** Branches of which one gateway waits for, or has, the turn at once: a connection each. */
const MAX_TURNS = 4;

/**
 * One line in front of each contended branch for all gateways of a database: an advisory lock, which Postgres gives out in the order
 * of asking. Whoever has it is in a transaction that does nothing else, so the limits of every transaction hold: a killed
 * gateway loses its turn at once, a frozen one, or one that takes longer, after 15 s, and nobody waits for longer than 10 s.
 *
 * Turns keep writers from spoiling each other's work, and nothing depends on them: branches move by compare-and-swap.
 */
export class BranchTurns {
  readonly #pool: TransactionPool;
  #turns = 0;

  constructor(open: OpenConnection) {
    this.#pool = new TransactionPool(open, MAX_TURNS);
  }

  /**
   * Runs `work` when the turn on this branch has come; without it where too many branches are contended, the wait takes too long
   * or the database is away. Answers and rejects as `work` does.
   */
  async run<T>(branchId: number, work: () => Promise<T>, signal: AbortSignal | null = null): Promise<T> {
    if (this.#turns >= MAX_TURNS) return work();
    this.#turns++;
    try {
      const end = await this.#take(branchId, signal);
      try {
        return await work();
      } finally {
        await end();
      }
    } finally {
      this.#turns--;
    }
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Waits for the turn; answers how to end it. Neither ever rejects. */
  #take(branchId: number, signal: AbortSignal | null): Promise<() => Promise<void>> {
    return new Promise((taken) => {
      const over: Promise<void> = this.#pool
        .run(async (send) => {
          await send(TAKE_TURN, [turnNumber(branchId)], false);
          await new Promise<void>((release) => {
            taken(async () => {
              release();
              await over;
            });
          });
        }, signal)
        // Without a turn there is nothing to end, and one that was lost has ended.
        .catch(() => taken(() => Promise.resolve()));
    });
  }
}
