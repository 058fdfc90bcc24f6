import type { Viewer } from '../../auth/viewer.js';
import type { Gateway } from '../../operations/gateway.js';
import { uploadBlob, type UploadRoom } from '../../operations/checkpoint/upload-blob.js';
import { bodyChunks } from '../http/body.js';
import type { Exchange } from '../http/exchange.js';
import { json, methodNotAllowed, noSuchRoute, refuse } from '../http/responses.js';
import { answering, operationRequest } from './route.js';

/** Uploads of the largest size that fit into memory side by side. */
const LARGEST_AT_ONCE = 4;

/** Room for uploads: a share of memory for all of them together. */
export function uploadRoom(largestBytes: number): UploadRoom {
  let free = LARGEST_AT_ONCE * largestBytes;
  return {
    reserve(bytes) {
      if (bytes > free) return false;
      free -= bytes;
      return true;
    },
    release(bytes) {
      free += bytes;
    },
  };
}

/** `POST /blobs/REPO`: takes a file's bytes and answers `{oid, size}`; the content type does not matter. `repo` is what follows `/blobs/`. */
export function answerBlobs(gateway: Gateway, room: UploadRoom, exchange: Exchange, viewer: Viewer, repo: string): Promise<Response> {
  return answering(async () => {
    const { request, url } = exchange;
    if (request.method !== 'POST') return methodNotAllowed(request.method, ['POST']);
    if (repo === '' || repo.includes('%')) return noSuchRoute(url.pathname);
    const length = request.headers.get('content-length');
    const upload = { chunks: bodyChunks(request), expectedBytes: length === null ? null : Number(length), room };
    const outcome = await uploadBlob(operationRequest(gateway, exchange, viewer), repo, upload);
    if (outcome.ok) return json(outcome.blob, 201);
    const { problem } = outcome;
    return refuse({ ...problem, ...(problem.code === 'BUSY' ? { retryAfterSeconds: Math.ceil(problem.retryAfterMs / 1000) } : {}) });
  });
}
