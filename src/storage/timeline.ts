import { and, asc, eq, getTableColumns, gt, gte, inArray, sql, type AnyColumn, type SQL } from 'drizzle-orm';
import { branch, checkpoint, commitGraph, landing, proposal } from '../../drizzle/index.js';
import type { BranchRecord } from '../domain/branch.js';
import type { CheckpointRecord } from '../domain/checkpoint.js';
import type { BranchStep } from '../domain/ports/transaction.js';
import { REVERTS_RUN, type StateChange } from '../domain/timeline.js';
import type { Oid } from '../git/objects/object-source.js';
import { liveAt } from './branches.js';
import { nobodysTurn } from './locks.js';
import { bytesArray, oneOfNumbers } from './filters.js';
import type { Queries } from './sending.js';

/** The condition of the partial index on the few rows whose state the next move changes. */
const CHANGING = sql`${checkpoint.state} in ('CURRENT', 'UNDONE')`;

/** A checkpoint and its parents on the timeline, nearest first, `count` rows at most. */
export async function parentsOf(queries: Queries, checkpointId: number, count: number): Promise<CheckpointRecord[]> {
  const chain = sql`(with recursive chain(id, parent_id, depth) as (
    select ${checkpoint.id}, ${checkpoint.parentId}, 1 from ${checkpoint} where ${checkpoint.id} = ${checkpointId}
    union all
    select parent.id, parent.parent_id, chain.depth + 1 from ${checkpoint} as parent join chain on parent.id = chain.parent_id where chain.depth < ${count}
  ) select id, depth from chain) as chain`;
  return queries.select(getTableColumns(checkpoint)).from(checkpoint).innerJoin(chain, sql`chain.id = ${checkpoint.id}`).orderBy(sql`chain.depth`);
}

/** The undone checkpoints of each branch that has any, in order of number. */
export async function undoneOf(queries: Queries, branchIds: readonly number[]): Promise<{ readonly branchId: number; readonly rows: CheckpointRecord[] }[]> {
  const rows = await queries
    .select()
    .from(checkpoint)
    .where(and(oneOfNumbers(checkpoint.branchId, branchIds), eq(checkpoint.state, 'UNDONE'), CHANGING))
    .orderBy(asc(checkpoint.branchId), asc(checkpoint.number));
  const byBranch = new Map<number, CheckpointRecord[]>();
  for (const row of rows) byBranch.set(row.branchId, [...(byBranch.get(row.branchId) ?? []), row]);
  return Array.from(byBranch, ([branchId, undone]) => ({ branchId, rows: undone }));
}

/** A run's checkpoints on a branch that are neither undone nor abandoned, and made since the run was last taken out. In order of number. */
export async function checkpointsOfRun(queries: Queries, on: Pick<BranchRecord, 'id' | 'repoId'>, runId: string): Promise<CheckpointRecord[]> {
  const effective = and(eq(checkpoint.branchId, on.id), inArray(checkpoint.state, ['BEHIND', 'CURRENT']));
  const label = JSON.stringify([{ key: REVERTS_RUN, value: runId }]);
  const [reverted] = await queries
    .select({ number: sql`coalesce(max(${checkpoint.number}), 0)`.mapWith(checkpoint.number) })
    .from(checkpoint)
    .where(and(effective, eq(checkpoint.origin, 'REVERT'), sql`${checkpoint.metadata} @> ${label}::jsonb`));
  return queries
    .select()
    .from(checkpoint)
    .where(and(eq(checkpoint.repoId, on.repoId), eq(checkpoint.runId, runId), effective, gt(checkpoint.number, reverted?.number ?? 0)))
    .orderBy(asc(checkpoint.number));
}

/** Commits that came after another, among which holders are looked for; where there are more, all holders are read. */
const COMMITS_SINCE = 1000;

/** The commits by which others hold one of a branch's, or what came after it; the rules are at `Reader.holders`. */
export async function holdersOf(queries: Queries, repoId: number, branchId: number, oid: Oid): Promise<string[]> {
  const since = await commitsSince(queries, repoId, oid);
  const among = (column: AnyColumn): SQL | undefined => (since === null ? undefined : sql`${column} = any(${bytesArray(since)})`);
  const merged = and(eq(proposal.repoId, repoId), eq(proposal.state, 'MERGED'));
  const heads = queries.select({ oid: branch.head }).from(branch).where(and(eq(branch.repoId, repoId), sql`${branch.id} <> ${branchId}`, sql`${branch.deletedAt} is null`, among(branch.head)));
  const landed = queries.select({ oid: landing.sourceHead }).from(landing).where(and(eq(landing.repoId, repoId), among(landing.sourceHead)));
  const proposed = queries.select({ oid: proposal.head }).from(proposal).where(and(merged, among(proposal.head)));
  const merges = queries.select({ oid: sql<string>`${proposal.mergeCommit}`.mapWith(proposal.head) }).from(proposal).where(and(merged, sql`${proposal.mergeCommit} is not null`, among(proposal.mergeCommit)));
  const rows = await heads.union(landed).union(proposed).union(merges);
  return rows.map((row) => row.oid);
}

/**
 * The commit and all that the repository got with it or later, which is where everything is that contains it: whoever adds a commit has its parents. null
 * where there are too many, or the commit is not known.
 */
async function commitsSince(queries: Queries, repoId: number, oid: Oid): Promise<string[] | null> {
  const first = sql`(select ${commitGraph.batch} from ${commitGraph} where ${and(eq(commitGraph.repoId, repoId), eq(commitGraph.oid, oid))})`;
  const rows = await queries.select({ oid: commitGraph.oid }).from(commitGraph).where(and(eq(commitGraph.repoId, repoId), gte(commitGraph.batch, first))).limit(COMMITS_SINCE + 1);
  return rows.length === 0 || rows.length > COMMITS_SINCE ? null : rows.map((row) => row.oid);
}

/** Moves a branch along its timeline by compare-and-swap of its version. null: it has moved or is deleted, or unless this is `inTurn`, others stand in line for it. */
export async function stepBranch(queries: Queries, step: BranchStep, inTurn: boolean): Promise<BranchRecord | null> {
  const [moved] = await queries
    .update(branch)
    .set({ head: step.head, checkpointId: step.checkpointId, version: sql`${branch.version} + 1`, lastActivityAt: sql`now()`, mergedAt: null })
    .where(and(liveAt(step.branchId, step.expectedVersion), inTurn ? undefined : nobodysTurn(step.branchId)))
    .returning();
  if (moved === undefined) return null;
  return (await changeStates(queries, step.changes)) ? moved : null;
}

/** Changes states by compare-and-swap, one statement for each change of the same kind. false: a checkpoint was not in the state that was read. */
export async function changeStates(queries: Queries, changes: readonly StateChange[]): Promise<boolean> {
  const kinds = new Map<string, StateChange[]>();
  for (const change of changes) kinds.set(`${change.from} ${change.to}`, [...(kinds.get(`${change.from} ${change.to}`) ?? []), change]);
  for (const alike of kinds.values()) {
    const [first] = alike;
    if (first === undefined) continue;
    const ids = alike.map(({ checkpointId }) => checkpointId);
    const changed = await queries
      .update(checkpoint)
      .set({ state: first.to })
      .where(and(inArray(checkpoint.id, ids), eq(checkpoint.state, first.from)))
      .returning({ id: checkpoint.id });
    if (changed.length !== ids.length) return false;
  }
  return true;
}
