import type { Request } from '../../request.js';

/** Repositories whose diffs each request has read. */
const repos = new WeakMap<Request, Set<number>>();

/** Notes that a request read a diff of this repository. */
export function noteDiff(request: Request, repoId: number): void {
  const noted = repos.get(request);
  if (noted === undefined) repos.set(request, new Set([repoId]));
  else noted.add(repoId);
}

/** Tells how long the client of this request waited, once for each repository of which it read diffs: as the operation DIFF. */
export function tellDiffs(request: Request, milliseconds: number): void {
  for (const repoId of repos.get(request) ?? []) request.gateway.waits.diff(repoId, milliseconds);
}
