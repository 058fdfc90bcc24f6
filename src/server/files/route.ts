import { asQueryError } from '../../operations/reading/query-error.js';
import type { Gateway } from '../../operations/gateway.js';
import type { Request as OperationRequest } from '../../operations/request.js';
import type { Viewer } from '../../auth/viewer.js';
import type { Exchange } from '../http/exchange.js';
import { refuse } from '../http/responses.js';

/** The operations' view of an exchange. */
export function operationRequest(gateway: Gateway, { requestId, gone }: Exchange, viewer: Viewer): OperationRequest {
  return { gateway, viewer, reader: gateway.storage.reader(gone), requestId, signal: gone };
}

/** The parts of an address of a repository: what is before `/-/`, and the decoded components after it. Null when it is none, or badly encoded. */
export function repoAddress(path: string): { readonly repo: string; readonly rest: readonly string[] } | null {
  const split = path.indexOf('/-/');
  if (split <= 0) return null;
  try {
    return { repo: decodeURIComponent(path.slice(0, split)), rest: path.slice(split + 3).split('/').map(decodeURIComponent) };
  } catch {
    return null;
  }
}

/** Runs a route; what may be told of its failure is told with the status of its code, anything else is thrown on. */
export async function answering(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const known = asQueryError(error);
    if (known === null) throw error;
    return refuse({ code: known.code, message: known.message, ...(known.code === 'UNAVAILABLE' ? { retryAfterSeconds: 1 } : {}) });
  }
}
