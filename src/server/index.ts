import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { schema } from '../../schema/index.js';
import type { Viewer } from '../auth/viewer.js';
import type { Gateway, Log } from '../operations/gateway.js';
import { isAllowed } from '../operations/reading/allowed.js';
import { Door, type FailedAuthentication } from './access/admission.js';
import { ClientAddresses } from './access/client-address.js';
import { TokenBuckets } from './access/token-buckets.js';
import { Turnstile } from './access/turnstile.js';
import { answerArchive } from './files/archive.js';
import { answerBlobs, uploadRoom } from './files/blobs.js';
import { answerRaw } from './files/raw.js';
import { operationRequest } from './files/route.js';
import { gitKeyed } from './git/git-keyed.js';
import { answerGit } from './git/transport.js';
import { Documents } from './graphql/documents.js';
import { inTurn, turnedAway } from './graphql/in-turn.js';
import { maskError } from './graphql/mask-errors.js';
import { graphqlOverHttp } from './graphql/over-http.js';
import { GraphqlOverWebSocket } from './graphql/over-websocket.js';
import { Runner } from './graphql/run.js';
import { Subscriptions } from './graphql/subscriptions.js';
import { BodyRoom } from './http/body-room.js';
import { dress, preflight } from './http/dress.js';
import { openExchange, type Connection, type Exchange } from './http/exchange.js';
import { answer } from './http/node-adapter.js';
import { noSuchRoute, refuse } from './http/responses.js';
import { colouringScript, reviewPage } from './pages/review-page.js';
import { graphiqlPage } from './pages/graphiql.js';
import { pageRoute, scriptRoute } from './pages/static-page.js';
import { type Answer, findRoute, keyed, type KeyedAnswer, only, type Routes } from './routes.js';
import type { ServerSettings } from './settings.js';
import { AccessLog, openNotes } from './http/access-log.js';
import { traced } from './http/traced.js';
import { answerLive, answerReady } from './status/health.js';
import { Metrics } from './status/metrics.js';

/** What the edge is built around. */
export interface ServerOptions {
  readonly gateway: Gateway;
  readonly settings: ServerSettings;
  /** Resolves to true while requests can be served; rejecting counts as false. */
  readonly ready: () => Promise<boolean>;
}

/** The HTTP edge of a gateway, without a port: whoever listens hands requests and sockets in. */
export interface GatewayServer {
  /** Answers a request; never rejects. */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /** Answers a request of Node's server. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** True where the route at this address sees itself to how slowly a body may come: pushes, which may take hours. */
  pacesBody(path: string): boolean;
  /** Takes over the socket of a WebSocket handshake. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A delivery to a webhook was tried, with this result; for the metrics. */
  delivered(result: string): void;
  /** Ends every subscription with its protocol's word for complete, and each WebSocket when its operations are done. New ones are refused, `ready` turns false. */
  endSubscriptions(): Promise<void>;
}

/** Makes the edge over the public schema. */
export function createServer({ gateway, settings, ready }: ServerOptions): GatewayServer {
  const { log } = gateway;
  let stopping = false;
  const addresses = new ClientAddresses(settings.trustedProxies);
  const subscriptions = new Subscriptions({ perKey: settings.limits.subscriptionsPerKey, liveKey: (keyId) => gateway.storage.liveKey(keyId) });
  const metrics = new Metrics(settings.metricsRepos);
  const door = new Door(gateway.storage, settings.limits, { failed: (failure) => noteFailure(metrics, log, failure) });
  const access = new AccessLog(settings.accessLog ? log : null);
  gateway.waits.listen((wait) => metrics.waited(wait));
  gateway.mirrors.listen((result, seconds) => metrics.mirrorPushed(result, seconds));
  const documents = new Documents(schema, { queryDepth: settings.limits.queryDepth, introspection: settings.introspection });
  const runner = new Runner({ schema, gateway, subscriptions, mutations: new TokenBuckets(settings.limits.mutationsPerMinute), metrics, access, introspection: settings.introspection });
  const turnstile = new Turnstile(settings.limits);
  const { atOnce, requestBytes } = settings.limits;
  // Each of those that are worked on may have the longest.
  const bodies = new BodyRoom(atOnce * requestBytes);
  const webSockets = new GraphqlOverWebSocket({ documents, runner, door, addresses, settings, log, turnstile, crowded: () => metrics.refused('BUSY') });
  metrics.watch('weir_subscriptions_open', 'Open subscriptions, over SSE and WebSockets.', () => subscriptions.size);
  metrics.watch('weir_disk_free_bytes', 'Bytes that are free on the disk of the objects.', () => gateway.disk.freeBytes);
  metrics.watch('weir_writes_stopped', '1 while writes are refused for want of room on the disk, else 0.', () => (gateway.disk.shortage() === null ? 0 : 1));
  metrics.watch('weir_graphql_operations_running', 'GraphQL operations that are worked on; WEIR_AT_ONCE is the most.', () => turnstile.within);
  metrics.watch('weir_graphql_operations_waiting', 'GraphQL operations that wait to be worked on.', () => turnstile.waiting);
  metrics.watch('weir_websockets_open', 'Open WebSockets.', () => webSockets.size);
  const routes = openRoutes({ gateway, settings, metrics, door, ready: async () => !stopping && (await ready()) }, inTurn(graphqlOverHttp({ documents, runner, log, limits: settings.limits }), { turnstile, bodies, requestBytes, refused: () => metrics.refused('BUSY') }));

  const answerExchange = async (exchange: Exchange): Promise<Response> => {
    const started = performance.now();
    const route = findRoute(routes, exchange.url.pathname);
    const pattern = route?.pattern ?? 'none';
    const response = await traced(gateway.tracing, exchange, pattern, () => answering(route, exchange, log));
    const { requestId, notes, sent, request: { method } } = exchange;
    metrics.request(pattern, method, response.status, (performance.now() - started) / 1000);
    const line = (bytes: number | null): void => access.answered({ requestId, method, route: pattern, status: response.status, milliseconds: performance.now() - started, bytes }, notes);
    if (sent === undefined) line(null);
    else void sent.then(line);
    return response;
  };
  const fetch = async (request: Request, connection?: Connection): Promise<Response> => {
    const exchange = openExchange(request, connection === undefined ? undefined : { ...connection, address: addresses.of(connection.address, request.headers.get('x-forwarded-for')) });
    return dress(preflight(exchange, settings) ?? (await answerExchange(exchange)), exchange, settings);
  };
  return {
    fetch,
    handle(request, response) {
      const away = turnedAway(request, response, turnstile);
      if (away === null) void answer(request, response, fetch);
      else noteTurnedAway(request, away, metrics, access);
    },
    pacesBody: (path) => path.startsWith('/git/') && path.endsWith('/git-receive-pack'),
    upgrade: (request, socket, head) => webSockets.upgrade(request, socket, head),
    delivered: (result) => metrics.delivered(result),
    async endSubscriptions() {
      stopping = true;
      subscriptions.endAll();
      await webSockets.close();
    },
  };
}

/**
 * Counts a failed authentication, and writes wrong keys and actors down: they are no more than the allowances of
 * addresses and keys. What those turned away, and requests without any key, are only counted, or whoever guesses could fill the disk.
 */
function noteFailure(metrics: Metrics, log: Log, { reason, address, keyId }: FailedAuthentication): void {
  metrics.unauthenticated(reason);
  if (reason !== 'MISSING' && reason !== 'LIMITED') log.warn({ reason, address, keyId }, 'a key was refused');
}

/** A request that was turned away before it was read is counted as others are, and leaves a line like theirs. */
function noteTurnedAway({ method = 'GET' }: IncomingMessage, requestId: string, metrics: Metrics, access: AccessLog): void {
  metrics.refused('BUSY');
  metrics.request('/graphql', method, 503, 0);
  access.answered({ requestId, method, route: '/graphql', status: 503, milliseconds: 0, bytes: null }, openNotes());
}

interface Rooms {
  readonly gateway: Gateway;
  readonly settings: ServerSettings;
  readonly metrics: Metrics;
  readonly door: Door;
  readonly ready: () => Promise<boolean>;
}

/** Every address of the server. Whatever is not open to everyone on purpose is keyed. */
function openRoutes({ gateway, settings, metrics, door, ready }: Rooms, graphql: KeyedAnswer): Routes {
  const withKey = (answer: KeyedAnswer): Answer => keyed(door, metrics, answer);
  const reading = ['GET', 'HEAD'];
  const room = uploadRoom(settings.limits.streamedFileBytes);
  const openPages: Routes = settings.graphiql ? [['/graphiql', pageRoute(graphiqlPage)]] : [];
  return [
    ['/graphql', withKey(graphql)],
    ['/raw/*', only(reading, withKey((exchange, viewer, path) => answerRaw(gateway, exchange, viewer, path)))],
    ['/archive/*', only(reading, withKey((exchange, viewer, path) => answerArchive(gateway, exchange, viewer, path)))],
    ['/git/*', gitKeyed(door, metrics, (exchange, viewer, path) => answerGit(gateway, exchange, viewer, path))],
    ['/blobs/*', only(['POST'], withKey((exchange, viewer, repo) => answerBlobs(gateway, room, exchange, viewer, repo)))],
    ['/metrics', only(reading, isOwnMachine(settings.host) ? () => metricsAnswer(metrics) : withKey((exchange, viewer) => auditedMetrics(gateway, metrics, exchange, viewer)))],
    ['/health/live', only(reading, answerLive)],
    ['/health/ready', only(reading, () => answerReady(ready))],
    ['/', pageRoute(reviewPage)],
    ['/colours.js', scriptRoute(colouringScript)],
    ...openPages,
  ];
}

/** Runs a route; what it throws is masked and logged. */
async function answering(route: ReturnType<typeof findRoute>, exchange: Exchange, log: Log): Promise<Response> {
  if (route === null) return noSuchRoute(exchange.url.pathname);
  try {
    return await route.answer(exchange, route.rest);
  } catch (error) {
    const { message, extensions } = maskError(error, log, exchange.requestId);
    const { errorId } = extensions;
    return refuse({ code: 'INTERNAL', message, ...(typeof errorId === 'string' ? { errorId } : {}) });
  }
}

function isOwnMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

async function metricsAnswer(metrics: Metrics): Promise<Response> {
  const { body, contentType } = await metrics.text();
  return new Response(body, { headers: { 'content-type': contentType } });
}

async function auditedMetrics(gateway: Gateway, metrics: Metrics, exchange: Exchange, viewer: Viewer): Promise<Response> {
  if (isAllowed(operationRequest(gateway, exchange, viewer), 'readServerAudit')) return metricsAnswer(metrics);
  return refuse({ code: 'FORBIDDEN', message: 'Metrics need a key with the scope AUDIT.' });
}
