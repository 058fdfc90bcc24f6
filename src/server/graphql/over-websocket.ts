import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, getOperationAST, GraphQLError } from 'graphql';
import { CloseCode, type Context, handleProtocols, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Credentials } from '../../auth/authenticate.js';
import type { Log } from '../../operations/gateway.js';
import { bearerKey, type Door } from '../access/admission.js';
import type { ClientAddresses } from '../access/client-address.js';
import { openExchange } from '../http/exchange.js';
import type { ErrorCode, Refusal } from '../http/responses.js';
import type { ServerSettings } from '../settings.js';
import { bodyRefusal } from './body-limits.js';
import type { Documents } from './documents.js';
import type { Turnstile } from '../access/turnstile.js';
import { formatted, withoutHttp } from './formatted.js';
import { resultInTurn } from './in-turn.js';
import { maskError } from './mask-errors.js';
import type { Caller, Runner } from './run.js';
import { mayConnect } from './websocket-origin.js';

/** Operations that may be open on one socket at a time. */
const OPERATIONS_PER_SOCKET = 100;
/** A client that opens a socket and says nothing. */
const HELLO_MS = 5_000;
/** Between two pings; a peer that answered none of them by the next is gone. Shorter than the idle limits of proxies. */
const PING_MS = 20_000;
/** A close frame holds 123 bytes of reason (RFC 6455, 5.5). */
const REASON_BYTES = 123;

/** What the edge knows of one socket. */
interface Peer {
  readonly socket: WebSocket;
  readonly handshake: IncomingMessage;
  readonly gone: AbortController;
  credentials: Credentials | null;
  /** The id of the key that opened it, once it has. */
  keyId: string | null;
  /** Operations between their begin and their last word. */
  running: number;
  idle: () => void;
}

type Parameters = Record<string, unknown> | undefined;

/** What the sockets need of the rest of the edge. */
export interface WebSocketOptions {
  readonly documents: Documents;
  readonly runner: Runner;
  readonly door: Door;
  readonly addresses: ClientAddresses;
  readonly settings: ServerSettings;
  readonly log: Log;
  readonly turnstile: Turnstile;
  /** Told of each operation for which there was no place. */
  readonly crowded: () => void;
}

/**
 * GraphQL over WebSockets (graphql-transport-ws) at `/graphql`. The key comes in `connectionParams.authorization` or in the handshake's
 * header; it is looked at again for each operation, so that a revoked one is refused on open sockets too. Results wait for a slow reader
 * in the log, not in memory: the next one is read when the last has been sent.
 */
export class GraphqlOverWebSocket {
  readonly #options: WebSocketOptions;
  readonly #sockets: WebSocketServer;
  readonly #protocol: Server<Peer>;
  readonly #peers = new Set<Peer>();
  readonly #callers = new WeakMap<object, Caller>();
  #closing = false;

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: options.settings.limits.requestBytes, perMessageDeflate: false, handleProtocols });
    this.#protocol = makeServer<Record<string, unknown>, Peer>({
      connectionInitWaitTimeout: HELLO_MS,
      onConnect: (context) => this.#connect(context),
      onSubscribe: (context, _id, payload) => this.#begin(context, payload),
      onNext: (_context, _id, _payload, _args, result) => formatted(result),
      onError: (_context, _id, _payload, errors) => errors.map(withoutHttp),
      onComplete: ({ extra }) => finished(extra),
      execute: (args) => resultInTurn(this.#callerOf(args), options.turnstile, options.crowded, (caller) => options.runner.execute(args, caller)),
      // Not in turn: a socket and a key have so many subscriptions and no more, and one that is refused is an event stream that is silent.
      subscribe: (args) => options.runner.subscribe(args, this.#callerOf(args)),
    });
  }

  /** Sockets that are open. */
  get size(): number {
    return this.#peers.size;
  }

  /** Takes over the socket of a handshake, or ends it with a status. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/graphql') return refuseHandshake(socket, '404 Not Found');
    if (this.#closing) return refuseHandshake(socket, '503 Service Unavailable');
    if (!mayConnect(request.headers, this.#options.settings)) return refuseHandshake(socket, '403 Forbidden');
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, request));
  }

  /**
   * Closes every socket once its operations have had their last word: to be called when subscriptions have been ended. New operations
   * are refused from here on.
   */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#peers].map(async (peer) => {
      if (peer.running > 0) await new Promise<void>((resolve) => { peer.idle = resolve; });
      // The word `complete` is sent right after the operation counts as finished.
      await new Promise((resolve) => { setImmediate(resolve); });
      peer.socket.close(1001, 'The server is stopping; connect again.');
    }));
  }

  #open(socket: WebSocket, handshake: IncomingMessage): void {
    const peer: Peer = { socket, handshake, gone: new AbortController(), credentials: null, keyId: null, running: 0, idle: () => undefined };
    // Each of its operations listens for its end.
    setMaxListeners(OPERATIONS_PER_SOCKET + 1, peer.gone.signal);
    this.#peers.add(peer);
    const pings = keepAlive(socket);
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) resolve();
          else socket.send(text, (error) => (error ? reject(error) : resolve()));
        }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => {
          socket.on('message', (data) => {
            const bytes = bytesOf(data);
            if (bodyRefusal(bytes, 2, this.#options.settings.limits.changesPerCheckpoint) !== null) socket.close(CloseCode.BadRequest, 'The message holds too much.');
            else receive(bytes.toString('utf8')).catch((error: unknown) => this.#failed(peer, error));
          });
        },
      },
      peer,
    );
    socket.on('error', () => socket.terminate());
    socket.once('close', (code, reason) => {
      clearInterval(pings);
      this.#peers.delete(peer);
      peer.gone.abort();
      peer.idle();
      closed(code, reason.toString('utf8')).catch((error: unknown) => this.#failed(peer, error));
    });
  }

  #addressOf(handshake: IncomingMessage): string {
    return this.#options.addresses.of(handshake.socket.remoteAddress ?? 'unknown', header(handshake, 'x-forwarded-for'));
  }

  async #connect({ connectionParams, extra }: Context<Parameters, Peer>): Promise<boolean> {
    const { handshake, socket } = extra;
    const credentials = {
      key: bearerKey(parameter(connectionParams, 'authorization') ?? handshake.headers.authorization ?? null),
      actor: parameter(connectionParams, 'weir-actor') ?? header(handshake, 'weir-actor'),
    };
    const admission = await this.#options.door.admit(credentials, this.#addressOf(handshake));
    const refusal = admission.ok ? this.#crowded(admission.viewer.key.id) : admission.refusal;
    if (refusal === null) {
      extra.credentials = credentials;
      extra.keyId = admission.ok ? admission.viewer.key.id : null;
      return true;
    }
    const { code, message } = refusal;
    socket.close(CLOSE_CODES.get(code) ?? CloseCode.InternalServerError, Buffer.from(message).subarray(0, REASON_BYTES).toString('utf8').replace(/\u{fffd}$/u, ''));
    return false;
  }

  #crowded(keyId: string): Refusal | null {
    const { socketsPerKey } = this.#options.settings.limits;
    let open = 0;
    for (const peer of this.#peers) if (peer.keyId === keyId) open += 1;
    return open < socketsPerKey ? null : { code: 'RATE_LIMITED', message: `This key has ${open} WebSockets open, as many as it may.` };
  }

  async #begin(context: Context<Parameters, Peer>, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { extra: peer } = context;
    const { documents, door, log } = this.#options;
    if (this.#closing) return [requestError('UNAVAILABLE', 'The server is stopping; connect again in a moment.')];
    if (Object.keys(context.subscriptions).length > OPERATIONS_PER_SOCKET) {
      return [requestError('RATE_LIMITED', `A socket carries at most ${OPERATIONS_PER_SOCKET} operations at a time.`)];
    }
    const admission = await door.admit(peer.credentials ?? { key: null, actor: null }, this.#addressOf(peer.handshake));
    if (!admission.ok) return [requestError(admission.refusal.code, admission.refusal.message)];
    const { requestId } = openExchange(new Request('http://localhost/graphql'));
    try {
      const document = documents.parse(payload.query);
      const errors = documents.validate(document);
      if (errors.length > 0) return errors;
      if (!getOperationAST(document, payload.operationName)) return [requestError('GRAPHQL_VALIDATION_FAILED', 'Could not determine what operation to execute.')];
      const args: ExecutionArgs = { schema: documents.schema, document, operationName: payload.operationName ?? null, variableValues: payload.variables ?? null };
      this.#callers.set(args, { viewer: admission.viewer, requestId, gone: peer.gone.signal });
      peer.running += 1;
      return args;
    } catch (error) {
      return [maskError(error, log, requestId)];
    }
  }

  #callerOf(args: ExecutionArgs): Caller {
    const caller = this.#callers.get(args);
    if (caller === undefined) throw new GraphQLError('The operation has no caller.');
    return caller;
  }

  #failed(peer: Peer, error: unknown): void {
    if (peer.gone.signal.aborted) return;
    this.#options.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a message of a WebSocket could not be handled');
    peer.socket.close(CloseCode.InternalServerError, 'Something went wrong on this server.');
  }
}

/** 4401 and 4429 end a client of graphql-ws for good, 4403 and 4500 let it try again. */
const CLOSE_CODES: ReadonlyMap<ErrorCode, number> = new Map<ErrorCode, number>([
  ['UNAUTHENTICATED', CloseCode.Unauthorized],
  ['FORBIDDEN', CloseCode.Forbidden],
  ['RATE_LIMITED', CloseCode.Forbidden],
  ['UNAVAILABLE', 1013],
]);

function requestError(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function finished(peer: Peer): void {
  peer.running -= 1;
  if (peer.running <= 0) peer.idle();
}

function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => { answered = true; });
  return setInterval(() => {
    if (!answered) socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, PING_MS);
}

function refuseHandshake(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}

function parameter(parameters: Parameters, name: string): string | null {
  for (const [given, value] of Object.entries(parameters ?? {})) if (given.toLowerCase() === name && typeof value === 'string') return value;
  return null;
}

function header({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : null;
}

