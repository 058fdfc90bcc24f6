import type { Page, PageEdge, PageRequest } from '../../domain/ports/pages.js';
import type { Label, RepoRecord } from '../../domain/repo.js';
import type { CommitGraph } from '../../git/history/commit-graph.js';
import { readCommit } from '../../git/objects/commit.js';
import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import { entryAt } from '../../git/objects/walk-tree.js';
import type { Request } from '../request.js';
import { mustAllow } from './allowed.js';
import { gitRead, QueryError } from './query-error.js';
import { commitTrailers, type CommitView } from './read-commits.js';
import { endIfAborted } from './read-diff.js';
import { plainPath } from './read-tree.js';
import { mayReadCommit } from './readable-commit.js';
import { resolveRev } from './resolve-rev.js';

/** Which commits of a history. */
export interface HistoryQuery {
  /** Where it begins; the default branch unless given, and with a trailer everything that the key may read. */
  readonly rev: string | null;
  /** Only commits that changed what is at this path; null or empty: all. */
  readonly path: string | null;
  /** Only commits that carry this trailer, key without regard to case; null: all. */
  readonly trailer: Label | null;
}

/** Commits that one page looks at; a page that finds too little in them ends early and says that there is more. */
const MAX_LOOKED_AT = 20_000;

const GONE = 'The cursor names a commit that is gone.';

/**
 * A page of history in the order of `git log`. Keys name the commits that the walk began from and the last one seen, so pages of
 * a named rev do not shift while its branch moves. With a path, a merge that took the path whole from one parent leads to
 * that parent alone, as git simplifies histories by default.
 */
export function readHistory(request: Request, repo: RepoRecord, query: HistoryQuery, page: PageRequest): Promise<Page<CommitView>> {
  return gitRead(async () => {
    mustAllow(request, 'readRepo', { repoName: repo.name });
    const graph = await request.gateway.storage.graph(repo.id);
    const start = page.after === null ? null : parseKey(page.after, graph);
    // A cursor is sealed, not signed: whoever knows the id of a hidden commit could make one that begins there.
    if (typeof start?.tip === 'string' && !(await mayReadCommit(request, repo, start.tip))) throw new QueryError('CURSOR_INVALID', GONE);
    const tips = start?.tip === undefined || start.tip === null ? await tipsOf(request, repo, query) : [start.tip];
    const source = request.gateway.storage.objects.open(repo.id);
    const path = plainPath(query.path);
    const commits = path === '' ? graph.log(tips) : pathLog(source, graph, tips, path);
    return collect(request, { repoId: repo.id, source, query, pinned: tips.length === 1 ? (tips[0] ?? null) : null }, commits, start?.last ?? null, page.count);
  });
}

async function tipsOf(request: Request, repo: RepoRecord, query: HistoryQuery): Promise<readonly Oid[]> {
  if (query.rev === null && query.trailer !== null) return request.reader.tips(repo.id, request.viewer.key.readBranches);
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
  let looked = 0;
  for await (const oid of commits) {
    if (!passed) {
      passed = oid === last;
      continue;
    }
    if (edges.length >= count || looked++ >= MAX_LOOKED_AT) return { edges, hasNext: true, hasPrevious: last !== null };
    endIfAborted(request);
    const view = { repoId: walk.repoId, commit: await readCommit(walk.source, oid) };
    if (walk.query.trailer === null || hasTrailer(view, walk.query.trailer)) edges.push({ node: view, key: `${walk.pinned ?? ''}.${oid}` });
  }
  return { edges, hasNext: false, hasPrevious: last !== null };
}

function hasTrailer(view: CommitView, { key, value }: Label): boolean {
  return commitTrailers(view).some((trailer) => trailer.value === value && trailer.key.toLowerCase() === key.toLowerCase());
}

function parseKey(key: string, graph: CommitGraph): { readonly tip: Oid | null; readonly last: Oid } {
  const [tip = '', last = ''] = key.split('.');
  if (!graph.has(last) || (tip !== '' && !graph.has(tip))) throw new QueryError('CURSOR_INVALID', GONE);
  return { tip: tip === '' ? null : tip, last };
}

/**
 * The commits that changed a path (git-log(1), History Simplification, default mode): a commit whose entry equals that of a
 * parent is left out and only that parent is followed; in the order of `git log` among those that remain to be visited.
 */
async function* pathLog(source: ObjectSource, graph: CommitGraph, tips: readonly Oid[], path: string): AsyncGenerator<Oid, void, undefined> {
  const wanted = new Set<Oid>(tips);
  for (const oid of graph.log(tips)) {
    if (!wanted.has(oid)) continue;
    const own = await entryId(source, graph, oid, path);
    const parents = graph.parentsOf(oid);
    const theirs = await Promise.all(parents.map((parent) => entryId(source, graph, parent, path)));
    const same = theirs.indexOf(own);
    if (same >= 0) {
      const only = parents[same];
      if (only !== undefined) wanted.add(only);
      continue;
    }
    for (const parent of parents) wanted.add(parent);
    if (parents.length > 0 || own !== null) yield oid;
  }
}

async function entryId(source: ObjectSource, graph: CommitGraph, commit: Oid, path: string): Promise<string | null> {
  const tree = graph.treeOf(commit) ?? (await readCommit(source, commit)).tree;
  const entry = await entryAt(source, tree, path);
  return entry === null ? null : `${entry.mode}:${entry.oid}`;
}
