import type { BranchRecord } from './branch.js';
import { branchMoved, type BasesAfterMove } from './branch-move.js';
import type { MergePlan } from './merge-plan.js';
import type { EventPayload, RefChange } from './operation.js';
import type { NewCheckpoint, Transaction } from './ports/transaction.js';
import type { RepoRecord } from './repo.js';
import { reviseProposals } from './revise-proposals.js';

/** A plan that writes. */
export type WritingPlan = Extract<MergePlan, { readonly outcome: 'FAST_FORWARD' | 'MERGED' }>;

/** A merge on its way into the target. `source` is null when its branch is gone and only its commit is merged. */
export interface Landing {
  readonly repo: RepoRecord;
  readonly source: BranchRecord | null;
  readonly sourceHead: string;
  readonly target: BranchRecord;
  readonly plan: WritingPlan;
  readonly checkpoint: NewCheckpoint;
  readonly deleteSource: boolean;
  /** True where the source goes on to be proposed, so that it does not count as merged. */
  readonly staysOpen?: boolean;
  /** Bases of proposals that come from the target, by proposal id; see `basesAfterMove`. */
  readonly bases: BasesAfterMove;
}

/** What landing did, for the log; or which branch had moved. */
export type Landed =
  | { readonly kind: 'moved'; readonly branchId: number }
  | { readonly kind: 'landed'; readonly refs: readonly RefChange[]; readonly events: readonly EventPayload[]; readonly checkpointId: number };

/** The head that the target gets by this plan. */
export function landedHead(plan: WritingPlan): string {
  if (plan.outcome === 'FAST_FORWARD') return plan.head;
  return (plan.commits.at(-1) ?? plan.commits[0]).oid;
}

/** What the target's new head descends from, as far as commits are that have graph rows already. */
export function landedOn(plan: WritingPlan, targetHead: string, sourceHead: string): readonly string[] {
  if (plan.outcome === 'FAST_FORWARD') return [sourceHead];
  return plan.lands ? [targetHead] : [targetHead, sourceHead];
}

/**
 * The part of a merge that runs inside the transaction: both branches taken in order of id (the lock order of the house), the
 * target moved by compare-and-swap, its checkpoint, pack, graph rows and landing written, its own proposals revised.
 */
export async function landMerge(tx: Transaction, landing: Landing): Promise<Landed> {
  const { repo, source, target, plan } = landing;
  const head = landedHead(plan);
  const holdSource = async (): Promise<boolean> => source === null || tx.holdBranch(source.id, source.version);
  const sourceFirst = source !== null && source.id < target.id;
  if (sourceFirst && !(await holdSource())) return { kind: 'moved', branchId: source.id };
  const moved = await tx.advanceBranch({ branchId: target.id, expectedVersion: target.version, head, checkpoint: landing.checkpoint });
  if (moved === null) return { kind: 'moved', branchId: target.id };
  if (!sourceFirst && source !== null && !(await holdSource())) return { kind: 'moved', branchId: source.id };

  if (plan.outcome === 'MERGED') {
    if (plan.pack !== null) await tx.addPack(repo.id, plan.pack);
    await tx.addCommits(repo.id, plan.part === null ? plan.commits : [plan.part.base, ...plan.commits]);
    // The landed head is the base of whatever the source adds later: as after a real merge of it. Of a part, what was accepted is.
    if (plan.lands) await tx.addLanding({ repoId: repo.id, sourceHead: landing.sourceHead, targetCommit: head, base: plan.part?.base.oid ?? landing.sourceHead });
  }
  const refs: RefChange[] = [{ branchName: target.name, before: target.head, after: head }];
  const events: EventPayload[] = [branchMoved(repo, target.head, moved.branch, moved.checkpoint)];
  if (source !== null && landing.deleteSource) {
    if ((await tx.deleteBranch(source.id, source.version)) === null) return { kind: 'moved', branchId: source.id };
    refs.push({ branchName: source.name, before: source.head, after: null });
    events.push({ kind: 'BRANCH_DELETED', repoName: repo.name, branchId: source.id, branchName: source.name, before: source.head, after: null, version: source.version + 1 });
  } else if (source !== null && source.name !== repo.defaultBranch && landing.staysOpen !== true) {
    await tx.markMerged(source.id);
  }
  const revised = await reviseProposals(tx, repo, moved.branch, landing.bases);
  if (revised === null) return { kind: 'moved', branchId: target.id };
  events.push(...revised);
  return { kind: 'landed', refs, events, checkpointId: moved.checkpoint.id };
}
