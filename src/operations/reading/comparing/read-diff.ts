import { encodeGlobalId } from '../../../domain/global-id.js';
import type { Page, PageRequest } from '../../../domain/ports/pages.js';
import type { RevisionRecord } from '../../../domain/proposal.js';
import type { RepoRecord } from '../../../domain/repo.js';
import { fileStats, type FileDiffOptions } from '../../../git/diff/file-diff.js';
import type { FileChange } from '../../../git/diff/file-change.js';
import { diffTrees } from '../../../git/diff/tree-diff.js';
import type { ObjectSource, Oid } from '../../../git/objects/object-source.js';
import { readCommit } from '../../../git/objects/commit.js';
import { decodeName, MODE_SUBMODULE } from '../../../git/objects/tree.js';
import type { Request } from '../../request.js';
import { diffSettings, type DiffOptionsInput, type DiffSpec, type DiffStatsView, type DiffTotals } from './diff-spec.js';
import { noteDiff } from './diffs-read.js';
import { InFlight } from '../in-flight.js';
import { mergedObjects, mergeOfDiff } from './merge-spec.js';
import { mapPage, pageOf } from '../page-of.js';
import { isRemerged, remerge, type RemergedSpec } from './remerge.js';
import { gitRead, QueryError } from '../query-error.js';
import type { BlobView } from '../read-file.js';

/** One changed file of a diff. */
export interface DiffFileView {
  readonly spec: DiffSpec;
  readonly change: FileChange;
}

/**
 * The diff between two readable commits, as the options compare them. With MERGE_BASE the base is the first best common
 * ancestor, or what a squash left in its place (a landing); unrelated histories reject with NO_MERGE_BASE.
 */
export function compareCommits(request: Request, repo: Pick<RepoRecord, 'id'>, from: Oid, to: Oid, options: DiffOptionsInput | null | undefined): Promise<DiffSpec> {
  return gitRead(async () => {
    const complete = diffSettings(options);
    const base = options?.comparison === 'DIRECT' ? from : await diffBase(request, repo, from, to);
    return { repoId: repo.id, from, base, to, options: complete };
  });
}

/** The diff from one commit straight to another; null stands for the empty tree. What a checkpoint, a commit or a revision changed. */
export function directDiff(repoId: number, base: Oid | null, to: Oid, options: DiffOptionsInput | null | undefined): DiffSpec {
  return { repoId, from: base, base, to, options: diffSettings(options) };
}

async function diffBase(request: Request, repo: Pick<RepoRecord, 'id'>, from: Oid, to: Oid): Promise<Oid> {
  const { storage } = request.gateway;
  const landed = await storage.landingBase(repo.id, to, from);
  const base = landed ?? (await storage.graph(repo.id, [from, to])).mergeBases(from, to)[0];
  if (base === undefined) throw new QueryError('NO_MERGE_BASE', 'The two commits have no common history; compare them with comparison: DIRECT.');
  return base;
}

/**
 * What one revision has over an earlier one: straight from head to head where both stand on the same base; otherwise from the earlier head
 * brought onto the newer base, so that what came in from there is not shown as the author's.
 */
export function revisionsDiff(repoId: number, earlier: Pick<RevisionRecord, 'head' | 'base'>, later: Pick<RevisionRecord, 'head' | 'base'>, options: DiffOptionsInput | null | undefined): DiffSpec {
  if (earlier.base === later.base || earlier.base === null || later.base === null) return directDiff(repoId, earlier.head, later.head, options);
  return { repoId, from: earlier.head, base: later.base, to: later.head, options: diffSettings(options), remergedOver: earlier.base };
}

/** The source that a diff's objects are read from: the repository's, under what its merge staged. */
export async function diffObjects(request: Request, spec: DiffSpec): Promise<ObjectSource> {
  if (isRemerged(spec)) return (await remerge(request, spec)).objects;
  const merge = mergeOfDiff(request, spec);
  return merge === null ? request.gateway.storage.objects.open(spec.repoId) : mergedObjects(request, merge);
}

/**
 * Every changed file, in git's order. What is kept of a diff of commits is answered at once: a promise at each level makes a query
 * of whole diffs several times slower than the work itself.
 */
export function readChanges(request: Request, spec: DiffSpec): readonly FileChange[] | Promise<readonly FileChange[]> {
  noteDiff(request, spec.repoId);
  const { changes: cache } = request.gateway.diffs;
  const { paths, renames, renameThreshold } = spec.options;
  const old = isRemerged(spec) ? `${spec.base}~${spec.remergedOver}~${spec.from}` : (spec.base ?? '');
  const key = `${spec.repoId}:${old}:${spec.mergedTree ?? spec.to}:${renames ? renameThreshold : '-'}:${JSON.stringify(paths)}`;
  const kept = isOfCommits(spec) ? cache.get(key) : undefined;
  if (kept !== undefined) return kept;
  return WALKS.join(request, key, () => gitRead(async () => {
    const source = await diffObjects(request, spec);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const [before, after] = await Promise.all([
      oldTree(request, source, spec),
      spec.mergedTree ?? treeOf(request, source, spec.repoId, spec.to),
    ]);
    const changes = await diffTrees(source, before, after, { paths: paths ?? [], renames, renameThreshold });
    cache.set(key, changes, changes.reduce((bytes, change) => bytes + CHANGE_BYTES + 2 * change.path.length, LIST_BYTES));
    return changes;
  }));
}

const WALKS = new InFlight<readonly FileChange[]>();

/** True where no merge stands between the commits and what is shown: with one, what a key may name of it is asked each time. */
export function isOfCommits({ mergedTree, remergedOver }: DiffSpec): boolean {
  return mergedTree === undefined && remergedOver === undefined;
}

async function oldTree(request: Request, source: ObjectSource, spec: DiffSpec): Promise<Oid | null> {
  if (isRemerged(spec)) return (await remerge(request, spec)).tree ?? treeOf(request, source, spec.repoId, spec.from);
  return spec.base === null ? null : treeOf(request, source, spec.repoId, spec.base);
}

/**
 * Paths of a diff between revisions at which the earlier one could not be brought onto the newer base: there it shows what came from the base
 * as well. Empty for every other diff; null where no path could be, and all of it is so.
 */
export async function readUnmerged(request: Request, spec: DiffSpec): Promise<readonly string[] | null> {
  return isRemerged(spec) ? gitRead(async () => (await remerge(request, spec)).unmerged) : [];
}

async function treeOf(request: Request, source: ObjectSource, repoId: number, commit: Oid): Promise<Oid> {
  const graph = await request.gateway.storage.graph(repoId, [commit]);
  return graph.row(commit)?.tree ?? (await readCommit(source, commit)).tree;
}

/** What a change takes in memory without its paths: two ids of 40 bytes, the object and its slots. */
const CHANGE_BYTES = 256;
const LIST_BYTES = 256;

/** A page of changed files. The diff is pinned to object ids, so a cursor never goes stale. */
export function readDiffFiles(request: Request, spec: DiffSpec, page: PageRequest): Page<DiffFileView> | Promise<Page<DiffFileView>> {
  const changes = readChanges(request, spec);
  const paged = (all: readonly FileChange[]): Page<DiffFileView> => mapPage(pageOf(all, page), (change) => ({ spec, change }));
  return changes instanceof Promise ? changes.then(paged) : paged(changes);
}

/** The changed file at a path, the new one or, where it was deleted or renamed away, the old one; null when it did not change. */
export async function readDiffFile(request: Request, spec: DiffSpec, path: string): Promise<DiffFileView | null> {
  const changes = await readChanges(request, spec);
  const change = changes.find((each) => decodeName(each.path) === path) ?? changes.find((each) => each.oldPath !== null && decodeName(each.oldPath) === path);
  return change === undefined ? null : { spec, change };
}

/** Totals over all files, the lines of which are not counted yet: a page of a large diff that asks how many files there are pays for the page. */
export function readDiffTotals(request: Request, spec: DiffSpec): DiffTotals | Promise<DiffTotals> {
  const changes = readChanges(request, spec);
  const totals = ({ length }: readonly FileChange[]): DiffTotals => {
    let counted: DiffStatsView | Promise<DiffStatsView> | null = null;
    return { files: length, counted: () => (counted ??= readDiffStats(request, spec)) };
  };
  return changes instanceof Promise ? changes.then(totals) : totals(changes);
}

/** Totals over all files. Costs a comparison of every file the first time, and nothing after. */
export function readDiffStats(request: Request, spec: DiffSpec): DiffStatsView | Promise<DiffStatsView> {
  const { stats: cache } = request.gateway.diffs;
  const key = encodeGlobalId({ type: 'Diff', ...spec });
  const known = cache.get(key);
  if (known !== undefined) return known;
  return gitRead(async () => {
    const source = await diffObjects(request, spec);
    const changes = await readChanges(request, spec);
    let additions = 0;
    let deletions = 0;
    for (const change of changes) {
      endIfAborted(request);
      const counted = await fileStats(source, change, comparing(request, spec));
      additions += counted.additions ?? 0;
      deletions += counted.deletions ?? 0;
    }
    const stats = { files: changes.length, additions, deletions };
    cache.set(key, stats, 2 * key.length + LIST_BYTES);
    return stats;
  });
}

/** How the contents of this diff's files are compared: its options, the gateway's limits and cache. */
export function comparing(request: Request, spec: DiffSpec): FileDiffOptions {
  const { limits, diffs } = request.gateway;
  return {
    whitespace: spec.options.whitespace,
    context: spec.options.context,
    budget: { maxBytes: limits.diffBytes, maxMillis: limits.diffMs },
    cache: diffs.compared,
  };
}

/** Throws TIMEOUT when the client has gone or the time is up; called between the steps of long reads. */
export function endIfAborted(request: Request): void {
  if (request.signal.aborted) throw new QueryError('TIMEOUT', 'The query took too long, or its client has gone.');
}

/** The content of one side of a changed file; null where that side has no file, and for submodules. */
export function diffFileBlob(request: Request, { spec, change }: DiffFileView, side: 'old' | 'new'): BlobView | Promise<BlobView> | null {
  const [oid, mode, commit] = side === 'old' ? [change.oldOid, change.oldMode, spec.base] : [change.newOid, change.newMode, spec.to];
  if (oid === null || mode === MODE_SUBMODULE) return null;
  const path = side === 'old' ? (change.oldPath ?? change.path) : change.path;
  if (side === 'old' && isRemerged(spec)) return remergedBlob(request, spec, oid);
  // What a merge made is in no commit yet.
  const merge = side === 'new' ? mergeOfDiff(request, spec) : null;
  if (merge !== null) return { repoId: spec.repoId, oid, at: null, merge };
  return { repoId: spec.repoId, oid, at: commit === null ? null : { commit, path: decodeName(path) } };
}

async function remergedBlob(request: Request, spec: RemergedSpec, oid: Oid): Promise<BlobView> {
  const { merge } = await gitRead(() => remerge(request, spec));
  return { repoId: spec.repoId, oid, at: null, ...(merge === null ? {} : { merge }) };
}
