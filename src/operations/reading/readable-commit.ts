import type { Oid } from '../../git/objects/object-source.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { Request } from '../request.js';

/** Where reachable sets of one request are kept: a page of raw ids costs one walk, not one each. */
const walks = new WeakMap<Request, Map<number, Promise<{ has(oid: Oid): boolean }>>>();

/**
 * True when something that the key may read reaches this commit: any branch, tag, checkpoint or proposal revision. A key
 * without hidden branches needs only that the commit is in the repository's graph; a limited one a walk from the tips of
 * readable branches, once a request (about 1 ms at 100,000 commits).
 */
export async function mayReadCommit(request: Request, repo: RepoRecord, oid: Oid): Promise<boolean> {
  return (await commitReading(request, repo, [oid]))(oid);
}

/** Which of these commits the key may read. A limited key's walk is made whether or not there are such commits: what is hidden and what is absent take the same time. */
export async function commitReading(request: Request, repo: RepoRecord, oids: readonly Oid[]): Promise<(oid: Oid) => boolean> {
  if (!readsEveryBranch(request)) {
    const reachable = await reachableForKey(request, repo);
    return (oid) => reachable.has(oid);
  }
  const graph = oids.length === 0 ? null : await request.gateway.storage.graph(repo.id, oids);
  return (oid) => graph !== null && graph.has(oid);
}

/**
 * All commits that the key may read, as of now: one look at the graph for a caller that asks about many. What came in since is not among
 * them.
 */
export async function readableCommits(request: Request, repo: RepoRecord): Promise<{ has(oid: Oid): boolean }> {
  return readsEveryBranch(request) ? request.gateway.storage.graph(repo.id) : reachableForKey(request, repo);
}

/** True when no branch of any repository that the key can read is hidden from it. */
export function readsEveryBranch({ viewer }: Request): boolean {
  return viewer.key.readBranches.includes('**');
}

function reachableForKey(request: Request, repo: RepoRecord): Promise<{ has(oid: Oid): boolean }> {
  const known = walks.get(request) ?? new Map<number, Promise<{ has(oid: Oid): boolean }>>();
  walks.set(request, known);
  const walk = known.get(repo.id) ?? walkFromTips(request, repo);
  known.set(repo.id, walk);
  return walk;
}

async function walkFromTips(request: Request, repo: RepoRecord): Promise<{ has(oid: Oid): boolean }> {
  // One after the other: a graph that was read before the heads may lack one of them, and with it all that only it leads to.
  const tips = await request.reader.tips(repo.id, request.viewer.key.readBranches);
  return (await request.gateway.storage.graph(repo.id, tips)).reachable(tips);
}
