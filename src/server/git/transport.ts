import type { Viewer } from '../../auth/viewer.js';
import { GitBusy, GitFailed } from '../../domain/ports/native-git.js';
import type { RepoRecord } from '../../domain/repo.js';
import { fetchCapabilities, parseCommand, parseLsRefs, renderAdvertisement, renderCapabilities, renderLsRefs, type Service } from '../../git/protocol/advertisement.js';
import { parseFetchArguments, parseFetchRequest, type FetchRequest } from '../../git/protocol/fetch-request.js';
import { receiveCapabilities } from '../../git/protocol/receive-request.js';
import { errorPacket, PacketReader } from '../../git/protocol/pkt-line.js';
import { ProtocolViolation } from '../../git/protocol/protocol-violation.js';
import type { Gateway } from '../../operations/gateway.js';
import { mayFilter, readPack } from '../../operations/reading/history/read-pack.js';
import { readableRefs } from '../../operations/reading/history/read-refs.js';
import { readsEveryBranch } from '../../operations/reading/readable-commit.js';
import { readableRepo } from '../../operations/reading/readable-repo.js';
import type { Request as OperationRequest } from '../../operations/request.js';
import { VERSION } from '../../shared/version.js';
import { operationRequest } from '../files/route.js';
import { BodyTooLarge } from '../http/body.js';
import type { Exchange } from '../http/exchange.js';
import { outputStream } from './output-stream.js';
import { inflatedBody } from './inflated-body.js';
import { BodyTooSlow, BYTES_PER_SECOND } from './paced-body.js';
import { receivePush } from './receive.js';
import { plain, unavailable } from './plain-answers.js';

const AGENT = `weir/${VERSION}`;
const UPLOAD_PACK: Service = 'git-upload-pack';
/** For the log alone: nobody is there to read it. */
const CLIENT_GONE = 499;
const RECEIVE_PACK: Service = 'git-receive-pack';

/** One address of the transport: `/git/REPO.git/` and one of three ends. */
interface Address {
  readonly repo: string;
  readonly end: 'info/refs' | 'git-upload-pack' | 'git-receive-pack';
}

/**
 * `/git/REPO.git`: git's smart protocol over HTTP (gitprotocol-http), for fetches in versions 0, 1 and 2. `path` is what follows `/git/`.
 * Refusals are sentences in plain text, which git shows; those about one fetch come within the protocol.
 */
export async function answerGit(gateway: Gateway, exchange: Exchange, viewer: Viewer, path: string): Promise<Response> {
  const address = parseAddress(path);
  const request = operationRequest(gateway, exchange, viewer);
  const repo = address === null ? null : await readableRepo(request, address.repo);
  if (address === null || repo === null) return plain(404, 'There is no such repository, or this key may not read it.');
  const fault = await gateway.git.fault();
  if (fault !== null) return plain(501, fault);
  try {
    return address.end === 'info/refs' ? await advertise(request, repo, exchange) : await serve(address.end, request, repo, exchange);
  } catch (error) {
    if (error instanceof GitBusy) return unavailable(`The server runs ${error.processes} git programs already, which is as many as it may; try again in a moment.`);
    if (error instanceof BodyTooSlow) return plain(408, `The push sent less than ${BYTES_PER_SECOND} bytes a second for ${error.idleMs / 1000} s, and was given up.`, { connection: 'close' });
    if (error instanceof BodyTooLarge) return plain(413, `The request has more than ${error.maximum} bytes, which is the most that is read here.`);
    if (exchange.gone.aborted) return plain(CLIENT_GONE, 'The client has gone.');
    if (!(error instanceof GitFailed)) throw error;
    gateway.log.warn({ requestId: exchange.requestId, error: error.message }, 'a git program failed');
    return plain(500, 'The git program of the server failed; its log says why.');
  }
}

function parseAddress(path: string): Address | null {
  const [, encoded, end] = /^(.+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/u.exec(path) ?? [];
  if (encoded === undefined || (end !== 'info/refs' && end !== 'git-upload-pack' && end !== 'git-receive-pack')) return null;
  try {
    return { repo: decodeURIComponent(encoded), end };
  } catch {
    return null;
  }
}

/** The highest version that the client offers, of those that are spoken here. Version 1 is version 0 behind a line that says so. */
function versionOf({ request: { headers } }: Exchange): 0 | 1 | 2 {
  const offered = (headers.get('git-protocol') ?? '').split(':');
  if (offered.includes('version=2')) return 2;
  return offered.includes('version=1') ? 1 : 0;
}

async function advertise(request: OperationRequest, repo: RepoRecord, exchange: Exchange): Promise<Response> {
  const service = exchange.url.searchParams.get('service');
  if (exchange.request.method !== 'GET' && exchange.request.method !== 'HEAD') return plain(405, 'References are asked for with GET.', { allow: 'GET, HEAD' });
  const version = versionOf(exchange);
  if (service === RECEIVE_PACK) return protocolAnswer(RECEIVE_PACK, 'advertisement', await refsToPush(request, repo, version === 1));
  if (service !== UPLOAD_PACK) return plain(403, 'Only git’s smart protocol is spoken here; a newer git, or one without GIT_SMART_HTTP=0, speaks it.');
  return protocolAnswer(UPLOAD_PACK, 'advertisement', version === 2 ? renderCapabilities(AGENT, mayFilter(request)) : await allRefs(request, repo, version === 1));
}

async function allRefs(request: OperationRequest, repo: RepoRecord, first: boolean): Promise<Buffer> {
  const advertisement = await readableRefs(request, repo);
  return renderAdvertisement(UPLOAD_PACK, advertisement, fetchCapabilities(AGENT, advertisement.head, mayFilter(request)), first);
}

async function refsToPush(request: OperationRequest, repo: RepoRecord, first: boolean): Promise<Buffer> {
  return renderAdvertisement(RECEIVE_PACK, await readableRefs(request, repo), receiveCapabilities(AGENT, readsEveryBranch(request)), first);
}

async function serve(service: Service, request: OperationRequest, repo: RepoRecord, exchange: Exchange): Promise<Response> {
  const { method, headers } = exchange.request;
  if (method !== 'POST') return plain(405, 'This is asked for with POST.', { allow: 'POST' });
  if (headers.get('content-type') !== `application/x-${service}-request`) return plain(415, `The body must be of the type application/x-${service}-request.`);
  try {
    if (service === RECEIVE_PACK) return protocolAnswer(RECEIVE_PACK, 'result', (await receivePush(request, repo, exchange.request)) ?? Buffer.alloc(0));
    const body = await inflatedBody(exchange.request, request.gateway.limits.requestBytes);
    if (body === null) return plain(415, 'The body must be sent as it is, or compressed by gzip.');
    const reader = new PacketReader(body);
    if (versionOf(exchange) !== 2) return await fetchAnswer(request, repo, parseFetchRequest(reader));
    const command = parseCommand(reader);
    if (command === 'ls-refs') {
      const asked = parseLsRefs(reader);
      return protocolAnswer(UPLOAD_PACK, 'result', renderLsRefs(await readableRefs(request, repo, asked.prefixes), asked));
    }
    if (command === 'fetch') return await fetchAnswer(request, repo, parseFetchArguments(reader));
    return protocolAnswer(UPLOAD_PACK, 'result', Buffer.alloc(0));
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) throw error;
    return service === RECEIVE_PACK ? plain(400, error.message) : protocolAnswer(UPLOAD_PACK, 'result', errorPacket(error.message));
  }
}

async function fetchAnswer(request: OperationRequest, repo: RepoRecord, fetch: FetchRequest): Promise<Response> {
  // Whoever wants nothing in version 0 ends the conversation by it.
  if (fetch.version === 0 && fetch.wants.length === 0) return protocolAnswer(UPLOAD_PACK, 'result', Buffer.alloc(0));
  const answer = await readPack(request, repo, fetch);
  if (answer.kind === 'REFUSED') return protocolAnswer(UPLOAD_PACK, 'result', errorPacket(answer.sentence));
  // The program ends a conversation that goes on in another request as if it had failed: what it said until then is the answer.
  return protocolAnswer(UPLOAD_PACK, 'result', await outputStream(answer.output, { endsWell: true }));
}

function protocolAnswer(service: Service, kind: 'advertisement' | 'result', body: Uint8Array | ReadableStream<Uint8Array>): Response {
  return new Response(body instanceof Uint8Array ? Uint8Array.from(body) : body, { headers: { 'content-type': `application/x-${service}-${kind}`, 'cache-control': 'no-cache, max-age=0, must-revalidate' } });
}
