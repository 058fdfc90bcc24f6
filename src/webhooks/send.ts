import { request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Attempt } from '../domain/ports/webhooks.js';
import { bareHost, type WebhookDestinations } from '../domain/webhook.js';
import { resolveHost, type Resolve, type ResolvedAddress } from '../shared/resolve-host.js';
import { errorCode } from '../shared/start-refused.js';

/** What an attempt is made with. */
export interface Sending {
  readonly destinations: WebhookDestinations;
  /** The longest that an attempt may take in all, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends an attempt that is under way. */
  readonly signal: AbortSignal;
  readonly resolve?: Resolve;
  /** Of several addresses each attempt takes the next. */
  readonly turn?: number;
}

/** How an attempt went; taken only with a status from 200 to 299. */
export interface Sent extends Attempt {
  readonly taken: boolean;
  /** True where the receiver wants no more, ever: 410 Gone. */
  readonly gone: boolean;
  /** How long the receiver asks to be left alone, in milliseconds. */
  readonly waitMs: number | null;
}

/** Of an answer's body this much is read, in bytes and in milliseconds, so that the connection ends in order; none of it is kept, and none of it counts. */
const BODY_BYTES = 64 * 1024;
const BODY_MS = 1_000;
/** Of an answer's headers. */
const HEADER_BYTES = 16 * 1024;
/** The share of the time after which a connection must stand. */
const CONNECT_SHARE = 1 / 3;

/** Why an attempt failed before there was an answer; a sentence for the log of deliveries. */
class Unsent extends Error {
  override readonly name = 'Unsent';
}

/**
 * Makes one attempt: a POST of `body` as JSON. Never rejects. The name is resolved here, every address that it has is judged, and the
 * connection goes to the very address that was judged: a name that leads elsewhere a moment later changes nothing. No redirect is followed, no proxy
 * asked, no connection kept.
 */
export async function send(url: string, headers: Readonly<Record<string, string>>, body: string, sending: Sending): Promise<Sent> {
  const started = performance.now();
  const took = (): number => performance.now() - started;
  const deadline = AbortSignal.any([sending.signal, AbortSignal.timeout(sending.timeoutMs)]);
  try {
    const target = new URL(url);
    const address = await orAborted(addressOf(target, sending), deadline);
    const response = await exchange(target, address, { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), 'user-agent': 'weir-webhooks' }, body, deadline, sending);
    const status = response.statusCode ?? 0;
    const taken = status >= 200 && status <= 299;
    return { taken, gone: status === 410, status, note: taken ? null : refusal(status), durationMs: took(), waitMs: retryAfter(response.headers['retry-after']) };
  } catch (error) {
    const note = error instanceof Unsent ? error.message : sentence(error, sending, deadline);
    return { taken: false, gone: false, status: null, note, durationMs: took(), waitMs: null };
  }
}

/** The address to connect to. Rejects with {@link Unsent} where the name has none, or one that may not be reached. */
async function addressOf(target: URL, { destinations, resolve = resolveHost, turn = 0 }: Sending): Promise<ResolvedAddress> {
  if (target.protocol === 'http:' && !destinations.http) throw new Unsent('Events are sent over https alone.');
  const host = bareHost(target.hostname);
  const version = isIP(host);
  const addresses = version === 0 ? await resolve(host) : [{ address: host, family: version }];
  const chosen = addresses[turn % addresses.length];
  if (chosen === undefined) throw new Unsent('The name of the host has no address.');
  // One of several is enough: which of them is used is for the owner of the name to steer.
  if (addresses.some(({ address }) => destinations.isRefused(address))) throw new Unsent('The host is within a network that webhooks may not reach.');
  return chosen;
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Unsent('The time was up before the name of the host was resolved.'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function exchange(target: URL, address: ResolvedAddress, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal, { destinations, timeoutMs }: Sending): Promise<IncomingMessage> {
  const isSecure = target.protocol === 'https:';
  const host = bareHost(target.hostname);
  const options: RequestOptions = {
    method: 'POST',
    host: address.address,
    family: address.family,
    port: target.port === '' ? (isSecure ? 443 : 80) : Number(target.port),
    path: `${target.pathname}${target.search}`,
    headers: { ...headers, host: target.host },
    agent: false,
    maxHeaderSize: HEADER_BYTES,
    signal,
    // The certificate is judged by the name, whatever the address.
    ...(isSecure ? { servername: isIP(host) === 0 ? host : '' } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)(options, (response) => {
      finish(response);
      resolve(response);
    });
    // Once there is a status, a connection that breaks takes nothing back.
    request.on('error', reject);
    guard(request, destinations, timeoutMs * CONNECT_SHARE);
    request.end(body);
  });
}

/** Ends a request whose connection does not stand in time, or stands with somebody else than was meant. */
function guard(request: ClientRequest, destinations: WebhookDestinations, connectMs: number): void {
  const timer = setTimeout(() => request.destroy(new Unsent('The host did not accept a connection in time.')), connectMs);
  request.once('close', () => clearTimeout(timer));
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      clearTimeout(timer);
      if (destinations.isRefused(socket.remoteAddress ?? '')) request.destroy(new Unsent('The connection led to a network that webhooks may not reach.'));
    });
  });
}

/** Reads the rest of an answer, as far as it is short. */
function finish(response: IncomingMessage): void {
  let read = 0;
  const timer = setTimeout(() => response.destroy(), BODY_MS).unref();
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > BODY_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  response.once('close', () => clearTimeout(timer));
}

function refusal(status: number): string {
  return status >= 300 && status <= 399 ? `The receiver answered with a redirect (${status}), and redirects are not followed.` : `The receiver answered ${status}.`;
}

/** Seconds, or a date, as RFC 9110, section 10.2.3, has it. */
function retryAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/u.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function sentence(error: unknown, { signal }: Sending, deadline: AbortSignal): string {
  if (signal.aborted) return 'The gateway was stopped while it waited for an answer.';
  if (deadline.aborted) return 'The receiver did not answer in time.';
  const code = errorCode(error);
  if (code === 'ETIMEOUT' || code === 'ESERVFAIL' || code === 'EREFUSED') return 'The name of the host could not be resolved.';
  if (code === 'ECONNREFUSED') return 'The host refused the connection.';
  return code === undefined ? 'The connection failed.' : `The connection failed (${code}).`;
}
