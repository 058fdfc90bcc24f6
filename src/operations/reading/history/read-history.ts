import type { Page, PageEdge, PageRequest } from '../../../domain/ports/pages.js';
import type { RepoRecord } from '../../../domain/repo.js';
import type { Label } from '../../../domain/label.js';
import type { CommitGraph } from '../../../git/history/commit-graph.js';
import { followLog } from '../../../git/history/follow-log.js';
import { pathLog } from '../../../git/history/path-log.js';
import { readCommit } from '../../../git/objects/commit.js';
import type { ObjectSource, Oid } from '../../../git/objects/object-source.js';
import type { Request } from '../../request.js';
import { mustAllow } from '../allowed.js';
import { gitRead, QueryError } from '../query-error.js';
import { carrying, carryingInLog } from './carrying.js';
import { commitTrailers, type CommitView } from '../read-commits.js';
import { endIfAborted } from '../comparing/read-diff.js';
import { plainPath } from '../read-tree.js';
import { commitReading } from '../readable-commit.js';
import { resolveRev } from '../resolve-rev.js';

/** Which commits of a history. */
export interface HistoryQuery {
  /** Where it begins; the default branch unless given, and with a trailer everything that the key may read. */
  readonly rev: string | null;
  /** Only commits that changed what is at this path; null or empty: all. */
  readonly path: string | null;
  /** The path is a file, whose history goes on beyond its renames. */
  readonly follow: boolean;
  /** Only commits that carry this trailer, key without regard to case; null: all. */
  readonly trailer: Label | null;
}

const GONE = 'The cursor names a commit that is gone.';

/**
 * A page of history in the order of `git log`. Keys name the commits that the walk began from and the last one seen, so pages of
 * a named rev do not shift while its branch moves. With a path the commits are those of {@link pathLog} or {@link followLog}.
 * Rejects with QueryError: TIMEOUT too, after which a repeated query goes on from what this one has found out.
 */
export function readHistory(request: Request, repo: RepoRecord, query: HistoryQuery, page: PageRequest): Promise<Page<CommitView>> {
  return gitRead(async () => {
    mustAllow(request, 'readRepo', { repoName: repo.name });
    const start = page.after === null ? null : parseKey(page.after);
    // A cursor is sealed, not signed: whoever knows the id of a hidden commit could make one that begins there.
    const places = start === null ? [] : [start.tip, start.last].filter((oid) => oid !== null);
    if (!places.every(await commitReading(request, repo, places))) throw new QueryError('CURSOR_INVALID', GONE);
    const tips = start?.tip === undefined || start.tip === null ? await tipsOf(request, repo, query) : [start.tip];
    // Behind the heads, or it may lack one of them.
    const graph = await request.gateway.storage.graph(repo.id, tips);
    const source = request.gateway.storage.objects.open(repo.id);
    const commits = await commitsOf(request, repo, source, graph, tips, query);
    return collect(request, { repoId: repo.id, source, query, pinned: tips.length === 1 ? (tips[0] ?? null) : null }, commits, start?.last ?? null, page.count);
  });
}

async function commitsOf(request: Request, repo: RepoRecord, source: ObjectSource, graph: CommitGraph, tips: readonly Oid[], query: HistoryQuery): Promise<Iterable<Oid> | AsyncIterable<Oid>> {
  const path = plainPath(query.path);
  const visit = (): void => endIfAborted(request);
  // Asked for behind the graph, so that it knows every commit that the walk comes by.
  const matches = query.trailer === null ? null : await request.gateway.storage.trailerMatches(repo.id, query.trailer, visit);
  if (path === '') return matches === null ? graph.log(tips) : carryingInLog(graph, tips, matches, visit);
  const options = { visit };
  const changing = query.follow ? oidsOf(followLog(source, graph, tips, path, options)) : pathLog(source, graph, tips, path, options);
  return matches === null ? changing : carrying(changing, matches, visit);
}

async function* oidsOf(commits: AsyncIterable<{ readonly oid: Oid }>): AsyncGenerator<Oid, void, undefined> {
  for await (const { oid } of commits) yield oid;
}

async function tipsOf(request: Request, repo: RepoRecord, query: HistoryQuery): Promise<readonly Oid[]> {
  if (query.rev === null && query.trailer !== null) {
    // In one order for all pages: commits of the same second come in the order of the tips that lead to them.
    return [...(await request.reader.tips(repo.id, request.viewer.key.readBranches))].sort();
  }
  return [(await resolveRev(request, repo, query.rev ?? repo.defaultBranch)).oid];
}

interface Walk {
  readonly repoId: number;
  readonly source: ObjectSource;
  readonly query: HistoryQuery;
  readonly pinned: Oid | null;
}

async function collect(request: Request, walk: Walk, commits: Iterable<Oid> | AsyncIterable<Oid>, last: Oid | null, count: number): Promise<Page<CommitView>> {
  const edges: PageEdge<CommitView>[] = [];
  let passed = last === null;
  for await (const oid of commits) {
    if (!passed) {
      passed = oid === last;
      continue;
    }
    if (edges.length >= count) return { edges, hasNext: true, hasPrevious: last !== null };
    endIfAborted(request);
    const view = { repoId: walk.repoId, commit: await readCommit(walk.source, oid) };
    if (walk.query.trailer === null || hasTrailer(view, walk.query.trailer)) edges.push({ node: view, key: `${walk.pinned ?? ''}.${oid}` });
  }
  return { edges, hasNext: false, hasPrevious: last !== null };
}

function hasTrailer(view: CommitView, { key, value }: Label): boolean {
  return commitTrailers(view).some((trailer) => trailer.value === value && trailer.key.toLowerCase() === key.toLowerCase());
}

function parseKey(key: string): { readonly tip: Oid | null; readonly last: Oid } {
  const [tip = '', last = ''] = key.split('.');
  return { tip: tip === '' ? null : tip, last };
}
