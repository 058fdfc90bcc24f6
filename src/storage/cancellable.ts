import { queriesOver, type Queries, type Send } from './sending.js';

/** Queries that are kept for the next request: more than run at once on a pool of the usual size. */
const KEPT = 64;

/** Queries whose statements end with a signal, for as long as they are lent. */
interface Lent {
  readonly queries: Queries;
  signal: AbortSignal | null;
}

/**
 * Typed queries that end with a request. They are lent and taken back, not made anew: what is built once for each of them
 * (see {@link import('./prepared.js').prepared}) would otherwise be built for each request.
 */
export class CancellableQueries {
  readonly #send: Send;
  readonly #free: Lent[] = [];

  constructor(send: Send) {
    this.#send = send;
  }

  /** Runs statements until the signal is aborted: what is under way then is cancelled on the server, and rejects with the signal's reason. */
  async run<T>(signal: AbortSignal, work: (queries: Queries) => Promise<T>): Promise<T> {
    const lent = this.#free.pop() ?? this.#made();
    lent.signal = signal;
    // What fails may have statements still to come, which must not end with somebody else's request: it is not taken back.
    const answer = await work(lent.queries);
    lent.signal = null;
    if (this.#free.length < KEPT) this.#free.push(lent);
    return answer;
  }

  #made(): Lent {
    const lent: Lent = { queries: queriesOver((statement, parameters, asArrays) => this.#send(statement, parameters, asArrays, lent.signal)), signal: null };
    return lent;
  }
}
