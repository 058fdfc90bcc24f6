import type { ExecutionResult } from 'graphql';
import { ClientGone } from '../http/node-adapter.js';
import { formatted } from './formatted.js';
import type { Results } from './results.js';

/** Between two signs of life, in milliseconds: shorter than the idle limits of proxies. */
const HEARTBEAT_MS = 12_000;

/** How long a stream that the server has ended may take to say so, in milliseconds; whoever does not read is cut off then. */
const LAST_WORD_MS = 500;

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive', 'content-encoding': 'none', 'x-accel-buffering': 'no' };

const ENCODER = new TextEncoder();

/**
 * A subscription as server-sent events (HTML standard, 9.2; graphql-sse, distinct connections): `next` for each result and
 * `complete` at the end, each with the cursor as its `id:`, which an EventSource sends as `Last-Event-ID` when it comes again.
 * Heartbeats carry the cursor too where it has moved on over events that the filter leaves out.
 *
 * Nothing is read ahead: the next result is asked for when the last was taken.
 */
export function eventStream(results: Results): Response {
  return new Response(new ReadableStream<Uint8Array>(new EventSourceBody(results), { highWaterMark: 1 }), { headers: HEADERS });
}

interface Frame {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** By result: one that many subscribers are told is written out once, and its bytes wait in all their sockets. */
const frames = new WeakMap<ExecutionResult, Frame>();

function frameOf(result: ExecutionResult, id: string): Uint8Array {
  const known = frames.get(result);
  if (known?.id === id) return known.bytes;
  const bytes = ENCODER.encode(`event: next\n${id}data: ${JSON.stringify(formatted(result))}\n\n`);
  frames.set(result, { id, bytes });
  return bytes;
}

class EventSourceBody implements UnderlyingDefaultSource<Uint8Array> {
  readonly #results: Results;
  #heartbeat: NodeJS.Timeout | null = null;
  #sent: string | null = null;
  #cutOff: () => void = () => undefined;

  constructor(results: Results) {
    this.#results = results;
  }

  /** Begins with a comment: some browsers and proxies hold the headers back until something follows them. */
  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    controller.enqueue(ENCODER.encode(':\n\n'));
    this.#heartbeat = setInterval(() => {
      // A full queue is its own sign of life, or a client that does not read.
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(ENCODER.encode(`${this.#moved()}:\n\n`));
    }, HEARTBEAT_MS);
    this.#cutOff = () => {
      setTimeout(() => {
        if (this.#heartbeat === null) return;
        this.#stop();
        controller.error(new ClientGone());
        void this.#results.return(undefined);
      }, LAST_WORD_MS).unref();
    };
    this.#results.ended.addEventListener('abort', this.#cutOff, { once: true });
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const next = await this.#results.next();
    if (this.#heartbeat === null) return;
    if (next.done !== true) {
      controller.enqueue(frameOf(next.value, this.#moved()));
      return;
    }
    controller.enqueue(ENCODER.encode(`event: complete\n${this.#moved()}data:\n\n`));
    this.#stop();
    controller.close();
  }

  async cancel(): Promise<void> {
    this.#stop();
    await this.#results.return(undefined);
  }

  /** The line with the cursor where that is another than the client has. */
  #moved(): string {
    const cursor = this.#results.cursor();
    if (cursor === null || cursor === this.#sent) return '';
    this.#sent = cursor;
    return `id: ${cursor}\n`;
  }

  #stop(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#heartbeat = null;
    this.#results.ended.removeEventListener('abort', this.#cutOff);
  }
}
