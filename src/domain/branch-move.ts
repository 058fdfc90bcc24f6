import type { CommitGraph } from '../git/history/commit-graph.js';
import type { BranchRecord } from './branch.js';
import type { CheckpointRecord } from './checkpoint.js';
import type { EventPayload } from './operation.js';
import type { Reader } from './ports/reader.js';
import type { Storage } from './ports/storage.js';
import { isPending, PROPOSAL_STATES, type ProposalRecord } from './proposal.js';
import { everyRow } from './every-row.js';
import type { RepoRecord } from './repo.js';

const PENDING = PROPOSAL_STATES.filter(isPending);

/** The event that tells of a branch's forward move. */
export function branchMoved(repo: RepoRecord, before: string, branch: BranchRecord, checkpoint: CheckpointRecord | null): EventPayload {
  return {
    kind: 'BRANCH_MOVED',
    repoName: repo.name,
    branchId: branch.id,
    branchName: branch.name,
    before,
    after: branch.head,
    version: branch.version,
    checkpointId: checkpoint?.id ?? null,
  };
}

/** Every pending proposal whose source is this branch. */
export function pendingProposalsFrom(reader: Reader, branch: Pick<BranchRecord, 'id' | 'repoId'>): Promise<ProposalRecord[]> {
  const query = { repoId: branch.repoId, repoGlobs: ['**'], branchGlobs: ['**'], states: PENDING, sourceBranchId: branch.id, targetName: null, createdBy: null, runId: null };
  return everyRow((page) => reader.proposals(query, page));
}

/** Reads what {@link basesAfterMove} will read; a graph that is asked for afterwards has the heads of all targets. */
export async function readTargets(reader: Reader, branch: BranchRecord): Promise<void> {
  const proposals = await pendingProposalsFrom(reader, branch);
  await Promise.all(proposals.map(({ targetBranchId }) => reader.branch(targetBranchId)));
}

/** The merge base of a commit that has no graph row yet with `target`: the best among those of its parents. Null for unrelated histories. */
export function baseOfNewCommit(graph: CommitGraph, parents: readonly string[], target: string): string | null {
  const candidates = parents.flatMap((parent) => graph.mergeBases(parent, target));
  const best = candidates.find((oid) => candidates.every((other) => graph.isAncestor(other, oid)));
  return best ?? candidates[0] ?? null;
}

/** What a move of their source makes of the bases of proposals, by proposal id: the base that was read, and the one to come. */
export type BasesAfterMove = ReadonlyMap<number, { readonly before: string | null; readonly after: string | null }>;

/** What bases are worked out with. */
export interface BaseMeans {
  readonly reader: Reader;
  readonly gateway: { readonly storage: Pick<Storage, 'landingBase'> };
}

/**
 * For each pending proposal from `branch`, the merge base that it has with its target once the branch is at a new commit with these
 * parents, or what a landing left in place of one. A target that has moved since the graph was read keeps the base that there was: what it gained by that move is not in it.
 */
export async function basesAfterMove({ reader, gateway }: BaseMeans, graph: CommitGraph, branch: BranchRecord, parents: readonly string[]): Promise<BasesAfterMove> {
  const bases = new Map<number, { readonly before: string | null; readonly after: string | null }>();
  for (const { id, base, targetBranchId } of await pendingProposalsFrom(reader, branch)) {
    const target = await reader.branch(targetBranchId);
    if (target === null || !graph.has(target.head)) bases.set(id, { before: base, after: base });
    else bases.set(id, { before: base, after: (await gateway.storage.landingBase(branch.repoId, parents, target.head)) ?? baseOfNewCommit(graph, parents, target.head) });
  }
  return bases;
}
