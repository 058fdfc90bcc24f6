import { landsAfter } from '../../../domain/land-both.js';
import { landingBaseOf } from '../../../domain/landing.js';
import { EMPTY_PAGE, type Page, type PageEdge, type PageRequest } from '../../../domain/ports/pages.js';
import type { ProposalQuery } from '../../../domain/ports/reader.js';
import { isPending, PROPOSAL_STATES, type ProposalRecord } from '../../../domain/proposal.js';
import { Effort } from '../../../git/merge/effort.js';
import { decodeName } from '../../../git/objects/tree.js';
import type { Request } from '../../request.js';
import { holdsRead } from '../allowed.js';
import { computeOver } from '../comparing/merge-spec.js';
import { gitRead, QueryError } from '../query-error.js';
import { directDiff, endIfAborted, readChanges } from '../comparing/read-diff.js';
import { readableBranchById } from '../readable-branch.js';

/** Another proposal that touches what this one touches. */
export interface RivalView {
  readonly of: ProposalRecord;
  readonly proposal: ProposalRecord;
  /** The paths of `proposal` that meet those of `of`, in git's order. */
  readonly paths: readonly string[];
}

/** Proposals that one statement reads: the open ones of nearly every target. */
const CHUNK = 500;

/** Proposals whose files are compared for one page at most. With their trees in memory one costs 0.1 to 0.5 ms. */
const MAX_COMPARED = 5_000;

/**
 * A page of the open proposals into the same target that touch a path of this one, newest first: a file that both change, and a file of the one
 * where the other has a directory. A move touches both of its paths. Only those whose source the key may read; none once this one has
 * ended, and none for keys without READ.
 *
 * Rejects with BUDGET_EXCEEDED when more proposals must be compared than one page may.
 */
export async function readRivals(request: Request, of: ProposalRecord, page: PageRequest): Promise<Page<RivalView>> {
  if (!isPending(of.state) || !holdsRead(request)) return EMPTY_PAGE;
  const own = new TouchedPaths(await pathsOf(request, of));
  const found: PageEdge<RivalView>[] = [];
  let after = page.after;
  for (let compared = 0; ; compared += CHUNK) {
    if (compared >= MAX_COMPARED) throw new QueryError('BUDGET_EXCEEDED', `Looking for rivals compares at most ${MAX_COMPARED} open proposals for one page; "${of.targetName}" has more.`);
    const others = await request.reader.proposals(pendingInto(request, of), { count: CHUNK, after, backward: false });
    for (const { node, key } of others.edges) {
      after = key;
      const paths = await metBy(request, of, own, node);
      if (paths.length === 0) continue;
      if (found.length === page.count) return { edges: found, hasNext: true, hasPrevious: page.after !== null };
      found.push({ node: { of, proposal: node, paths }, key });
    }
    if (!others.hasNext) return { edges: found, hasNext: false, hasPrevious: page.after !== null };
  }
}

function pendingInto(request: Request, { repoId, targetName }: ProposalRecord): ProposalQuery {
  const { repos, readBranches } = request.viewer.key;
  const states = PROPOSAL_STATES.filter(isPending);
  return { repoId, repoGlobs: repos, branchGlobs: readBranches, states, sourceBranchId: null, targetName, createdBy: null, runId: null };
}

async function metBy(request: Request, of: ProposalRecord, own: TouchedPaths, other: ProposalRecord): Promise<readonly string[]> {
  // A deleted branch leaves its name to another one, which is not the same target.
  if (other.id === of.id || other.targetBranchId !== of.targetBranchId) return [];
  endIfAborted(request);
  return (await pathsOf(request, other)).filter((path) => own.meet(path));
}

/** The paths that a proposal changes, both of a move; without renames no content is read. Kept by the ids of base and head. */
async function pathsOf(request: Request, { repoId, base, head }: ProposalRecord): Promise<readonly string[]> {
  const changes = await readChanges(request, directDiff(repoId, base, head, { renames: false }));
  return changes.map(({ path }) => decodeName(path));
}

/** Paths, and the directories that they are in. */
class TouchedPaths {
  readonly #files: ReadonlySet<string>;
  readonly #directories: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    this.#files = new Set(paths);
    this.#directories = new Set(paths.flatMap(directoriesOf));
  }

  /** True when the path is one of them, a directory on the way to one, or in a directory where one is a file. */
  meet(path: string): boolean {
    return this.#files.has(path) || this.#directories.has(path) || directoriesOf(path).some((directory) => this.#files.has(directory));
  }
}

function directoriesOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

/**
 * True when both merge into the present head of their target without a conflict, the older proposal first. Nothing is stored; an answer is kept by
 * the ids that it depends on. null when the target is gone or hidden from the key.
 *
 * Rejects with BUDGET_EXCEEDED when a merge costs more than `mergeMs`, and as reads of damaged objects do.
 */
export async function canBothLand(request: Request, { of, proposal }: RivalView): Promise<boolean | null> {
  const target = await readableBranchById(request, of.targetBranchId);
  if (target === null || target.deletedAt !== null) return null;
  const [first, second] = of.id < proposal.id ? [of.head, proposal.head] : [proposal.head, of.head];
  return gitRead(() => bothLand(request, of.repoId, target.head, first, second));
}

async function bothLand(request: Request, repoId: number, target: string, first: string, second: string): Promise<boolean> {
  const { storage, diffs, limits } = request.gateway;
  const landings = await request.reader.landings(repoId);
  const key = `${repoId}:${target}:${first}:${second}:${landings[0]?.targetCommit ?? ''}`;
  const known = diffs.pairs.get(key);
  if (known !== undefined) return known;
  const graph = await storage.graph(repoId, [target, first, second]);
  const { merge, staged } = await computeOver(request, { repoId, ours: target, theirs: first }, landingBaseOf(landings, graph, [first], [target]));
  const lands = merge.bases.length > 0 && merge.conflicts.length === 0;
  const both = lands && (await landsAfter(staged, graph, { target, first, tree: merge.tree, second, landings }, new Effort(limits.mergeMs, request.signal)));
  diffs.pairs.set(key, both, 2 * key.length + PAIR_BYTES);
  return both;
}

/** What an answer takes in memory beside its key. */
const PAIR_BYTES = 64;
