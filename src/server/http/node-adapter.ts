import { once, setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connection } from './exchange.js';

/** Bodies up to this size are read before the request is handed on: a web stream for each would cost more than reading them. */
export const READ_AHEAD_BYTES = 64 << 10;

/** Why an answer is no longer wanted. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('the client has gone');
  }
}

/** Answers a request of Node's server through a `fetch`-shaped handler. Never rejects; what fails after the headers cuts the connection. */
export async function answer(incoming: IncomingMessage, outgoing: ServerResponse, handle: (request: Request, connection: Connection) => Promise<Response>): Promise<void> {
  const gone = new AbortController();
  // Each statement of a route that is under way listens for it.
  setMaxListeners(0, gone.signal);
  const body = { bytes: 0 };
  const sent = new Promise<number>((resolve) => {
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(new ClientGone());
      resolve(body.bytes);
    });
  });
  try {
    const request = await toRequest(incoming);
    if (request === null) {
      outgoing.writeHead(400, { connection: 'close' }).end();
      return;
    }
    await send(await handle(request, { address: incoming.socket.remoteAddress ?? 'unknown', gone: gone.signal, sent }), outgoing, body);
  } catch {
    outgoing.destroy();
  }
}

/** The request as `fetch` has it; null when its address or method cannot be. Only path and query of the address mean anything here. */
async function toRequest(incoming: IncomingMessage): Promise<Request | null> {
  const { method = 'GET', url = '/' } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '');
  const body = method === 'GET' || method === 'HEAD' ? undefined : await bodyOf(incoming);
  try {
    const address = `http://localhost${url.startsWith('/') ? url : pathOf(url)}`;
    if (body === undefined) return new Request(address, { method, headers });
    // `duplex` is required for streams (Fetch standard) and unknown to the types of the DOM.
    const init = { method, headers, body, duplex: 'half' };
    return new Request(address, init);
  } catch {
    return null;
  }
}

/** From a proxy's absolute form (RFC 9112, 3.2.2). */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined> {
  const length = incoming.headers['content-length'];
  if (length === undefined && incoming.headers['transfer-encoding'] === undefined) return undefined;
  if (length === undefined || Number(length) > READ_AHEAD_BYTES) return streamOf(incoming);
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The body, pulled chunk by chunk. Giving it up leaves the socket open: the answer still has to go out, and Node discards the rest. */
function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await nextOf(chunks);
        if (next.done === true) controller.close();
        else if (next.value instanceof Uint8Array) controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A body breaks off where its client hangs up or is cut: that is no fault of this side. */
async function nextOf(chunks: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> {
  try {
    return await chunks.next();
  } catch {
    throw new ClientGone();
  }
}

/** Whole results go out with their length; everything else is streamed at the pace of its reader. */
async function send(response: Response, outgoing: ServerResponse, body: { bytes: number }): Promise<void> {
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  outgoing.statusCode = response.status;
  if (response.body === null) {
    outgoing.end();
    return;
  }
  if (/^application\/(?:graphql-response\+)?json/u.test(response.headers.get('content-type') ?? '')) {
    const whole = Buffer.from(await response.arrayBuffer());
    outgoing.setHeader('content-length', whole.length);
    body.bytes = whole.length;
    outgoing.end(whole);
    return;
  }
  await stream(response.body, outgoing, body);
}

async function stream(content: NonNullable<Response['body']>, outgoing: ServerResponse, body: { bytes: number }): Promise<void> {
  const reader = content.getReader();
  const closed = new AbortController();
  outgoing.once('close', () => {
    closed.abort();
    reader.cancel().catch(() => undefined);
  });
  // A body that is given up while its reader stalls cuts the connection.
  reader.closed.catch(() => closed.abort());
  outgoing.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (closed.signal.aborted) return;
    body.bytes += value.byteLength;
    if (!outgoing.write(value)) await once(outgoing, 'drain', { signal: closed.signal });
  }
  outgoing.end();
}
