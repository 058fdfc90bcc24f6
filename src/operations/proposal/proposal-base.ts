import { pendingProposalsFrom } from '../../domain/branch-move.js';
import type { BranchRecord } from '../../domain/branch.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { Request } from '../request.js';
import type { Found } from '../targets.js';

/** The branch that a proposal comes from, at the head that is proposed. */
export type ProposedSource = Pick<BranchRecord, 'id' | 'repoId' | 'name' | 'head'>;

/**
 * The commit that work is compared with when it is proposed into a target: the merge base, or what a squash left in its place. Refuses
 * unrelated histories, work that the target has already, and what another pending proposal than `except` proposes.
 */
export async function proposalBase(request: Request, source: ProposedSource, target: BranchRecord, except: number | null = null): Promise<Found<string>> {
  const { storage } = request.gateway;
  const graph = await storage.graph(source.repoId);
  const base = (await storage.landingBase(source.repoId, source.head, target.head)) ?? graph.mergeBases(target.head, source.head)[0] ?? null;
  if (base === null) return { ok: false, problem: problems.unrelatedHistories(source.name, target.name) };
  if (graph.isAncestor(source.head, target.head)) return { ok: false, problem: problems.nothingToPropose(source.name, target.name) };
  const pending = await pendingProposalsFrom(request.reader, source);
  const rival = pending.find(({ id, targetBranchId }) => targetBranchId === target.id && id !== except);
  return rival === undefined ? { ok: true, value: base } : { ok: false, problem: problems.alreadyProposed(source.name, target.name, rival.number) };
}

/** The same question about other proposals, inside a transaction that holds the source's row: of two callers one sees the other's. */
export async function alreadyProposed(tx: Transaction, source: Pick<ProposedSource, 'id' | 'name'>, target: BranchRecord, except: number | null = null): Promise<Problem | null> {
  const other = (await tx.pendingProposalsOf(source.id)).find(({ id, targetBranchId }) => targetBranchId === target.id && id !== except);
  return other === undefined ? null : problems.alreadyProposed(source.name, target.name, other.number);
}
