import type { CommitGraph } from '../git/history/commit-graph.js';
import type { Oid } from '../git/objects/object-source.js';
import type { BranchRecord } from './branch.js';
import { branchMoved, type BasesAfterMove } from './branch-move.js';
import type { CheckpointRecord } from './checkpoint.js';
import type { EventPayload } from './operation.js';
import type { Transaction } from './ports/transaction.js';
import type { RepoRecord } from './repo.js';
import { reviseProposals } from './revise-proposals.js';
import type { StateChange } from './timeline.js';

/** What a move of a branch's pointer needs to know of the graph. */
type MovingBranch = Pick<BranchRecord, 'head' | 'protected'>;

/**
 * The commit whose holders decide about moving the branch to `to`: whoever holds any of the line that it would leave holds its oldest
 * commit. Only the commits of the branch's own line count, so that what a refresh brought in does not hold it there. null: nothing is left behind, or
 * holders do not matter.
 */
export function oldestLeft(graph: CommitGraph, branch: MovingBranch, to: Oid): Oid | null {
  if (branch.protected || graph.isAncestor(branch.head, to)) return null;
  return [...graph.firstParentLog(branch.head, { exclude: [to] })].at(-1) ?? null;
}

/**
 * True when the branch may be moved to `to` as it is: forward, or back over commits that nothing else holds. Where another branch or a
 * landing has them, moving the pointer back would not reach it, and the next merge would bring them again: an inverse commit must
 * be written instead. `holders`: those of {@link oldestLeft}.
 */
export function mayMovePointer(graph: CommitGraph, branch: MovingBranch, to: Oid, holders: readonly Oid[]): boolean {
  if (graph.isAncestor(branch.head, to)) return true;
  if (branch.protected) return false;
  const oldest = oldestLeft(graph, branch, to);
  return oldest === null || !graph.isReachable(oldest, holders);
}

/** A branch's move along its timeline, as the transaction is to make it. */
export interface PointerMove {
  readonly repo: RepoRecord;
  readonly branch: BranchRecord;
  readonly to: Oid;
  readonly checkpoint: CheckpointRecord | null;
  readonly changes: readonly StateChange[];
  /** {@link oldestLeft}. */
  readonly left: Oid | null;
  /** What `mayMovePointer` was asked with; one that has come since and has the commit that would be left makes the answer void. */
  readonly holders: readonly Oid[];
  /** The graph as it has come to be, with these commits. */
  readonly graphWith: (commits: readonly Oid[]) => Promise<CommitGraph>;
  /** Bases of pending proposals at `to`; see `basesAfterMove`. */
  readonly bases: BasesAfterMove;
}

/** Moves the pointer inside the transaction; its proposals follow. Answers the branch and the events, or null when it had moved. */
export async function movePointer(tx: Transaction, move: PointerMove): Promise<{ readonly branch: BranchRecord; readonly events: readonly EventPayload[] } | null> {
  const { repo, branch, to, checkpoint, left, bases } = move;
  const moved = await tx.stepBranch({ branchId: branch.id, expectedVersion: branch.version, head: to, checkpointId: checkpoint?.id ?? null, changes: move.changes });
  if (moved === null) return null;
  if (left !== null && (await isHeldSince(tx, move, left))) return null;
  // One opened since the bases were read would keep a base that the head may not have any more.
  if ((await tx.pendingProposalsOf(branch.id)).some(({ id }) => !bases.has(id))) return null;
  const revised = await reviseProposals(tx, repo, moved, bases);
  if (revised === null) return null;
  return { branch: moved, events: [branchMoved(repo, branch.head, moved, checkpoint), ...revised] };
}

/** Most that has come since are heads of branches that others work on, which have nothing of this one. */
async function isHeldSince(tx: Transaction, { repo, branch, holders, graphWith }: PointerMove, left: Oid): Promise<boolean> {
  const known = new Set(holders);
  const since = (await tx.holders(repo.id, branch.id, left)).filter((oid) => !known.has(oid));
  return since.length > 0 && (await graphWith(since)).isReachable(left, since);
}
