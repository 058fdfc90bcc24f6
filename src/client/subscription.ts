import { answerOf, type Connection } from './connection.js';
import { ConnectionError, RequestError, type GraphQLFailure } from './errors.js';
import { FrameReader, type EventFrame } from './event-frames.js';
import { Backoff, passing } from './retrying.js';

/** How a subscription begins and ends. */
export interface SubscribeOptions {
  /** The cursor of the last event that was seen: everything after it comes. From now on unless given. */
  readonly after?: string;
  readonly signal?: AbortSignal;
  /** Told whenever the stream is there, and whenever it is gone and asked for again. */
  readonly onState?: (state: 'OPEN' | 'RECONNECTING') => void;
}

/** The gateway gives a sign of life every 12 s; a stream that was silent for longer than this is asked for again, in milliseconds. */
const SILENCE_MS = 30_000;

const NEVER = new AbortController().signal;

/**
 * The results of a subscription, for `for await`. A stream that breaks is asked for again from the cursor, on whatever gateway
 * answers, so every event comes once and in the order of the log. Ends when the caller leaves the loop or the signal aborts.
 * Rejects with RequestError for what does not pass, such as a revoked key. One loop at a time.
 */
export class Subscription<Data> implements AsyncIterable<Data> {
  readonly #connection: Connection;
  readonly #text: Promise<string>;
  readonly #variables: object;
  readonly #options: SubscribeOptions;
  #cursor: string | null;

  constructor(connection: Connection, text: Promise<string>, variables: object, options: SubscribeOptions) {
    this.#connection = connection;
    this.#text = text;
    this.#variables = variables;
    this.#options = options;
    this.#cursor = options.after ?? null;
  }

  /** Where the subscription stands: everything up to here was delivered. Null before it began. */
  get cursor(): string | null {
    return this.#cursor;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Data, void, undefined> {
    const { signal = NEVER, onState = () => undefined } = this.#options;
    const backoff = new Backoff({ ...this.#connection.retry, attempts: Number.POSITIVE_INFINITY });
    const leaving = new AbortController();
    const ending = AbortSignal.any([leaving.signal, signal]);
    try {
      for (;;) {
        try {
          for await (const frame of this.#stream(ending, onState)) {
            backoff.reset();
            if (frame.event === 'complete') return;
            if (frame.event === 'next') yield this.#result(frame);
          }
        } catch (error) {
          if (signal.aborted) return;
          await this.#recovered(error, backoff, signal, onState);
          if (signal.aborted) return;
        }
      }
    } finally {
      leaving.abort();
    }
  }

  /** Waits before the stream is asked for again. Rejects with what does not pass. */
  async #recovered(failure: unknown, backoff: Backoff, signal: AbortSignal, onState: (state: 'RECONNECTING') => void): Promise<void> {
    const askedMs = passing(failure);
    if (askedMs === null) throw failure;
    onState('RECONNECTING');
    await backoff.wait(askedMs, signal).catch(() => undefined);
  }

  /** The frames of one connection. Rejects when it breaks: it never ends well without `complete`. */
  async *#stream(signal: AbortSignal, onState: (state: 'OPEN') => void): AsyncGenerator<EventFrame> {
    const watch = new Watch(signal);
    try {
      // Known before the stream is asked for, so that what happens until it is there is not missed.
      this.#cursor ??= await this.#now(signal);
      const response = await this.#connection.send(await this.#text, this.#variables, { accept: 'text/event-stream', 'last-event-id': this.#cursor }, watch.signal);
      if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream') || response.body === null) {
        throw new RequestError(response.status, (await answerOf(response, signal)).errors ?? [], null);
      }
      onState('OPEN');
      const frames = new FrameReader();
      const decoder = new TextDecoder();
      for await (const piece of piecesOf(response.body)) {
        watch.heard();
        for (const frame of frames.read(decoder.decode(piece, { stream: true }))) {
          this.#cursor = frame.id ?? this.#cursor;
          yield frame;
        }
      }
      throw new ConnectionError('the stream broke off');
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof RequestError ? cause : new ConnectionError('the stream broke off', { cause });
    } finally {
      watch.end();
    }
  }

  #result(frame: EventFrame): Data {
    const { data, errors }: { readonly data?: Data | null; readonly errors?: readonly GraphQLFailure[] } = JSON.parse(frame.data);
    if (errors === undefined && data !== undefined && data !== null) return data;
    this.#cursor = errors?.[0]?.extensions?.cursor ?? this.#cursor;
    throw new RequestError(200, errors ?? [], data ?? null);
  }

  async #now(signal: AbortSignal): Promise<string> {
    const answer = await this.#connection.run('{ eventCursor }', {}, { signal });
    if (typeof answer === 'object' && answer !== null && 'eventCursor' in answer && typeof answer.eventCursor === 'string') return answer.eventCursor;
    throw new RequestError(200, [], answer);
  }
}

/** Ends a connection that has been silent for too long. */
class Watch {
  readonly #silence = new AbortController();
  readonly signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout>;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#silence.signal]);
    this.#timer = this.#armed();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#armed();
  }

  /** Ends the connection as well, if it is still there. */
  end(): void {
    clearTimeout(this.#timer);
    this.#silence.abort();
  }

  #armed(): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#silence.abort(), SILENCE_MS);
  }
}

/** By hand: some browsers cannot iterate over a stream. */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
