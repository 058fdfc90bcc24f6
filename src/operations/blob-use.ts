import type { ObjectSource } from '../git/objects/object-source.js';
import type { ResolutionGround } from '../domain/resolutions.js';
import type { RepoRecord } from '../domain/repo.js';
import { narrowedLimits } from '../domain/settings/limits.js';
import type { Request } from './request.js';

/**
 * What written content is checked against: the limits (the narrower of the server's and the repository's), and which stored bytes this key may name; and how long there is time. A key that sees every branch may
 * use any blob of the repository; a limited one only what it streamed in itself.
 */
export function contentGround(request: Request, repo: Pick<RepoRecord, 'id' | 'settings'>, objects: ObjectSource): ResolutionGround {
  const { storage, limits } = request.gateway;
  const { id, readBranches } = request.viewer.key;
  return {
    limits: narrowedLimits(limits, repo.settings.limits),
    signal: request.signal,
    mayUseBlob: async (oid) => (await storage.uploadedBy(repo.id, id, oid)) || (readBranches.includes('**') && (await objects.has(oid)) && (await objects.header(oid)).type === 'blob'),
  };
}
