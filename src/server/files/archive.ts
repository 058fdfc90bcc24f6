import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import type { Viewer } from '../../auth/viewer.js';
import { GitBusy, GitFailed, type GitOutput } from '../../domain/ports/native-git.js';
import type { Gateway } from '../../operations/gateway.js';
import { firstUnarchivable } from '../../operations/reading/history/read-archive.js';
import { readableRepo } from '../../operations/reading/readable-repo.js';
import { commitAt } from '../../operations/reading/resolve-rev.js';
import type { Exchange } from '../http/exchange.js';
import { noSuchRoute, refuse } from '../http/responses.js';
import { answering, operationRequest, repoAddress } from './route.js';

/** The formats by the end of the address. */
const FORMATS = { '.tar.gz': { format: 'tar', type: 'application/gzip' }, '.zip': { format: 'zip', type: 'application/zip' } } as const;
type Ending = keyof typeof FORMATS;
const RETRY_AFTER_SECONDS = 5;

/**
 * `/archive/REPO/-/REV.tar.gz` and `.zip`: the files of one commit, below a directory that is named after repository and commit. REV is any
 * rev that the key can read, its slashes as they are or encoded. The same commit gives the same bytes, as long as the server's git stays
 * the same. `export-ignore` and `export-subst` of the commit's own attributes count, as they do for `git archive`. `path` is what follows `/archive/`.
 */
export function answerArchive(gateway: Gateway, exchange: Exchange, viewer: Viewer, path: string): Promise<Response> {
  return answering(async () => {
    const address = repoAddress(path);
    const name = address?.rest.join('/') ?? '';
    const ending = endingOf(name);
    const request = operationRequest(gateway, exchange, viewer);
    const repo = address === null || ending === null ? null : await readableRepo(request, address.repo);
    if (repo === null || ending === null) return noSuchRoute(exchange.url.pathname);
    const { commit: { oid, tree } } = await commitAt(request, repo, name.slice(0, -ending.length));
    const { format, type } = FORMATS[ending];
    const stem = `${repo.name.replaceAll('/', '-')}-${oid.slice(0, 12)}`;
    const etag = `"${oid}${ending}"`;
    // A branch moves on: a cache must ask again, and is told by the commit whether it has.
    const known = { etag, 'cache-control': 'private, no-cache', vary: 'authorization' };
    if (exchange.request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: known });
    const headers = { ...known, 'content-type': type, 'content-disposition': `attachment; filename="${stem}${ending}"` };
    if (exchange.request.method === 'HEAD') return new Response(null, { headers });
    const fault = await gateway.git.fault();
    if (fault !== null) return refuse({ code: 'UNAVAILABLE', status: 501, message: fault });
    const leading = await firstUnarchivable(request, repo.id, tree);
    if (leading !== null) return leadsOut(leading);
    try {
      const output = await gateway.git.archive(repo.id, { commit: oid, format, prefix: `${stem}/` }, exchange.gone);
      return new Response(await begun(output, format === 'tar'), { headers });
    } catch (error) {
      return refusalOf(error, gateway, exchange);
    }
  });
}

function endingOf(name: string): Ending | null {
  if (name.endsWith('.tar.gz')) return '.tar.gz';
  return name.endsWith('.zip') ? '.zip' : null;
}

function leadsOut(path: string): Response {
  return refuse({ code: 'INVALID_STATE', message: `The commit holds the path ${JSON.stringify(path.slice(0, 200))}, which leads out of where it is unpacked.`, hint: 'Fetch it with git, which keeps such a path from being checked out.' });
}

function refusalOf(error: unknown, gateway: Gateway, { requestId, gone }: Exchange): Response {
  if (gone.aborted) return refuse({ code: 'UNAVAILABLE', message: 'The client has gone.' });
  if (error instanceof GitBusy) {
    return refuse({ code: 'BUSY', message: `The server runs ${error.processes} git programs already, which is as many as it may.`, hint: 'Try again in a moment.', retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
  if (!(error instanceof GitFailed)) throw error;
  gateway.log.warn({ requestId, error: error.message }, 'a git program failed');
  return refuse({ code: 'INTERNAL', message: 'The archive could not be made; the server’s log says why.' });
}

/** The archive as a body, once its first bytes are there. A failure afterwards cuts it, so that nobody takes a part for the whole. */
async function begun(output: GitOutput, compress: boolean): Promise<ReadableStream<Uint8Array>> {
  const first = await output.next();
  const pieces = Readable.from(piecesOf(output, first), { objectMode: false });
  const source = compress ? gzipped(pieces) : pieces;
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next: IteratorResult<unknown> = await chunks.next();
        if (next.done === true) controller.close();
        else if (next.value instanceof Uint8Array) controller.enqueue(next.value);
      },
      async cancel() {
        pieces.destroy();
        source.destroy();
        await output.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* piecesOf(output: GitOutput, first: Buffer | null): AsyncGenerator<Buffer, void, undefined> {
  for (let piece = first; piece !== null; piece = await output.next()) yield piece;
}

/** Node writes no time into the header of gzip (RFC 1952, 2.3.1: MTIME 0), so the bytes depend on the content alone. */
function gzipped(pieces: Readable): Readable {
  const gzip = createGzip();
  pieces.once('error', (error) => gzip.destroy(error));
  return pieces.pipe(gzip);
}
