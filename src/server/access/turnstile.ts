/** A place among those that are worked on. */
export interface Place {
  /** Makes room for the next one. Idempotent. */
  leave(): void;
  /**
   * Steps out while it only waits, such as in the line of a branch, so that others are worked on meanwhile. What it answers steps in again:
   * at once, even when all places are taken, since the turn that it waited for must not be lost to a second wait.
   */
  aside(): () => void;
}

/** A place, or when to come back, in milliseconds. */
export type Entry = { readonly ok: true; readonly place: Place } | { readonly ok: false; readonly retryAfterMs: number };

/** How many get in, and how long others may wait for it. */
export interface TurnstileLimits {
  /** Places. */
  readonly atOnce: number;
  /** The longest wait for a place, in milliseconds: whoever would wait longer is sent away at once, whoever has waited so long, then. */
  readonly waitMs: number;
}

/** Where time and chance come from. */
export interface TurnstileOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** From 0 up to 1. */
  readonly draw?: () => number;
}

interface Waiter {
  readonly enter: () => void;
}

/** Weight of one more stay in the mean: about the last 32 count. */
const WEIGHT = 1 / 32;
/** Who waits holds a request in memory: so many for each place, whatever the mean says. */
const WAITING_PER_PLACE = 20;
/** Below this a client asks again sooner than an answer takes. */
const SHORTEST_RETRY_MS = 100;

/**
 * Lets so many requests in at once and keeps the others in lines, one a key, from which they are taken by turns: a key that asks for more
 * than can be done fills its own line and is sent away, and others wait no longer for it. How long a newcomer would wait is told from the
 * length of its line and the mean stay, so that most are refused when they come, at the cost of a look at a map, and none is worked
 * on whose client has given up. In memory, of one gateway.
 */
export class Turnstile {
  readonly #limits: TurnstileLimits;
  readonly #now: () => number;
  readonly #draw: () => number;
  /** In the order of their turns; none is empty. */
  readonly #lines = new Map<string, Set<Waiter>>();
  #within = 0;
  #waiting = 0;
  #meanStayMs = 0;

  constructor(limits: TurnstileLimits, { now = () => performance.now(), draw = Math.random }: TurnstileOptions = {}) {
    this.#limits = limits;
    this.#now = now;
    this.#draw = draw;
  }

  /** Those that have a place and have not stepped aside. */
  get within(): number {
    return this.#within;
  }

  /** Those that wait for one. */
  get waiting(): number {
    return this.#waiting;
  }

  /** When somebody with this key should come back, in milliseconds, if there is no sense in waiting now; null if there is. */
  refusal(key: string): number | null {
    if (this.#isOpen()) return null;
    const wait = this.#waitOf(key);
    const full = this.#waiting >= WAITING_PER_PLACE * this.#limits.atOnce;
    return wait > this.#limits.waitMs || full ? this.#retryAfter(wait) : null;
  }

  /** A place, perhaps after a wait; or none, at once or when the wait was in vain. Rejects with the signal's reason when nobody waits for the answer any more. */
  enter(key: string, gone: AbortSignal): Promise<Entry> {
    if (gone.aborted) return Promise.reject<Entry>(gone.reason);
    if (this.#isOpen()) return Promise.resolve({ ok: true, place: this.#open() });
    const retryAfterMs = this.refusal(key);
    return retryAfterMs === null ? this.#wait(key, gone) : Promise.resolve({ ok: false, retryAfterMs });
  }

  #isOpen(): boolean {
    return this.#waiting === 0 && this.#within < this.#limits.atOnce;
  }

  /** How long the last one in the line of a key waits: a turn of its line comes after one of each other. */
  #waitOf(key: string): number {
    const mine = this.#lines.get(key)?.size ?? 0;
    const lines = this.#lines.size + (mine === 0 ? 1 : 0);
    return ((mine + 1) * lines * this.#meanStayMs) / this.#limits.atOnce;
  }

  /** After the line, and spread over as long again: those who were refused together do not come back together. */
  #retryAfter(waitMs: number): number {
    return Math.ceil(Math.max(SHORTEST_RETRY_MS, Math.min(waitMs, this.#limits.waitMs)) * (1 + this.#draw()));
  }

  #wait(key: string, gone: AbortSignal): Promise<Entry> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key) ?? new Set<Waiter>();
      this.#lines.set(key, line);
      const out = (): void => {
        clearTimeout(timer);
        gone.removeEventListener('abort', give);
        line.delete(waiter);
        this.#waiting--;
        if (line.size === 0) this.#lines.delete(key);
      };
      const give = (): void => {
        out();
        reject(gone.reason);
      };
      const waiter: Waiter = {
        enter: () => {
          out();
          resolve({ ok: true, place: this.#open() });
        },
      };
      const timer = setTimeout(() => {
        const wait = this.#waitOf(key);
        out();
        resolve({ ok: false, retryAfterMs: this.#retryAfter(wait) });
      }, this.#limits.waitMs);
      gone.addEventListener('abort', give, { once: true });
      line.add(waiter);
      this.#waiting++;
    });
  }

  #open(): Place {
    let since = this.#now();
    let stayed = 0;
    let state: 'in' | 'aside' | 'left' = 'in';
    this.#within++;
    const step = (to: 'aside' | 'left'): void => {
      if (state === 'in') {
        stayed += this.#now() - since;
        this.#within--;
      }
      if (to === 'left') this.#learn(stayed);
      state = to;
      this.#next();
    };
    const back = (): void => {
      // Its time may have run out while it waited.
      if (state !== 'aside') return;
      state = 'in';
      since = this.#now();
      this.#within++;
    };
    return {
      leave: () => (state === 'left' ? undefined : step('left')),
      aside: () => {
        if (state === 'in') step('aside');
        return back;
      },
    };
  }

  #learn(stayMs: number): void {
    this.#meanStayMs += this.#meanStayMs === 0 ? stayMs : (stayMs - this.#meanStayMs) * WEIGHT;
  }

  /** The first of the line whose turn it is; that line then comes after the others. */
  #next(): void {
    if (this.#within >= this.#limits.atOnce) return;
    for (const [key, line] of this.#lines) {
      this.#lines.delete(key);
      this.#lines.set(key, line);
      for (const waiter of line) {
        waiter.enter();
        return;
      }
    }
  }
}
