import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartRefused, errorCode } from '../shared/start-refused.js';

/** What answers requests, whatever it is made of. */
export interface HttpEdge {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** True: the route itself sees to how slowly the body of a request to this address may come, however long that takes. */
  pacesBody?(path: string): boolean;
  /** Takes over the socket of a WebSocket handshake. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends what would never end by itself (subscriptions), telling its clients that they may come again. Called once, when draining begins. */
  endSubscriptions(): Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The longest time for a whole request, in milliseconds; five minutes unless given. */
  readonly requestMs?: number;
}

/** An edge that is reachable. */
export interface Listening {
  /** The address for clients on this machine, `http://host:port`. */
  readonly url: string;
  /**
   * Stops accepting, ends subscriptions, lets open requests finish for up to `patienceMs` and then cuts what is left.
   * Answers how many connections had to be cut. Idempotent.
   */
  drain(patienceMs: number): Promise<number>;
}

/** A client that sends its headers slower than this holds a connection for nothing (slow loris). */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often such are looked for: Node itself does it every 30 s, and would let them stay for 40. */
const LOOK_MS = 1_000;
/** Longest time for a whole request, but for those that have a pace of their own: 100 MB at 350 kB/s. */
const REQUEST_TIMEOUT_MS = 300_000;
/** Longer than the usual 60 s of proxies, so that it is never this side that closes a connection which a proxy is about to use. */
const KEEP_ALIVE_MS = 65_000;

/** Listens. @throws StartRefused with a sentence when the port is taken or the address is not this machine's. */
export async function listen(edge: HttpEdge, { host, port, requestMs = REQUEST_TIMEOUT_MS }: ListenOptions): Promise<Listening> {
  const connections = new Set<Duplex>();
  let draining: Promise<number> | undefined;
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: LOOK_MS, requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    // A kept-alive connection would otherwise bring its next request to a server that has stopped accepting.
    if (draining !== undefined) response.setHeader('connection', 'close');
    // One that was under way when draining began has promised to keep its connection.
    response.once('close', () => {
      if (draining !== undefined) setImmediate(() => server.closeIdleConnections());
    });
    limitRequest(request, response, requestMs, edge.pacesBody?.(request.url ?? '') === true);
    edge.handle(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (draining === undefined) edge.upgrade(request, socket, head);
    else socket.destroy();
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await bind(server, host, port);
  return {
    url: urlOf(server.address(), host, port),
    drain(patienceMs) {
      draining ??= drainServer(server, edge, connections, patienceMs);
      return draining;
    },
  };
}

/** Cuts a request whose body has not come in time; one with a pace of its own from the moment on when it is answered, and nobody reads the rest. */
function limitRequest(request: IncomingMessage, response: ServerResponse, requestMs: number, isPaced: boolean): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const { socket } = request;
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('close', stop);
  };
  const start = (): void => {
    if (request.complete) return;
    timer = setTimeout(() => {
      if (request.complete) return;
      if (!response.headersSent) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
      socket.destroySoon();
    }, requestMs).unref();
    socket.once('close', stop);
    request.once('end', stop);
  };
  if (isPaced) response.once('finish', start);
  else start();
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const sentence = bindSentence(errorCode(error), host, port);
      reject(sentence === undefined ? error : new StartRefused(sentence, { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
}

function bindSentence(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program, perhaps by another Weir. Stop that, or choose another port with PORT.`;
    case 'EACCES':
      return `This account may not listen on port ${port}; ports below 1024 often belong to root. Choose another with PORT.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return `${host} is no address of this machine. Correct HOST: 127.0.0.1 for this machine only, 0.0.0.0 for every network.`;
    default:
      return undefined;
  }
}

async function drainServer(server: Server, edge: HttpEdge, connections: ReadonlySet<Duplex>, patienceMs: number): Promise<number> {
  const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
  server.closeIdleConnections();
  const patience = new Promise<void>((resolve) => { setTimeout(resolve, patienceMs).unref(); });
  const finished = (async () => {
    await edge.endSubscriptions();
    await Promise.all([closed, allClosed(connections)]);
  })();
  await Promise.race([finished, patience]);
  // A socket counts as closed before it says so.
  const left = [...connections].filter((socket) => !socket.destroyed);
  for (const socket of left) socket.destroy();
  await closed;
  return left.length;
}

/** The server itself does not wait for sockets that became WebSockets. */
async function allClosed(connections: ReadonlySet<Duplex>): Promise<void> {
  await Promise.all([...connections].map((socket) => new Promise<void>((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', resolve);
  })));
}

function urlOf(address: AddressInfo | string | null, host: string, port: number): string {
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${actual}`;
}
