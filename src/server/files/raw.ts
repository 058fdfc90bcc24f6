import { isUtf8 } from 'node:buffer';
import type { Viewer } from '../../auth/viewer.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { Gateway } from '../../operations/gateway.js';
import { parsePatchAddress } from '../../operations/reading/addresses.js';
import { QueryError } from '../../operations/reading/query-error.js';
import { blobOf, readFileAt } from '../../operations/reading/read-file.js';
import { readableDiff } from '../../operations/reading/read-node.js';
import { patchChunks } from '../../operations/reading/comparing/read-patch.js';
import { readableRepo } from '../../operations/reading/readable-repo.js';
import { commitAt } from '../../operations/reading/resolve-rev.js';
import type { Request as OperationRequest } from '../../operations/request.js';
import type { Exchange } from '../http/exchange.js';
import { noSuchRoute, refuse } from '../http/responses.js';
import { byteRange } from './byte-range.js';
import { answering, operationRequest, repoAddress } from './route.js';

const OID = /^[0-9a-f]{40}$/u;
/** How much is handed to the socket at a time. */
const SLICE_BYTES = 256 << 10;
/** Bytes that decide whether content is shown as text. */
const PROBE_BYTES = 8000;

/** Whatever a repository holds is shown as what it is not: a page of this origin could use the reader's key. */
const HARMLESS = { 'content-security-policy': "sandbox; default-src 'none'", 'cross-origin-resource-policy': 'same-origin', vary: 'authorization' } as const;

/**
 * `/raw/REPO/-/COMMIT/PATH` and `/raw/REPO/-/BASE..TO.patch`: bytes of a file, and of a diff. COMMIT is a full object id that something
 * readable reaches; what is absent and what is hidden answer alike. `path` is what follows `/raw/`.
 */
export function answerRaw(gateway: Gateway, exchange: Exchange, viewer: Viewer, path: string): Promise<Response> {
  return answering(async () => {
    const address = repoAddress(path);
    const request = operationRequest(gateway, exchange, viewer);
    const repo = address === null ? null : await readableRepo(request, address.repo);
    const [first = '', ...components] = address?.rest ?? [];
    if (repo === null) return noSuchRoute(exchange.url.pathname);
    const found = components.length === 0 ? await patch(request, repo, first, exchange) : await file(request, repo, { commit: first, path: components.join('/') }, exchange);
    return found ?? noSuchRoute(exchange.url.pathname);
  });
}

async function file(request: OperationRequest, repo: RepoRecord, at: { readonly commit: string; readonly path: string }, { request: { headers, method } }: Exchange): Promise<Response | null> {
  // One file, one address: no empty components.
  if (!OID.test(at.commit) || `/${at.path}/`.includes('//')) return null;
  const found = await readFileAt(request, await commitAt(request, repo, at.commit), at.path);
  const blob = found === null ? null : blobOf(found);
  if (blob === null) return null;
  const etag = `"${blob.oid}"`;
  // Immutable, but readable only as long as the key is good: a cache must ask again.
  const known = { ...HARMLESS, etag, 'cache-control': 'private, no-cache', 'accept-ranges': 'bytes' };
  if (matches(headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers: known });

  const objects = request.gateway.storage.objects.open(repo.id);
  const { size } = await objects.header(blob.oid);
  const maximum = request.gateway.limits.streamedFileBytes;
  if (size > maximum) throw new QueryError('BUDGET_EXCEEDED', `The file has ${size} bytes; at most ${maximum} are streamed. Clone the repository instead.`);
  const { content } = await objects.read(blob.oid);
  const ifRange = headers.get('if-range');
  const range = ifRange === null || ifRange === etag ? byteRange(headers.get('range'), content.length) : null;
  if (range === 'NONE') return refuse({ code: 'INVALID_ARGUMENT', status: 416, message: `The file has ${content.length} bytes.`, headers: { 'content-range': `bytes */${content.length}` } });
  const { start, end } = range ?? { start: 0, end: content.length };
  return new Response(method === 'HEAD' ? null : sliced(content.subarray(start, end)), {
    status: range === null ? 200 : 206,
    headers: {
      ...known,
      'content-type': typeOf(content),
      'content-length': String(end - start),
      'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(at.path.slice(at.path.lastIndexOf('/') + 1)).replaceAll("'", '%27')}`,
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${content.length}` }),
    },
  });
}

async function patch(request: OperationRequest, repo: RepoRecord, range: string, { url, request: { headers, method } }: Exchange): Promise<Response | null> {
  const identity = parsePatchAddress(repo.id, range, url.searchParams);
  const spec = identity === null ? null : await readableDiff(request, identity);
  if (spec === null) return null;
  // The address names object ids and options, which is all that the patch depends on.
  const etag = `"${Buffer.from(url.pathname + url.search).toString('base64url')}"`;
  const known = { ...HARMLESS, etag, 'cache-control': 'private, no-cache' };
  if (matches(headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers: known });
  const chunks = patchChunks(request, spec);
  // Read before the headers go out: what cannot be read answers with a status.
  const first = await chunks.next();
  return new Response(method === 'HEAD' ? null : rest(first, chunks), { headers: { ...known, 'content-type': 'text/plain; charset=utf-8' } });
}

/** The bytes without copying them; a slow reader costs no more than the object itself. */
function sliced(content: Buffer): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at < content.length) controller.enqueue(content.subarray(at, at + SLICE_BYTES));
        at += SLICE_BYTES;
        if (at >= content.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function rest(first: IteratorResult<Buffer, void>, chunks: AsyncGenerator<Buffer, void, undefined>): ReadableStream<Uint8Array> {
  let next: IteratorResult<Buffer, void> | null = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = next ?? (await chunks.next());
        next = null;
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}

function matches(header: string | null, etag: string): boolean {
  return header !== null && header.split(',').some((one) => one.trim().replace(/^W\//u, '') === etag || one.trim() === '*');
}

/** Text or bytes, and nothing that a browser would run or render. */
function typeOf(content: Buffer): string {
  if (content.subarray(0, PROBE_BYTES).includes(0)) return 'application/octet-stream';
  return isUtf8(content) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}
